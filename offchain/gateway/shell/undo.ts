/** What was opened, to be closed in the opposite order. */
export type Undo = {
    push: (step: () => Promise<void>) => void;
    /** Closes everything, whatever goes wrong with one of them; throws the first fault at the end. */
    all: () => Promise<void>;
};

/** Nothing is open yet. */
export function createUndo(): Undo {
    const steps: (() => Promise<void>)[] = [];
    return {
        push: (step) => void steps.push(step),
        all: async () => {
            const faults: unknown[] = [];
            for (const step of steps.splice(0).reverse()) await step().catch((fault: unknown) => faults.push(fault));
            if (faults.length > 0) throw faults[0];
        },
    };
}
