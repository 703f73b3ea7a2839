import { bytesToHex, PRESETS, verifyReceipt } from "@assay/protocol";
import { sendRequest } from "@assay/sdk";
import { expect } from "chai";
import { readReceiptFile } from "../../../offchain/executor/index.ts";
import { findStatement } from "../../../offchain/executor/shell/journal/evidence.ts";
import { findState, historyOf } from "../../../offchain/executor/shell/journal/requests.ts";
import { word } from "./_builders.ts";
import { reached } from "./_log.ts";
import { answerOf, forgedEngines, withProver } from "./_model.ts";
import { createDoor } from "./_rpc.ts";
import { createWorld, INPUT, type World } from "./_world.ts";

describe("executor: reorganisations", () => {
    let world: World;
    before(async () => {
        world = await createWorld();
    });
    afterEach(() => world.stopExecutors());
    after(() => world.close());

    /** Takes back all blocks since the snapshot, and puts another block in the place of the first. */
    async function replaceBlocksSince(snapshot: unknown) {
        await world.provider.send("evm_revert", [snapshot]);
        await world.provider.send("evm_increaseTime", [30]);
        await world.provider.send("evm_mine", []);
    }
    const snapshot = () => world.provider.send("evm_snapshot", []);

    it("drops work for a request that was removed, and serves the one in its place (T-57)", async () => {
        const door = createDoor();
        const engines = withProver(forgedEngines([world.model]), (prove) => door.passed.then(prove));
        const executor = world.anExecutor({ engines });
        await executor.start();
        const taken = await snapshot();

        const removed = await world.ask({ policy: PRESETS.ZK });
        await executor.seen(reached({ requestId: removed.requestId, stage: "prove" }));
        await replaceBlocksSince(taken);
        const other = INPUT.toReversed();
        const kept = await world.ask({ policy: PRESETS.ZK, input: other });
        await executor.seen((line) => line.requestId === removed.requestId && line.event === "orphaned");
        door.open();
        await executor.seen(reached({ requestId: kept.requestId, stage: "finished" }));

        expect((await findState(world.database, removed.requestId))?.included).to.equal(undefined);
        expect(await world.hubEvents(removed.requestId)).to.deep.equal([]);
        const delivered = (await world.hubEvents(kept.requestId)).at(-1);
        expect(delivered?.args.output).to.equal(bytesToHex(answerOf({ seed: world.model.seed, input: other })));
    });

    it("goes on with the same output and signature when the request is back in another block", async () => {
        const door = createDoor();
        const engines = withProver(forgedEngines([world.model]), (prove) => door.passed.then(prove));
        const executor = world.anExecutor({ engines });
        await executor.start();
        const taken = await snapshot();

        const asked = await world.ask({ policy: PRESETS.SIGNED_AND_ZK });
        const { requestId } = asked;
        await executor.seen(reached({ requestId, stage: "prove" }));
        const signed = await findStatement(world.database, requestId);
        await replaceBlocksSince(taken);
        await executor.seen((line) => line.requestId === requestId && line.event === "orphaned");
        await sendRequest(world.acting, asked);
        door.open();
        await executor.seen(reached({ requestId, stage: "finished" }));

        expect(await findStatement(world.database, requestId)).to.deep.equal(signed);
        expect((await world.hubEvents(requestId)).map(({ name }) => name)).to.deep.equal(["Requested", "Delivered"]);
    });

    it("sends the same transaction again when the block of a delivery is removed (T-58)", async () => {
        const executor = world.anExecutor();
        const paidBefore = await world.creditWei();
        const asked = await world.ask();
        const { requestId } = asked;
        const taken = await snapshot();
        await executor.start();
        await executor.seen(reached({ requestId, stage: "finished" }));
        const before = await readReceiptFile({ home: world.home, requestId });

        await replaceBlocksSince(taken);
        await executor.seen((line) => line.requestId === requestId && line.event === "unsettled");
        await executor.seen(() => executor.lines.filter(reached({ requestId, stage: "finished" })).length === 2);

        const sent = executor.lines.filter((line) => line.msg === "transaction sent");
        expect(sent).to.have.length(2);
        expect(sent[0]?.txHash).to.equal(sent[1]?.txHash);
        const events = (await historyOf(world.database, requestId)).map(({ event }) => event);
        expect(events.filter((event) => event === "signed")).to.have.length(1);
        const receipt = await readReceiptFile({ home: world.home, requestId });
        expect(verifyReceipt({ receipt }).code).to.equal("ACCEPTED");
        expect(receipt?.settlement).not.to.deep.equal(before?.settlement);
        expect(await world.creditWei()).to.equal(paidBefore + asked.terms.feeWei);
    });

    it("finds its way back when the chain was replaced below all that it remembers", async () => {
        const { requestId } = await world.ask();
        const first = world.anExecutor();
        await first.start();
        await first.seen(reached({ requestId, stage: "finished" }));
        await first.stop();
        await world.database.query("UPDATE blocks SET hash = $1", [word(0xdead)]);
        await world.database.query("UPDATE head SET hash = $1", [word(0xdead)]);

        const second = world.anExecutor();
        await second.start();
        await second.seen(({ code }) => code === "EXECUTOR_REORG_TOO_DEEP");
        const next = await world.ask();
        await second.seen(reached({ requestId: next.requestId, stage: "finished" }));

        expect((await world.hubEvents(requestId)).map(({ name }) => name)).to.deep.equal(["Requested", "Delivered"]);
        expect((await findState(world.database, requestId))?.stage).to.equal("finished");
    });
});
