import type { Database } from "@assay/executor/journal";
import { createCache } from "@assay/executor/parts";
import { type Hex, leafOf, ProtocolError, type ReceiptTree } from "@assay/protocol";
import { entryOf, type Inclusion, type LeafRow } from "../../core/settlement.ts";
import { type Batch, batchWith, leavesOf } from "./batches.ts";
import { growTree } from "./growTree.ts";
import { leafById, leavesFrom } from "./leaves.ts";

/** Trees kept in memory; one of 100,000 leaves takes about 30 MB. */
const TREES_KEPT = 3;

/** Gives the way from receipts to the roots in the log, from the leaves that were kept with their batch. */
export function createProofs({ database, log, executor }: { database: Database; log: Hex; executor: Hex }) {
    const trees = createCache<Grown>({
        capacity: TREES_KEPT,
        open: async (name) => {
            const leaves = (await leavesOf(database, Number.parseInt(name, 10))) ?? [];
            return { leaves, tree: await growTree(leaves) };
        },
        close: async () => {},
    });

    /** undefined: the row is not what was posted. */
    const inclusionOf = async (row: LeafRow, posted: Settled): Promise<Inclusion | undefined> => {
        const { firstSequence, root, batch, transaction = null } = posted;
        const entry = entryOf(row);
        if (entry === undefined) return undefined;
        const leaf = leafOf({ executor, ...entry });
        // The root is part of the name: after a reorganisation another batch may start with the same sequence.
        const name = `${firstSequence} ${root}`;
        const proof = await trees.use(name, async ({ leaves, tree }) => {
            const at = row.sequence - firstSequence;
            return tree.root === root && leaves[at] === leaf ? tree.proofOf(at) : undefined;
        });
        if (proof === undefined) return undefined;
        return { log, executor, batch, root, ...entry, proof, leaf, transaction };
    };

    return {
        /** By the inference's id; see Settlement. */
        proofOf: async (id: string, settledUpTo: number): Promise<Inclusion | undefined> => {
            const row = await leafById(database, id);
            if (row === undefined) return undefined;
            const { sequence } = row;
            const posted = await batchWith(database, sequence);
            if (posted === undefined && sequence < settledUpTo) {
                throw new ProtocolError({ code: "GATEWAY_BATCH_FOREIGN" });
            }
            if (!isSettled(posted)) throw new ProtocolError({ code: "GATEWAY_PROOF_PENDING" });
            const found = await inclusionOf(row, posted);
            if (found !== undefined) return found;
            throw new ProtocolError({
                code: "GATEWAY_LEAF_DAMAGED",
                message: `What the journal holds at sequence ${sequence} is not what was posted.`,
            });
        },

        /** From a sequence on, ascending; see Settlement. */
        proofsFrom: async ({ sequence, most }: { sequence: number; most: number }): Promise<Inclusion[]> => {
            const inclusions: Inclusion[] = [];
            let posted: Batch | undefined;
            for (const row of await leavesFrom(database, { sequence, most })) {
                if (posted === undefined || row.sequence >= posted.firstSequence + posted.count) {
                    posted = await batchWith(database, row.sequence);
                }
                const found = isSettled(posted) ? await inclusionOf(row, posted) : undefined;
                if (found !== undefined) inclusions.push(found);
            }
            return inclusions;
        },
    };
}

/** Leaves as they were posted, and their tree. */
type Grown = { leaves: readonly Hex[]; tree: ReceiptTree };
type Settled = Batch & { batch: number };

function isSettled(batch: Batch | undefined): batch is Settled {
    return batch?.batch !== undefined;
}
