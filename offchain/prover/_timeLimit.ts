import { ProtocolError } from "@assay/protocol";

/** Runs with a signal that comes with the caller's own or after the time limit; then the reason is PROVER_TIMEOUT. */
export async function withTimeLimit<T>({
    timeLimitMs,
    signal,
    run,
}: {
    timeLimitMs: number;
    signal?: AbortSignal | undefined;
    run: (stopped: AbortSignal) => Promise<T>;
}): Promise<T> {
    signal?.throwIfAborted();
    const controller = new AbortController();
    const forward = (): void => controller.abort(signal?.reason);
    const timer = setTimeout(() => {
        const message = `The proof was not there after ${timeLimitMs} ms.`;
        controller.abort(new ProtocolError({ code: "PROVER_TIMEOUT", message }));
    }, timeLimitMs);
    signal?.addEventListener("abort", forward, { once: true });
    try {
        return await run(controller.signal);
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", forward);
    }
}
