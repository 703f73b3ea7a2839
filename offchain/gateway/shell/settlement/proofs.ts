import type { Database } from "@assay/executor/journal";
import { createCache } from "@assay/executor/parts";
import { type Hex, leafOf, ProtocolError, type ReceiptTree, receiptTree, rootOf } from "@assay/protocol";
import { entryOf, type Inclusion } from "../../core/settlement.ts";
import { batchWith, leavesOf } from "./batches.ts";
import { leafById } from "./leaves.ts";

/** Trees kept in memory; one of 100,000 leaves takes about 30 MB. */
const TREES_KEPT = 3;

/** Gives the way from receipts to the roots in the log, from the leaves that were kept with their batch. */
export function createProofs({ database, log, executor }: { database: Database; log: Hex; executor: Hex }) {
    const trees = createCache<ReceiptTree>({
        capacity: TREES_KEPT,
        open: async (name) => receiptTree((await leavesOf(database, Number.parseInt(name, 10))) ?? []),
        close: async () => {},
    });

    return async (id: string, settledUpTo: number): Promise<Inclusion | undefined> => {
        const row = await leafById(database, id);
        if (row === undefined) return undefined;
        const { sequence } = row;
        const posted = await batchWith(database, sequence);
        if (posted === undefined && sequence < settledUpTo) throw new ProtocolError({ code: "GATEWAY_BATCH_FOREIGN" });
        if (posted?.batch === undefined) throw new ProtocolError({ code: "GATEWAY_PROOF_PENDING" });
        const { firstSequence, root, batch, transaction = null } = posted;
        // The root is part of the name: after a reorganisation another batch may start with the same sequence.
        const name = `${firstSequence} ${root}`;
        const proof = await trees.use(name, async (tree) => tree.proofOf(sequence - firstSequence));
        const entry = entryOf(row);
        const leaf = entry === undefined ? undefined : leafOf({ executor, ...entry });
        if (leaf !== undefined && rootOf({ leaf, proof }) === root) {
            return { log, executor, batch, root, sequence, proof, leaf, transaction };
        }
        throw new ProtocolError({
            code: "GATEWAY_LEAF_DAMAGED",
            message: `What the journal holds at sequence ${sequence} is not what was posted.`,
        });
    };
}
