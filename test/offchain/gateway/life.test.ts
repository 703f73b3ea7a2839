import { FAMILIES, PRESETS, uintToHex, verifyReceipt, ZERO_ADDRESS } from "@assay/protocol";
import { expect } from "chai";
import { openMemory } from "../../../offchain/executor/journal.ts";
import type { Database } from "../../../offchain/executor/journal.ts";
import { word } from "../executor/_builders.ts";
import { faultOf } from "../executor/_faults.ts";
import { aCall, aModel, answered, aPayment, createLifeWorld, FREE, failed, type LifeWorld, receiptIn } from "./_life.ts";

/** A database is written when it is opened for the first time. */
const OPEN_TIMEOUT_MS = 60_000;

describe("gateway: life of an inference", function () {
    this.timeout(OPEN_TIMEOUT_MS);
    let world: LifeWorld;
    beforeEach(async () => {
        world = await createLifeWorld();
    });
    afterEach(() => world.close());

    describe("nobody pays", () => {
        it("serves an answer whose receipt is accepted", async () => {
            const { life } = await world.start({ prices: FREE });

            const reply = await life.serve(aCall());

            const receipt = receiptIn(reply);
            const verdict = verifyReceipt({ receipt });
            expect([verdict.code, verdict.policyMet]).to.deep.equal(["ACCEPTED", true]);
            expect(receipt.request.payer).to.equal(ZERO_ADDRESS);
            expect(receipt.context?.payment).to.equal(null);
            expect(receipt.context?.sequence).to.equal(0);
        });
    });

    describe("paid after the work", () => {
        it("quotes, runs, settles and signs", async () => {
            const model = aModel();
            const { life } = await world.start({ models: [model] });

            const quote = await life.serve(aCall());
            const reply = await life.serve(aCall({ payment: aPayment() }));

            expect(quote).to.deep.include({ status: "unpaid", error: undefined });
            const receipt = receiptIn(reply);
            expect(verifyReceipt({ receipt }).code).to.equal("ACCEPTED");
            expect(receipt.context?.payment).to.deep.include({ nonce: word(1), flow: "authorization", amount: "1000" });
            expect([model.runs, world.money.transfers]).to.deep.equal([1, 1]);
        });
    });
});
