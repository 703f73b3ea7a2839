import { ProtocolError } from "@assay/protocol";

/** Runs tasks one after the other, in the order they came. */
export interface Queue {
    /** Throws PROVER_BUSY when too many wait, and the reason of `signal` when that comes before the task's turn. */
    run<T>(task: () => Promise<T>, signal?: AbortSignal | undefined): Promise<T>;
    /** Resolves when nothing runs and nothing waits. */
    idle(): Promise<void>;
}

/** A queue in which at most `waiting` tasks wait. */
export function createQueue({ waiting: limit }: { waiting: number }): Queue {
    let last: Promise<unknown> = Promise.resolve();
    let pending = 0; // running or waiting
    return {
        async run(task, signal) {
            if (pending > limit) throw new ProtocolError({ code: "PROVER_BUSY" });
            pending++;
            const turn = last;
            const done = (async () => {
                await turn;
                signal?.throwIfAborted();
                return await task();
            })();
            last = done.catch(() => {}).finally(() => pending--);
            return done;
        },
        async idle() {
            while (pending > 0) await last;
        },
    };
}
