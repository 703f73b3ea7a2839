import { isProtocolError, type ProtocolError } from "@assay/protocol";

/** The ProtocolError that work throws. */
export async function faultOf(work: Promise<unknown>): Promise<ProtocolError> {
    const error = await work.then(
        () => undefined,
        (thrown: unknown) => thrown,
    );
    if (isProtocolError(error)) return error;
    throw new Error(`Expected a ProtocolError, got ${String(error)}.`);
}
