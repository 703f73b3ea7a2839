import { ProtocolError } from "@assay/protocol";

/** Lets a bounded number of works run at the same time. */
export type Door = {
    pass: <T>(work: () => Promise<T>) => Promise<T>;
    /** Settles when all that is inside now has ended. */
    empty: () => Promise<void>;
};

/** A door for `capacity`; whoever finds it full is told ENCLAVE_BUSY at once, so that nothing piles up in memory. */
export function createDoor({ capacity }: { capacity: number }): Door {
    const inside = new Set<Promise<unknown>>();
    return {
        pass: async (work) => {
            if (inside.size >= capacity) throw new ProtocolError({ code: "ENCLAVE_BUSY" });
            const working = work();
            inside.add(working);
            try {
                return await working;
            } finally {
                inside.delete(working);
            }
        },
        empty: async () => {
            await Promise.allSettled(inside);
        },
    };
}
