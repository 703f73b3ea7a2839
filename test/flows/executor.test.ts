import { PRESETS, verifyReceipt } from "@assay/protocol";
import { expect } from "chai";
import { readReceiptFile } from "../../offchain/executor/index.ts";
import { reached } from "../offchain/executor/_log.ts";
import { answerOf } from "../offchain/executor/_model.ts";
import { createWorld, INPUT, type World } from "../offchain/executor/_world.ts";

describe("flow: executor", () => {
    let world: World;
    before(async () => {
        world = await createWorld();
    });
    after(() => world.close());

    for (const policy of ["SIGNED", "ZK", "SIGNED_AND_ZK"] as const) {
        it(`answers a request under ${policy}, is paid once, and keeps a receipt that verifies`, async () => {
            const executor = world.anExecutor();
            const paidBefore = await world.creditWei();
            await executor.start();

            const { requestId, terms } = await world.ask({ policy: PRESETS[policy] });
            await executor.seen(reached({ requestId, stage: "finished" }));

            const events = await world.hubEvents(requestId);
            expect(events.map(({ name }) => name)).to.deep.equal(["Requested", "Delivered"]);
            expect(events[1]?.args.output).to.equal(hexOf(answerOf({ seed: world.model.seed, input: INPUT })));
            expect(await world.creditWei()).to.equal(paidBefore + terms.feeWei);
            const receipt = await readReceiptFile({ home: world.home, requestId });
            expect(verifyReceipt({ receipt }).code).to.equal("ACCEPTED");
            await executor.stop();
        });
    }
});

function hexOf(bytes: Uint8Array): string {
    return `0x${Buffer.from(bytes).toString("hex")}`;
}
