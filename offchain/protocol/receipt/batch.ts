import { address, bytes32, hashWords, uint } from "../_abi.ts";
import { concat, type Hex, hexToBytes, keccak256 } from "../hex.ts";
import { tag } from "../ids.ts";

/** Leaf of a receipt in a Merkle batch; hashed twice, so that no inner node is one. */
export function leafOf(parts: { executor: Hex; sequence: number; digest: Hex; receiptHash: Hex }): Hex {
    const inner = hashWords(
        bytes32(tag("leaf")),
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

/** Parent of two nodes in sorted order, as OpenZeppelin's MerkleProof has it. */
function hashPair(a: Hex, b: Hex): Hex {
    return keccak256(concat(...[a, b].sort().map((node) => hexToBytes(node))));
}
