import { ProtocolError } from "@assay/protocol";

/** Lets a bounded number of works run at the same time. */
export type Door = { pass: <T>(work: () => Promise<T>) => Promise<T> };

/** A door for `capacity`; whoever finds it full is told ENCLAVE_BUSY at once, so that nothing piles up in memory. */
export function createDoor({ capacity }: { capacity: number }): Door {
    let inside = 0;
    return {
        pass: async (work) => {
            if (inside >= capacity) throw new ProtocolError({ code: "ENCLAVE_BUSY" });
            inside += 1;
            try {
                return await work();
            } finally {
                inside -= 1;
            }
        },
    };
}
