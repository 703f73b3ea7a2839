import { address, bytes32, hashWords, uint } from "../_abi.ts";
import { ProtocolError } from "../errors/ProtocolError.ts";
import { concat, type Hex, hexToBytes, keccak256 } from "../hex.ts";
import { tag } from "../ids.ts";

/** Computed once: batches have up to 100,000 leaves. */
const TAG_LEAF = bytes32(tag("leaf"));

/** Leaf of a receipt in a Merkle batch; hashed twice, so that no inner node is one. */
export function leafOf(parts: { executor: Hex; sequence: number; digest: Hex; receiptHash: Hex }): Hex {
    const inner = hashWords(
        TAG_LEAF,
        address(parts.executor),
        uint(parts.sequence),
        bytes32(parts.digest),
        bytes32(parts.receiptHash),
    );
    return keccak256(hexToBytes(inner));
}

/** Root that a leaf and the siblings on its way up lead to. */
export function rootOf({ leaf, proof }: { leaf: Hex; proof: readonly Hex[] }): Hex {
    return proof.reduce(hashPair, leaf);
}

/** A Merkle tree of receipts, and the way from each leaf to its root. */
export interface ReceiptTree {
    root: Hex;
    /** Siblings on the longest way to the root: the least depth with leaves <= 2^depth, as ReceiptLog demands. */
    depth: number;
    /** Siblings of a leaf, from the leaf up; shorter than the depth where a node without a sibling moves up unchanged. */
    proofOf: (index: number) => Hex[];
}

/**
 * The tree over leaves in the order of their sequences; throws VALUE_OUT_OF_RANGE when there are none.
 *
 * @example
 * receiptTree([`0x${"11".repeat(32)}`]).depth; // 0
 */
export function receiptTree(leaves: readonly Hex[]): ReceiptTree {
    const levels: (readonly Hex[])[] = [leaves];
    for (let level = leaves; level.length > 1; ) {
        level = parentsOf(level);
        levels.push(level);
    }
    const root = levels.at(-1)?.[0];
    if (root === undefined) throw new ProtocolError({ code: "VALUE_OUT_OF_RANGE", message: "A tree needs leaves." });
    const proofOf = (index: number) =>
        levels.slice(0, -1).flatMap((level, height) => {
            const sibling = level[(index >> height) ^ 1];
            return sibling === undefined ? [] : [sibling];
        });
    return { root, depth: levels.length - 1, proofOf };
}

/** The level above; a last node without a sibling moves up as it is. */
function parentsOf(level: readonly Hex[]): Hex[] {
    const parents: Hex[] = [];
    for (let at = 0; at < level.length; at += 2) {
        const [left, right] = level.slice(at, at + 2);
        if (left !== undefined) parents.push(right === undefined ? left : hashPair(left, right));
    }
    return parents;
}

/** Parent of two nodes in sorted order, as OpenZeppelin's MerkleProof has it. */
function hashPair(a: Hex, b: Hex): Hex {
    return keccak256(concat(...[a, b].sort().map((node) => hexToBytes(node))));
}
