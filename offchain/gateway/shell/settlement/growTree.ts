import { setImmediate } from "node:timers/promises";
import { type Hex, type ReceiptTree, receiptTree } from "@assay/protocol";

/** Leaves of one part: a power of two, so that parts are subtrees, and about 3 ms of work. */
const PART = 256;

/** receiptTree of many leaves, in parts between which requests are answered. */
export async function growTree(leaves: readonly Hex[]): Promise<ReceiptTree> {
    if (leaves.length <= PART) return receiptTree(leaves);
    const parts: ReceiptTree[] = [];
    for (let at = 0; at < leaves.length; at += PART) {
        await setImmediate();
        parts.push(receiptTree(leaves.slice(at, at + PART)));
    }
    // A last part that is not full has a lower root, which moves up unchanged as every node without a sibling does.
    const top = await growTree(parts.map(({ root }) => root));
    return {
        root: top.root,
        depth: top.depth + Math.log2(PART),
        proofOf: (index) => {
            const part = Math.floor(index / PART);
            return [...(parts[part]?.proofOf(index % PART) ?? []), ...top.proofOf(part)];
        },
    };
}
