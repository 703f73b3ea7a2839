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
            read: () => Promise<Standing | undefined>;
            onChange: (standing: Standing) => void;
            signal: AbortSignal;
        },
    ) => Promise<void>;
};

/** Nobody watches yet. */
export function createWatchers(): Watchers {
    const bells = new Map<string, Set<Bell>>();
    return {
        changed: (id) => {
            for (const bell of bells.get(id) ?? []) bell.ring();
        },
        watch: async (id, { read, onChange, signal }) => {
            const bell = createBell();
            const own = bells.get(id) ?? new Set();
            bells.set(id, own.add(bell));
            try {
                for (let last = ""; !signal.aborted; await bell.wait({ ms: INTERVAL_MS, signal })) {
                    const standing = await read();
                    if (standing === undefined) return;
                    const text = JSON.stringify(standing);
                    if (text !== last && !signal.aborted) onChange(standing);
                    last = text;
                }
            } finally {
                own.delete(bell);
                if (own.size === 0) bells.delete(id);
            }
        },
    };
}
