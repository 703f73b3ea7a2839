/** Nobody answers, or the requester changes its mind: the fee comes back, in bounded time, without anybody's leave. */
import { PRESETS } from "@assay/protocol";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { FEE_WEI, IMAGE, type OpenRequest, sharedWorld, type World } from "./_world.ts";

const CANCEL_DELAY_SECONDS = 600;
const Status = { Final: 5n, Refunded: 8n };

describe("flow: cancel and refund", () => {
    const shared = sharedWorld();
    let world: World;
    let request: OpenRequest;

    beforeEach(async () => {
        world = shared();
        request = await world.open();
    });

    async function deliver() {
        const statement = await world.stateOf(request);
        return world.fulfil(request, { statement, evidence: [await world.sign(statement)] });
    }

    it("cancels in two calls ten minutes apart, and pays the refundee when it asks", async () => {
        const { hub, requester, networkHelpers, ethers } = world;
        const asRequester = hub.connect(requester);
        await asRequester.cancel(request.key);
        const { cancelAt } = await hub.requestOf(request.requestId);

        await networkHelpers.time.setNextBlockTimestamp(cancelAt - 1n);
        await expect(asRequester.cancel(request.key))
            .to.be.revertedWithCustomError(hub, "CancelNotDue")
            .withArgs(cancelAt, cancelAt - 1n);
        await networkHelpers.time.setNextBlockTimestamp(cancelAt);
        await expect(asRequester.cancel(request.key))
            .to.emit(hub, "Refunded")
            .withArgs(request.requestId, requester.address, true);

        const withdrawn = asRequester.withdraw(ZeroAddress, requester);
        await expect(withdrawn).to.changeEtherBalance(ethers, requester, FEE_WEI);
        await expect(asRequester.withdraw(ZeroAddress, requester))
            .to.be.revertedWithCustomError(hub, "NothingToWithdraw")
            .withArgs(requester.address, ZeroAddress);
    });

    it("lets a delivery win against an announced cancel", async () => {
        const { hub, requester, executor, networkHelpers } = world;
        await hub.connect(requester).cancel(request.key);
        await networkHelpers.time.increase(CANCEL_DELAY_SECONDS);
        await deliver();

        await expect(hub.connect(requester).cancel(request.key))
            .to.be.revertedWithCustomError(hub, "RequestNotOpen")
            .withArgs(request.requestId, Status.Final);
        expect(await hub.creditOf(executor, ZeroAddress)).to.equal(FEE_WEI);
        expect(await hub.creditOf(requester, ZeroAddress)).to.equal(0n);
    });

    it("delivers in the last second, and refunds for anybody from the next one on", async () => {
        const { hub, stranger, requester, networkHelpers } = world;
        const other = await world.open({}, `0x${"22".repeat(32)}`);
        const deadline = request.key.terms.deadline;

        await networkHelpers.time.setNextBlockTimestamp(deadline);
        await deliver();
        await networkHelpers.time.increaseTo(other.key.terms.deadline + 1n);
        await expect(hub.connect(stranger).refund(other.key))
            .to.emit(hub, "Refunded")
            .withArgs(other.requestId, requester.address, false);

        expect((await hub.requestOf(request.requestId)).status).to.equal(Status.Final);
        expect((await hub.requestOf(other.requestId)).status).to.equal(Status.Refunded);
    });

    it("refuses a delivery after the deadline and a refund before it", async () => {
        const { hub, networkHelpers } = world;
        const deadline = request.key.terms.deadline;
        await networkHelpers.time.setNextBlockTimestamp(deadline);
        await expect(hub.refund(request.key))
            .to.be.revertedWithCustomError(hub, "DeadlineNotPassed")
            .withArgs(deadline, deadline);

        const statement = await world.stateOf(request);
        const evidence = [await world.sign(statement)];
        await networkHelpers.time.setNextBlockTimestamp(deadline + 1n);
        await expect(world.fulfil(request, { statement, evidence }))
            .to.be.revertedWithCustomError(hub, "DeadlinePassed")
            .withArgs(deadline, deadline + 1n);
    });

    it("refuses a request that is under-funded, and keeps nothing of it", async () => {
        const { hub, requester, ethers } = world;
        const terms = await world.aTerms();
        const before = await ethers.provider.getBalance(hub);
        const sent = hub
            .connect(requester)
            .request(terms, `0x${"33".repeat(32)}`, "0x", "ipfs://x", { value: FEE_WEI - 1n });
        await expect(sent)
            .to.be.revertedWithCustomError(hub, "FeeMismatch")
            .withArgs(FEE_WEI, FEE_WEI - 1n);
        expect(await ethers.provider.getBalance(hub)).to.equal(before);
    });

    it("cancels a consumer's request for whoever made the consumer ask", async () => {
        const { ethers, hub, addresses, digits, requester, stranger, executor, networkHelpers } = world;
        const oracle = await ethers.deployContract("DigitOracle", [
            addresses.hub,
            digits.modelId,
            PRESETS.SIGNED,
            true,
        ]);
        const deadline = (await networkHelpers.time.latest()) + 3_600;
        const signers = { executors: [executor.address], minStakeWei: 0 };
        const sent = await oracle.connect(requester).ask(IMAGE, PRESETS.SIGNED, signers, deadline, { value: FEE_WEI });
        const { key } = await world.opened(sent);
        await expect(oracle.connect(stranger).cancel(key))
            .to.be.revertedWithCustomError(oracle, "NotAsker")
            .withArgs(requester.address, stranger.address);

        await oracle.connect(requester).cancel(key);
        await networkHelpers.time.increase(CANCEL_DELAY_SECONDS);
        await oracle.connect(requester).cancel(key);

        expect(await hub.creditOf(requester, ZeroAddress)).to.equal(FEE_WEI);
    });
});
