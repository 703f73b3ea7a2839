/** Things that are costly to open, by name; of those that nobody uses, the longest unused is closed when there are too many. */
export type Cache<T> = {
    /** Runs work with the open thing of this name, which is opened now if it is not, and stays open meanwhile. */
    use: <R>(name: string, work: (thing: T) => Promise<R>) => Promise<R>;
    /** Closes all. Nothing may be in use any more. */
    close: () => Promise<void>;
};

type Entry<T> = { name: string; opening: Promise<T>; users: number };

/** A cache that keeps at most `capacity` things open beyond those in use. */
export function createCache<T>({
    capacity,
    open,
    close,
}: {
    capacity: number;
    open: (name: string) => Promise<T>;
    close: (thing: T) => Promise<void>;
}): Cache<T> {
    // In the order of last use.
    const entries = new Map<string, Entry<T>>();

    const drop = async ({ name, opening }: Entry<T>) => {
        entries.delete(name);
        // What could not be opened needs no closing.
        const thing = await opening.catch(() => undefined);
        if (thing !== undefined) await close(thing);
    };
    const trim = async () => {
        const idle = [...entries.values()].filter(({ users }) => users === 0);
        for (const entry of idle.slice(0, Math.max(0, entries.size - capacity))) await drop(entry);
    };

    return {
        use: async (name, work) => {
            const entry = entries.get(name) ?? { name, opening: open(name), users: 0 };
            entries.delete(name);
            entries.set(name, entry);
            entry.users += 1;
            try {
                return await work(await entry.opening);
            } finally {
                entry.users -= 1;
                // A thing that failed to open is tried again by whoever wants it next.
                await entry.opening.catch(() => entries.delete(name));
                await trim();
            }
        },
        close: async () => {
            for (const entry of [...entries.values()]) await drop(entry);
        },
    };
}
