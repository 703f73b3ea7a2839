import { eraseReceipt, type Receipt, verifyReceipt } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { chatReceipt, refundedReceipt, settledReceipt } from "./_gatewayReceipts.ts";
import { leavesOf, placesOf, replaced, without } from "./_leaves.ts";
import { boundModel } from "./_model.ts";
import { chainStateFor, failureReceipt, hubReceipt, pullReceipt } from "./_receipts.ts";

const receipts: Receipt[] = [
    hubReceipt(),
    hubReceipt({ model: boundModel() }),
    pullReceipt(),
    settledReceipt(),
    settledReceipt(chatReceipt()),
    refundedReceipt(),
    eraseReceipt(chatReceipt()),
    failureReceipt(),
];

/** Values that pass some check of form and break another. */
const nasty = fc.oneof(
    fc.constantFrom<unknown>("0x", "0x00", `0x${"00".repeat(32)}`, `0x${"ff".repeat(32)}`, `0x${"ff".repeat(20)}`),
    fc.constantFrom<unknown>(0, 1, -1, 255, 256, 2 ** 40, 2 ** 53, 0.5, null, true, "", "0", "1e3", [], {}, ["0x"]),
    fc.constantFrom<unknown>(
        "__proto__",
        "constructor",
        "toString",
        "FLOAT",
        "REMOTE",
        "ceremony",
        "QUORUM",
        "TEE_SGX",
    ),
    fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map((word) => `0x${word.toString(16).padStart(64, "0")}`),
    fc
        .uint8Array({ maxLength: 1200 })
        .map((bytes) => `0x${Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("")}`),
    fc.jsonValue(),
);

describe("a hostile receipt", function () {
    this.timeout(60_000); // thousands of receipts, some with a pairing

    it("gets a verdict whatever stands anywhere in it, never an exception", () => {
        const changes = fc.array(fc.tuple(fc.nat(), nasty), { minLength: 1, maxLength: 3 });
        fc.assert(
            fc.property(fc.constantFrom(...receipts), changes, fc.boolean(), (receipt, made, withChain) => {
                const changed = made.reduce<unknown>((value, [at, replacement]) => {
                    const places = placesOf(value);
                    const path = places[at % Math.max(places.length, 1)];
                    return path === undefined ? value : replaced(value, path, () => replacement);
                }, receipt);

                const verdict = verifyReceipt(
                    withChain ? { receipt: changed, chainState: chainStateFor(receipt) } : { receipt: changed },
                );

                expect(verdict.accepted).to.equal(verdict.code === "ACCEPTED");
            }),
            { numRuns: 2_000 },
        );
    });

    it("is judged on its own: nothing inherited, no getter called twice", () => {
        const receipt = hubReceipt();
        expect(verifyReceipt({ receipt: Object.create(receipt) }).accepted).to.equal(false);

        let reads = 0;
        const shifty = Object.defineProperty({ ...receipt }, "output", {
            enumerable: true,
            get: () => {
                reads += 1;
                return reads === 1 ? receipt.output : "0x0000000000000001";
            },
        });
        expect(verifyReceipt({ receipt: shifty }).accepted).to.equal(false);
    });

    it("cannot lose a member unseen", () => {
        for (const receipt of receipts) {
            for (const path of leavesOf(receipt).filter(([first]) => first === "statement" || first === "request")) {
                if (typeof path.at(-1) === "number") continue;
                expect(verifyReceipt({ receipt: without(receipt, path) }).code, path.join(".")).to.equal(
                    "RECEIPT_MALFORMED",
                );
            }
        }
    });
});
