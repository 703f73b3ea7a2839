/** Fees in the one ERC-20 of the deployment. */
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { FEE_WEI, sharedWorld, type World } from "./_world.ts";

describe("flow: token", () => {
    const shared = sharedWorld();
    let world: World;

    beforeEach(async () => {
        world = shared();
        const { token, requester, hub } = world;
        await token.mint(requester, 10n * FEE_WEI);
        await token.connect(requester).approve(hub, FEE_WEI);
    });

    it("escrows, pays and pays out the token", async () => {
        const { hub, token, executor, stranger, addresses } = world;
        const request = await world.open({ token: addresses.token });
        expect(await token.balanceOf(hub)).to.equal(FEE_WEI);
        const statement = await world.stateOf(request);
        await world.fulfil(request, { statement, evidence: [await world.sign(statement)] });
        expect(await hub.creditOf(executor, ZeroAddress)).to.equal(0n);

        const withdrawn = hub.connect(executor).withdraw(token, stranger);

        await expect(withdrawn)
            .to.emit(hub, "Withdrawn")
            .withArgs(executor.address, await token.getAddress(), stranger.address, FEE_WEI);
        await expect(withdrawn).to.changeTokenBalances(world.ethers, token, [hub, stranger], [-FEE_WEI, FEE_WEI]);
    });

    it("refunds the token", async () => {
        const { hub, token, requester, addresses, networkHelpers } = world;
        const request = await world.open({ token: addresses.token });
        await networkHelpers.time.increaseTo(request.key.terms.deadline + 1n);
        await hub.refund(request.key);
        const withdrawn = hub.connect(requester).withdraw(token, requester);
        await expect(withdrawn).to.changeTokenBalances(world.ethers, token, [hub, requester], [-FEE_WEI, FEE_WEI]);
    });

    it("refuses a request whose fee was not approved", async () => {
        const { token, addresses, hub } = world;
        await expect(world.open({ token: addresses.token, feeWei: 2n * FEE_WEI }))
            .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
            .withArgs(await hub.getAddress(), FEE_WEI, 2n * FEE_WEI);
        expect(await token.balanceOf(hub)).to.equal(0n);
    });

    it("refuses another token, and value beside the token", async () => {
        const { hub, requester, addresses, gate } = world;
        const salt = `0x${"44".repeat(32)}`;
        const asRequester = hub.connect(requester);
        const other = await world.aTerms({ token: addresses.gate });
        await expect(asRequester.request(other, salt, "0x", "ipfs://x"))
            .to.be.revertedWithCustomError(hub, "TokenNotAccepted")
            .withArgs(await gate.getAddress());
        const both = await world.aTerms({ token: addresses.token });
        await expect(asRequester.request(both, salt, "0x", "ipfs://x", { value: 1n }))
            .to.be.revertedWithCustomError(hub, "FeeMismatch")
            .withArgs(0, 1);
    });
});
