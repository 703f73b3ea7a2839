import { ProtocolError } from "@assay/protocol";

/** The ProtocolError that a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<ProtocolError> {
    return promise.then(
        () => {
            throw new Error("nothing is refused");
        },
        (error: unknown) => asFault(error),
    );
}

/** The ProtocolError that a function throws. */
export function thrownBy(run: () => unknown): ProtocolError {
    try {
        run();
    } catch (error) {
        return asFault(error);
    }
    throw new Error("nothing is refused");
}

function asFault(error: unknown): ProtocolError {
    if (error instanceof ProtocolError) return error;
    throw new Error("not a ProtocolError", { cause: error });
}
