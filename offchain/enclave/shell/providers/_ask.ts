import { ProtocolError } from "@assay/protocol";

/** A provider that does not answer within this is taken as unable to. */
const ANSWER_TIMEOUT_MS = 15_000;

/** Asks a provider within a time; whatever goes wrong is ENCLAVE_PROVIDER_FAILED, which may be asked again. */
export async function ask<T>({
    name,
    signal,
    timeoutMs = ANSWER_TIMEOUT_MS,
    work,
}: {
    name: string;
    signal: AbortSignal;
    timeoutMs?: number | undefined;
    work: (signal: AbortSignal) => Promise<T>;
}): Promise<T> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
        return await Promise.race([work(bounded), whenAborted(bounded)]);
    } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new ProtocolError({ code: "ENCLAVE_PROVIDER_FAILED", message: `${name}: ${why}.`, cause });
    }
}

/** For work that cannot be told to stop, such as reading a device. */
function whenAborted(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
        const end = () => reject(signal.reason);
        if (signal.aborted) end();
        else signal.addEventListener("abort", end, { once: true });
    });
}
