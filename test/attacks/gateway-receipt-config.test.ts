/** A gateway that goes on with a configuration which its owner has replaced. */
import { type JsonObject, ZERO_ADDRESS } from "@assay/protocol";
import { expect } from "chai";
import { servedConfig } from "../../offchain/gateway/core/config.ts";
import { faultOf } from "../offchain/executor/_faults.ts";
import { aPayment } from "../offchain/gateway/_fakePayments.ts";
import { aCall, aModel, type LifeWorld, lifeWorldPerTest, receiptIn } from "../offchain/gateway/_life.ts";

const record = { owner: ZERO_ADDRESS, name: "support", version: 1, inForceFrom: 1_600_000_000 };
const config = servedConfig({ record, content: { systemPrompt: "Answer in one word." } });

describe("attack: a configuration that was replaced", () => {
    let world: LifeWorld;
    lifeWorldPerTest((given) => {
        world = given;
    });

    it("shapes nothing more, is paid for by nobody, and only still serves who pins it by its number", async () => {
        const model = aModel({ name: "echo", route: "chat" });
        const { life } = await world.start({ models: [model], config });
        const { owner, name } = record;
        const ask = (pinned: JsonObject, payment: string) => {
            const body = { model: "echo", text: "hello", verification: pinned };
            return life.serve(aCall({ route: "chat", body, payment }));
        };
        const paid = aPayment();
        const before = receiptIn(await ask({ config: { owner, name } }, paid));
        world.node.newestVersion = 2;

        const faults = [
            await faultOf(ask({ config: { owner, name } }, aPayment({ nonce: `0x${"22".repeat(32)}` }))),
            await faultOf(ask({}, aPayment({ nonce: `0x${"23".repeat(32)}` }))),
        ];

        expect(faults.map(({ code }) => code)).to.deep.equal(["GATEWAY_CONFIG_OTHER", "GATEWAY_CONFIG_OTHER"]);
        expect([world.money.transfers, model.runs]).to.deep.equal([1, 1]);
        expect(receiptIn(await ask({ config: { owner, name } }, paid))).to.deep.equal(before);
        const pinned = { config: { owner, name, version: 1 } };
        const old = receiptIn(await ask(pinned, aPayment({ nonce: `0x${"24".repeat(32)}` })));
        expect(old.context?.config).to.deep.equal(record);
    });
});
