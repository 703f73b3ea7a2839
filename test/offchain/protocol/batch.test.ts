import { type Hex, keccak256, leafOf, receiptTree, rootOf, ZERO_BYTES32 } from "@assay/protocol";
import { expect } from "chai";
import { expectError } from "./_expect.ts";

const EXECUTOR: Hex = `0x${"e1".repeat(20)}`;

function leavesOf(count: number): Hex[] {
    return Array.from({ length: count }, (_, sequence) =>
        leafOf({ executor: EXECUTOR, sequence, digest: keccak256(Uint8Array.of(sequence)), receiptHash: ZERO_BYTES32 }),
    );
}

describe("receiptTree", () => {
    for (const count of [1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 100]) {
        it(`leads each of ${count} leaves to the root, within its depth`, () => {
            const leaves = leavesOf(count);
            const { root, depth, proofOf } = receiptTree(leaves);

            expect(depth).to.equal(Math.ceil(Math.log2(count)));
            for (const [index, leaf] of leaves.entries()) {
                const proof = proofOf(index);
                expect(rootOf({ leaf, proof })).to.equal(root);
                expect(proof.length).to.be.at.most(depth);
            }
        });
    }

    it("has another root when two leaves change places across pairs", () => {
        const [a, b, c, d] = leavesOf(4);
        if (!a || !b || !c || !d) throw new Error("unreachable");

        expect(receiptTree([a, c, b, d]).root).to.not.equal(receiptTree([a, b, c, d]).root);
    });

    it("refuses a tree without leaves", () => {
        expectError(() => receiptTree([]), "VALUE_OUT_OF_RANGE");
    });
});
