/** Text that a journal could not keep: what it takes from bodies, upstreams and enclaves must never end in a loop. */
import { FAMILIES, PRESETS, uintToHex, verifyReceipt } from "@assay/protocol";
import { expect } from "chai";
import type { Outcome } from "../../offchain/gateway/core/model.ts";
import { readCompletion } from "../../offchain/gateway/core/upstreamAnswer.ts";
import { aPayment } from "../offchain/gateway/_fakePayments.ts";
import {
    aCall,
    aModel,
    answered,
    idIn,
    type LifeWorld,
    lifeWorldPerTest,
    reaches,
    receiptIn,
} from "../offchain/gateway/_life.ts";
import { aProvableModel, PROVABLE_TEXT } from "../offchain/gateway/_provable.ts";
import { aCompletion } from "../offchain/gateway/_upstream.ts";

/** JSON has it, and a database's own JSON has not. */
const NOTHING = "\u0000";
/** JSON has half a pair of surrogates, and canonical JSON has not. */
const HALF = "\ud800";

describe("attack: text that a gateway's journal cannot keep", () => {
    let world: LifeWorld;
    lifeWorldPerTest((given) => {
        world = given;
    });

    it("does not run and pay an upstream for ever for the fingerprint that it gives", async () => {
        const model = aModel({ name: "echo" });
        const upstream = { host: "up.example", model: "echo", id: NOTHING, fingerprint: NOTHING };
        model.script = async ({ input }): Promise<Outcome> => ({ ...answered(model, input), upstream });
        const { life } = await world.start({ models: [model] });

        const reply = await life.serve(aCall({ payment: aPayment() }));

        expect([reply.status, model.runs]).to.deep.equal(["served", 1]);
        expect(receiptIn(reply).context?.upstream?.fingerprint).to.equal(NOTHING);
    });

    it("keeps parameters that say it", async () => {
        const model = aModel();
        const { read } = model;
        model.read = (body, given) => ({ ...read(body, given), effective: { model: "echo", user: NOTHING } });
        const { life } = await world.start({ models: [model] });

        const receipt = receiptIn(await life.serve(aCall({ payment: aPayment() })));

        expect(receipt.context?.effective).to.deep.equal({ model: "echo", user: NOTHING });
    });

    it("takes no label of an upstream that could never be signed", () => {
        const fields = [{ id: HALF }, { system_fingerprint: HALF }];

        const read = fields.map((one) => readCompletion({ json: aCompletion(one), model: "small-1", trim: false }));

        expect(read).to.deep.equal(["invalid", "invalid"]);
    });

    for (const [what, text] of Object.entries({ "such text": NOTHING + HALF, nothing: "" })) {
        it(`gives the money back, and a receipt that can be read, when a prover says ${what}`, async () => {
            await refunds(text);
        });
    }

    async function refunds(text: string): Promise<void> {
        const model = aProvableModel([FAMILIES.ZK_GROTH16]);
        model.proof = async () => {
            throw new Error(text);
        };
        const { life } = await world.start({ models: [model], limits: { evidenceTries: 1 } });
        const body = { model: model.name, text: PROVABLE_TEXT };
        const payment = aPayment({ policy: uintToHex(PRESETS.SIGNED_AND_ZK) });

        const reply = await life.serve(aCall({ body, payment }));
        const { id, receipt } = await reaches(life, idIn(reply), "refunded");

        expect(world.money.refunds.size).to.equal(1);
        expect(verifyReceipt({ receipt }).code).to.equal("RECEIPT_POLICY_NOT_MET");
        expect(await life.erase(id)).to.equal(true);
    }
});
