import type { Bell } from "@assay/executor/journal";
import { ProtocolError } from "@assay/protocol";
import type { Logger } from "pino";

/** A silent endpoint is asked again after at most this. */
const MAX_PAUSE_MS = 30_000;
/** A settled log is looked at this often all the same, for reorganisations deeper than were thought possible. */
const QUIET_MS = 60_000;

/** Takes steps while a batch is under way or when receipts are due, until the signal; a fault lengthens the pause. */
export async function work({
    step,
    dueInMs,
    pollMs,
    bell,
    log,
    signal,
}: {
    /** One step; says whether a batch is under way. */
    step: () => Promise<{ isOpen: boolean }>;
    /** Milliseconds until waiting receipts are due; undefined when none wait. */
    dueInMs: () => number | undefined;
    pollMs: number;
    bell: Bell;
    log: Logger;
    signal: AbortSignal;
}): Promise<void> {
    let faults = 0;
    let isOpen = false;
    let lookAtMs = performance.now();
    while (!signal.aborted) {
        const untilLookMs = lookAtMs - performance.now();
        // While a batch is under way, or the chain cannot be asked, there is no use in more haste.
        const ms = isOpen || faults > 0 ? untilLookMs : Math.min(untilLookMs, dueInMs() ?? QUIET_MS);
        if (ms > 0) {
            await bell.wait({ ms, signal });
            continue;
        }
        try {
            ({ isOpen } = await step());
            faults = 0;
            lookAtMs = performance.now() + (isOpen ? pollMs : QUIET_MS);
        } catch (error) {
            faults += 1;
            const code = error instanceof ProtocolError ? error.code : undefined;
            log.warn({ code, err: error, faults }, "receipts could not be settled");
            lookAtMs = performance.now() + Math.min(pollMs * 2 ** Math.min(faults, 10), MAX_PAUSE_MS);
        }
    }
}
