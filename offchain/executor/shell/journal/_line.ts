import { setImmediate } from "node:timers/promises";

/** Work on a database. `isShared`: it need not wait for the disk, since something behind it does. */
export type Work<T> = (isShared: boolean) => Promise<T>;

/** The works of a database, one at a time and in the order in which they came. */
export type Line = {
    /** Works that wait together share one wait for the disk; none is over before it. */
    share: <T>(work: Work<T>) => Promise<T>;
    /** Work that runs by itself, and may depend on all before it. */
    alone: <T>(work: () => Promise<T>) => Promise<T>;
};

type Place = { run: Work<() => void>; fail: (error: unknown) => void; canShare: boolean };

/** So many share one wait at most: the first of them waits for all. */
const MOST_TOGETHER = 32;

/**
 * Nobody waits yet. `flush` waits until the disk has all that was done; `tend` is called between works, with the number of
 * those done since. Work begins once the process has nothing else at hand: by then the others that came with it wait, too,
 * and answers that were ready are on their way.
 */
export function createLine({
    flush,
    tend,
}: {
    flush: () => Promise<void>;
    tend: (works: number) => Promise<void>;
}): Line {
    const waiting: Place[] = [];
    let isBusy = false;

    const serveAll = async () => {
        isBusy = true;
        await setImmediate();
        for (let group = nextOf(waiting); group.length > 0; group = nextOf(waiting)) await serve(group);
        isBusy = false;
    };
    const serve = async (group: readonly Place[]) => {
        const isShared = group.length > 1;
        const tell: (() => void)[] = [];
        for (const { run } of group) tell.push(await run(isShared));
        try {
            if (isShared) await flush();
        } catch (error) {
            for (const { fail } of group) fail(error);
        }
        for (const one of tell) one();
        // What it comes to is told to whoever comes next.
        await tend(group.length).catch(() => {});
    };
    const join = <T>(work: Work<T>, canShare: boolean): Promise<T> => {
        const { promise, resolve, reject } = Promise.withResolvers<T>();
        const run = (isShared: boolean) =>
            work(isShared).then(
                (result) => () => resolve(result),
                (error: unknown) => () => reject(error),
            );
        waiting.push({ run, fail: reject, canShare });
        if (!isBusy) void serveAll();
        return promise;
    };
    return { share: (work) => join(work, true), alone: (work) => join(work, false) };
}

/** Those at the head of the line that go together; empty if nobody waits. */
function nextOf(waiting: Place[]): Place[] {
    const end = waiting.findIndex(({ canShare }) => !canShare);
    const together = end === -1 ? waiting.length : Math.max(end, 1);
    return waiting.splice(0, Math.min(together, MOST_TOGETHER));
}
