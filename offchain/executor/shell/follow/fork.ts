import { ProtocolError } from "@assay/protocol";
import type { BlockRef } from "../../core/state.ts";
import type { Chain, Header } from "../chain/chain.ts";

/** Where the chain that is remembered and the chain that is there part. */
export type Fork = {
    /** Everything remembered above this number is gone. */
    number: number;
    /** Whether the remembered blocks do not reach down to the common one. */
    tooDeep: boolean;
};

/** The newest remembered block that is still part of the chain. `remembered` is newest first. */
export async function findFork({
    chain,
    remembered,
    latest,
    signal,
}: {
    chain: Chain;
    remembered: readonly BlockRef[];
    latest: Header;
    signal: AbortSignal;
}): Promise<Fork> {
    for (const block of remembered) {
        if (block.number > latest.number) continue;
        const there = block.number === latest.number ? latest : await chain.header({ at: block.number, signal });
        if (there?.hash === block.hash) return { number: block.number, tooDeep: false };
    }
    const oldest = remembered.at(-1)?.number ?? 0;
    return { number: Math.min(oldest, latest.number) - 1, tooDeep: remembered.length > 0 };
}

/**
 * The headers from a number up to `latest`, each the child of the one before. Blocks that were replaced while they were
 * read do not fit together: EXECUTOR_RPC_INCONSISTENT, and the next poll sees a chain that does.
 */
export async function linkedHeaders({
    chain,
    from,
    latest,
    parent,
    signal,
}: {
    chain: Chain;
    from: number;
    latest: Header;
    /** The block below `from`, if it is remembered. */
    parent: BlockRef | undefined;
    signal: AbortSignal;
}): Promise<Header[]> {
    const headers: Header[] = [];
    let below = parent;
    for (let number = from; number <= latest.number; number++) {
        const header = number === latest.number ? latest : await chain.header({ at: number, signal });
        const linked = header !== undefined && (below === undefined || header.parentHash === below.hash);
        if (!linked && !(await areStill({ chain, blocks: [below, header], signal }))) {
            const message = `Block ${number} is not the child of block ${number - 1}.`;
            throw new ProtocolError({ code: "EXECUTOR_RPC_INCONSISTENT", message });
        }
        if (header === undefined) break;
        headers.push(header);
        below = header;
    }
    return headers;
}

/**
 * Whether the endpoint still gives the same blocks when it is asked again. Development nodes that mine many blocks at once
 * do not link them; on a chain that is being reorganised, one of the two has changed.
 */
async function areStill({
    chain,
    blocks,
    signal,
}: {
    chain: Chain;
    blocks: readonly (BlockRef | undefined)[];
    signal: AbortSignal;
}): Promise<boolean> {
    for (const block of blocks) {
        const again = block && (await chain.header({ at: block.number, signal }));
        if (again === undefined || again.hash !== block?.hash) return false;
    }
    return true;
}
