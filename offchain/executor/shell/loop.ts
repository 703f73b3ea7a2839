import { ProtocolError } from "@assay/protocol";
import type { Logger } from "pino";
import type { Bell } from "./bell.ts";

/** A silent or confused endpoint is asked again after at most this. */
const MAX_PAUSE_MS = 30_000;

/** Repeats work until the signal is aborted; faults are logged, and lengthen the pause. Whoever rings the bell ends it. */
export async function repeat({
    work,
    bell,
    intervalMs,
    log,
    signal,
}: {
    work: () => Promise<void>;
    bell: Bell;
    intervalMs: number;
    log: Logger;
    signal: AbortSignal;
}): Promise<void> {
    let faults = 0;
    while (!signal.aborted) {
        try {
            await work();
            faults = 0;
        } catch (error) {
            if (signal.aborted) return;
            faults += 1;
            const code = error instanceof ProtocolError ? error.code : undefined;
            log.warn({ code, err: error, faults }, "the chain could not be followed");
        }
        await bell.wait({ ms: Math.min(intervalMs * 2 ** Math.min(faults, 10), MAX_PAUSE_MS), signal });
    }
}
