/** Waits that can be cut short. */
export type Bell = {
    /** Ends the present wait, or the next one at once. */
    ring: () => void;
    /** Waits until the bell rings, the time is over, or the signal is aborted. */
    wait: (parts: { ms: number; signal: AbortSignal }) => Promise<void>;
};

/** A bell that nobody has rung yet. */
export function createBell(): Bell {
    let rung = false;
    let end = () => {};
    return {
        ring: () => {
            rung = true;
            end();
        },
        wait: async ({ ms, signal }) => {
            if (!rung && !signal.aborted) {
                await new Promise<void>((resolve) => {
                    const timer = setTimeout(() => end(), ms);
                    end = () => {
                        clearTimeout(timer);
                        signal.removeEventListener("abort", end);
                        resolve();
                    };
                    signal.addEventListener("abort", end, { once: true });
                });
            }
            rung = false;
            end = () => {};
        },
    };
}
