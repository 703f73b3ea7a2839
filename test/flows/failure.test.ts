/** A failure is a result: said by somebody who was named, paid by nobody, told to whoever asked. */
import { keccak256, PRESETS, ZERO_BYTES32 } from "@assay/protocol";
import { expect } from "chai";
import { Wallet, ZeroAddress } from "ethers";
import { FEE_WEI, IMAGE, type OpenRequest, sharedWorld, type World } from "./_world.ts";

const INPUT_RANGE = 2n;
const Status = { Open: 1n, Errored: 7n };
const NOTHING = new Uint8Array();

describe("flow: failure", () => {
    const shared = sharedWorld();
    let world: World;

    beforeEach(() => {
        world = shared();
    });

    async function fail(request: OpenRequest, signer?: Wallet) {
        const statement = await world.stateOf({ requestId: request.requestId, resultCode: INPUT_RANGE });
        const evidence = [await world.sign(statement, signer)];
        return world.fulfil(request, { statement, output: NOTHING, evidence });
    }

    it("ends a request for a proof by a signature, refunds all of it and tells the consumer", async () => {
        const { ethers, hub, addresses, digits, requester, executor, networkHelpers } = world;
        const oracle = await ethers.deployContract("DigitOracle", [addresses.hub, digits.modelId, PRESETS.ZK, true]);
        const deadline = (await networkHelpers.time.latest()) + 3_600;
        const signers = { executors: [executor.address], minStakeWei: 0 };
        const sent = await oracle.connect(requester).ask(IMAGE, PRESETS.ZK, signers, deadline, { value: FEE_WEI });
        const request = await world.opened(sent);

        await expect(fail(request)).to.emit(oracle, "DigitFailed").withArgs(request.requestId, INPUT_RANGE);

        expect(await hub.creditOf(requester, ZeroAddress)).to.equal(FEE_WEI);
        expect(await hub.creditOf(executor, ZeroAddress)).to.equal(0n);
        expect(await hub.resultOf(request.requestId)).to.deep.equal([INPUT_RANGE, true, 1n, ZERO_BYTES32]);
        expect((await hub.requestOf(request.requestId)).status).to.equal(Status.Errored);
    });

    it("is not believed of somebody who was not named, however well signed", async () => {
        const { hub, executors, stranger, ethers } = world;
        const key = new Wallet(ethers.id("another key"));
        await executors.connect(stranger).setKey(key.address, 0, 2n ** 40n - 1n);
        const request = await world.open();
        const asked = {
            requestId: request.requestId,
            resultCode: INPUT_RANGE,
            executor: `0x${stranger.address.slice(2)}` as const,
        };
        const statement = await world.stateOf(asked);
        const evidence = [await world.sign(statement, key)];

        await expect(world.fulfil(request, { statement, output: NOTHING, evidence }))
            .to.be.revertedWithCustomError(hub, "FailureNotByNamedExecutor")
            .withArgs(stranger.address);
        expect((await hub.requestOf(request.requestId)).status).to.equal(Status.Open);
    });

    it("is not believed of a named executor whose signature is somebody else's", async () => {
        const { ethers, gate, signingKey } = world;
        const forger = new Wallet(ethers.id("somebody else"));
        const verifier = await ethers.getContractAt("ISignedVerifier", gate);
        await expect(fail(await world.open(), forger))
            .to.be.revertedWithCustomError(verifier, "SignerMismatch")
            .withArgs(signingKey.address, forger.address);
    });

    it("cannot be proven", async () => {
        const { hub } = world;
        const request = await world.open();
        const statement = await world.stateOf({ requestId: request.requestId, resultCode: INPUT_RANGE });
        const evidence = [world.prove(statement)];
        await expect(world.fulfil(request, { statement, output: NOTHING, evidence })).to.be.revertedWithCustomError(
            hub,
            "FailureEvidenceInvalid",
        );
    });

    it("has no output", async () => {
        const { gate } = world;
        const request = await world.open();
        const output = Uint8Array.of(1);
        const statement = await world.stateOf({
            requestId: request.requestId,
            resultCode: INPUT_RANGE,
            outputHash: keccak256(output),
        });
        const evidence = [await world.sign(statement)];
        await expect(world.fulfil(request, { statement, output, evidence })).to.be.revertedWithCustomError(
            gate,
            "FailureHasOutput",
        );
    });
});
