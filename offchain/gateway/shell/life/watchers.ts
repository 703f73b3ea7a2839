import { type Bell, createBell } from "@assay/executor/journal";
import type { Standing } from "../../core/life.ts";

/** That a receipt came into a batch, nobody tells: it is looked at this often. */
const INTERVAL_MS = 1_000;

/** Those who want to know of every change of an inference. */
export type Watchers = {
    changed: (id: string) => void;
    /** Calls back now and at every change until the signal, or until there is nothing to read. */
    watch: (
        id: string,
        parts: {
            read: Read;
            onChange: (standing: Standing) => void;
            signal: AbortSignal;
        },
    ) => Promise<void>;
};

type Read = () => Promise<Standing | undefined>;
type Reading = { standing: ReturnType<Read>; atMs: number };

/** Nobody watches yet. */
export function createWatchers(): Watchers {
    const bells = new Map<string, Set<Bell>>();
    const readings = new Map<string, Reading>();
    /** However many watch an inference, the journal is asked once in an interval, and at every change. */
    const share = (id: string, read: Read): ReturnType<Read> => {
        const known = readings.get(id);
        if (known !== undefined && performance.now() - known.atMs < INTERVAL_MS) return known.standing;
        const reading = { standing: read(), atMs: performance.now() };
        readings.set(id, reading);
        reading.standing.catch(() => readings.delete(id));
        return reading.standing;
    };
    return {
        changed: (id) => {
            readings.delete(id);
            for (const bell of bells.get(id) ?? []) bell.ring();
        },
        watch: async (id, { read, onChange, signal }) => {
            const bell = createBell();
            const own = bells.get(id) ?? new Set();
            bells.set(id, own.add(bell));
            try {
                for (let last = ""; !signal.aborted; await bell.wait({ ms: INTERVAL_MS, signal })) {
                    const standing = await share(id, read);
                    if (standing === undefined) return;
                    const text = JSON.stringify(standing);
                    if (text !== last && !signal.aborted) onChange(standing);
                    last = text;
                }
            } finally {
                own.delete(bell);
                if (own.size === 0) {
                    bells.delete(id);
                    readings.delete(id);
                }
            }
        },
    };
}
