import { type ChainState, type Receipt, verifyReceipt } from "@assay/protocol";
import { expect } from "chai";
import { gatewayStories } from "./_gatewayStories.ts";
import { leavesOf, otherThan, type Path, placesOf, replaced, without } from "./_leaves.ts";
import { stories } from "./_stories.ts";

function pathOf(path: Path): string {
    return path.join(".");
}

/** Leaves whose change the verifier accepts. */
function openLeaves(receipt: Receipt, chainState?: ChainState): string[] {
    return leavesOf(receipt)
        .filter((path) => verifyReceipt({ receipt: replaced(receipt, path, otherThan), chainState }).accepted)
        .map(pathOf);
}

describe("every field of a receipt", function () {
    this.timeout(30_000); // each of some hundred changed receipts is verified, pairing included

    for (const { name, receipt, claimed, chain, claimedWithChain } of [...stories(), ...gatewayStories()]) {
        describe(name, () => {
            it("is accepted as it was issued, alone and against its chain", () => {
                expect(verifyReceipt({ receipt })).to.deep.include({ code: "ACCEPTED", reason: "" });
                expect(verifyReceipt({ receipt, chainState: chain })).to.deep.include({ code: "ACCEPTED", reason: "" });
            });

            it("fails when changed, but for what the verdict lists as claimed", () => {
                const { claimed: listed } = verifyReceipt({ receipt });
                const open = openLeaves(receipt);

                expect(open.sort()).to.deep.equal([...claimed].sort());
                for (const path of open) {
                    expect(
                        listed.some(({ subject }) => path === subject || path.startsWith(`${subject}.`)),
                        path,
                    ).to.equal(true);
                }
            });

            it("fails when changed, claims included, against the chain", () => {
                expect(openLeaves(receipt, chain).sort()).to.deep.equal([...claimedWithChain].sort());
            });

            it("fails when its text takes another form", () => {
                for (const path of leavesOf(receipt)) {
                    const upper = replaced(receipt, path, (old) =>
                        typeof old === "string" ? old.toUpperCase() : [old],
                    );
                    if (JSON.stringify(upper) === JSON.stringify(receipt)) continue;
                    expect(verifyReceipt({ receipt: upper }).accepted && !isProse(path), pathOf(path)).to.equal(false);
                }
            });

            it("is wanted: without it a receipt is refused or claims less, never more", () => {
                const full = verifyReceipt({ receipt });
                for (const path of placesOf(receipt)) {
                    const verdict = verifyReceipt({ receipt: without(receipt, path) });
                    if (!verdict.accepted) continue;
                    expect(verdict.proven.length, pathOf(path)).to.be.at.most(full.proven.length);
                    expect(verdict.present & ~full.present, pathOf(path)).to.equal(0);
                }
            });

            it("has company of no other: unknown members are refused", () => {
                const places = placesOf(receipt).filter((path) => !isFree(path));
                for (const path of [[], ...places]) {
                    const extended = replaced(receipt, path, (old) =>
                        typeof old === "object" && old !== null && !Array.isArray(old) ? { ...old, more: 1 } : old,
                    );
                    if (JSON.stringify(extended) === JSON.stringify(receipt)) continue;
                    expect(verifyReceipt({ receipt: extended }).code, pathOf(path)).to.equal("RECEIPT_MALFORMED");
                }
            });

            it("has every list in one order", () => {
                for (const path of placesOf(receipt)) {
                    const turned = replaced(receipt, path, (old) => (Array.isArray(old) ? old.toReversed() : old));
                    if (JSON.stringify(turned) === JSON.stringify(receipt)) continue;
                    expect(verifyReceipt({ receipt: turned }).accepted, pathOf(path)).to.equal(false);
                }
            });
        });
    }
});

/** JSON whose members others chose: the body, and the parameters that it has in effect. */
function isFree([first, second]: Path): boolean {
    return first === "context" && (second === "requested" || second === "effective");
}

/** Text for people, which nobody signed. */
function isProse(path: Path): boolean {
    return pathOf(path) === "refund.reason";
}
