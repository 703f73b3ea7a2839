/** Runs work with bounded concurrency; of what waits, the most urgent goes first. */
export type Lane = {
    /** Waits for a place, then runs. An aborted signal takes work that has not begun out of the queue, by throwing its reason. */
    run: <T>(parts: { urgency: number; signal: AbortSignal; work: () => Promise<T> }) => Promise<T>;
    /** Pieces of work that run or wait. */
    size: () => number;
};

type Waiting = { urgency: number; start: () => void };

/** A lane of `width` places. `urgency`: the smaller, the sooner (a deadline in unix seconds serves well). */
export function createLane({ width }: { width: number }): Lane {
    const waiting: Waiting[] = [];
    let busy = 0;

    const next = () => {
        waiting.sort((a, b) => a.urgency - b.urgency);
        waiting.shift()?.start();
    };
    const enter = ({ urgency, signal }: { urgency: number; signal: AbortSignal }) =>
        new Promise<void>((resolve, reject) => {
            signal.throwIfAborted();
            const entry: Waiting = { urgency, start: () => {} };
            const leave = () => {
                waiting.splice(waiting.indexOf(entry), 1);
                reject(signal.reason);
            };
            entry.start = () => {
                signal.removeEventListener("abort", leave);
                busy += 1;
                resolve();
            };
            if (busy < width) return entry.start();
            signal.addEventListener("abort", leave, { once: true });
            waiting.push(entry);
        });

    return {
        run: async ({ urgency, signal, work }) => {
            await enter({ urgency, signal });
            try {
                return await work();
            } finally {
                busy -= 1;
                next();
            }
        },
        size: () => busy + waiting.length,
    };
}
