/** A consumer contract asks, an executor answers, the hub calls back. */
import { PRESETS } from "@assay/protocol";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { classBytes } from "../support/forgedModel.ts";
import { FEE_WEI, IMAGE, sharedWorld, type World } from "./_world.ts";

/** What the oracle of these stories accepts: a signature or a proof. */
const SIGNED_OR_ZK = PRESETS.SIGNED | (0x10n << 16n);
const ReadingState = { Asked: 1n, Read: 2n, Failed: 3n };
const CallbackState = { Done: 2n, Failed: 3n };

describe("flow: callback", () => {
    const shared = sharedWorld();
    let world: World;

    beforeEach(() => {
        world = shared();
    });

    async function anOracle({ acceptedPolicy = SIGNED_OR_ZK, allowDev = true } = {}) {
        const { ethers, addresses, digits } = world;
        return ethers.deployContract("DigitOracle", [addresses.hub, digits.modelId, acceptedPolicy, allowDev]);
    }

    async function ask(oracle: Awaited<ReturnType<typeof anOracle>>, policy: bigint) {
        const deadline = (await world.networkHelpers.time.latest()) + 3_600;
        const signers = { executors: [world.executor.address], minStakeWei: 0 };
        const sent = await oracle.connect(world.requester).ask(IMAGE, policy, signers, deadline, { value: FEE_WEI });
        return world.opened(sent);
    }

    for (const policy of ["SIGNED", "ZK", "SIGNED_AND_ZK"] as const) {
        it(`reads a digit under ${policy} and pays the executor`, async () => {
            const oracle = await anOracle();
            const request = await ask(oracle, PRESETS[policy]);
            const statement = await world.stateOf(request);
            const signed = policy === "ZK" ? [] : [await world.sign(statement)];
            const proven = policy === "SIGNED" ? [] : [world.prove(statement)];

            const sent = world.fulfil(request, { statement, input: IMAGE, evidence: [...signed, ...proven] });

            await expect(sent).to.emit(oracle, "DigitRead").withArgs(request.requestId, 7);
            await expect(sent).to.emit(world.hub, "CallbackAttempted").withArgs(request.requestId, true, "0x");
            expect((await oracle.readingOf(request.requestId)).digit).to.equal(7n);
            expect(await world.hub.creditOf(world.executor, ZeroAddress)).to.equal(FEE_WEI);
        });
    }

    it("keeps two questions apart when they are answered in the other order", async () => {
        const oracle = await anOracle();
        const first = await ask(oracle, PRESETS.SIGNED);
        const second = await ask(oracle, PRESETS.SIGNED);
        for (const [request, digit] of [
            [second, 2],
            [first, 1],
        ] as const) {
            const output = classBytes(digit);
            const statement = await world.stateOf(request, output);
            await world.fulfil(request, { statement, output, evidence: [await world.sign(statement)] });
        }

        expect((await oracle.readingOf(first.requestId)).digit).to.equal(1n);
        expect((await oracle.readingOf(second.requestId)).digit).to.equal(2n);
    });

    it("refuses to ask under a policy weaker than it accepts", async () => {
        const oracle = await anOracle({ acceptedPolicy: PRESETS.SIGNED_AND_ZK });
        await expect(ask(oracle, PRESETS.SIGNED))
            .to.be.revertedWithCustomError(oracle, "PolicyTooWeak")
            .withArgs(PRESETS.SIGNED, PRESETS.SIGNED_AND_ZK);
    });

    it("refuses at once a policy that nobody can meet", async () => {
        const oracle = await anOracle({ acceptedPolicy: PRESETS.TEE });
        await expect(ask(oracle, PRESETS.TEE))
            .to.be.revertedWithCustomError(world.gate, "PolicyCannotBeMet")
            .withArgs(PRESETS.TEE);
    });

    it("delivers a proof under a development key, which a consumer that did not allow it refuses", async () => {
        const oracle = await anOracle({ allowDev: false });
        const request = await ask(oracle, PRESETS.ZK);
        const statement = await world.stateOf(request);
        const refused = oracle.interface.encodeErrorResult("DevelopmentEvidence", [0x4010]);

        const sent = world.fulfil(request, { statement, input: IMAGE, evidence: [world.prove(statement)] });

        await expect(sent).to.emit(world.hub, "CallbackAttempted").withArgs(request.requestId, false, refused);
        expect((await oracle.readingOf(request.requestId)).state).to.equal(ReadingState.Asked);
        expect((await world.hub.requestOf(request.requestId)).callback).to.equal(CallbackState.Failed);
        await world.hub.connect(world.stranger).retryCallback(request.key, classBytes(7));
        expect((await oracle.readingOf(request.requestId)).state).to.equal(ReadingState.Asked);
    });

    it("writes a class that is no digit down as a failure", async () => {
        const oracle = await anOracle();
        const request = await ask(oracle, PRESETS.SIGNED);
        const output = classBytes(10);
        const statement = await world.stateOf(request, output);

        await world.fulfil(request, { statement, output, evidence: [await world.sign(statement)] });

        expect((await oracle.readingOf(request.requestId)).state).to.equal(ReadingState.Failed);
    });

    it("believes nobody but the hub", async () => {
        const oracle = await anOracle();
        const { requestId } = await ask(oracle, PRESETS.SIGNED);
        await expect(oracle.connect(world.stranger).onInference(requestId, 0, true, 1, classBytes(7)))
            .to.be.revertedWithCustomError(oracle, "NotHub")
            .withArgs(world.stranger.address);
    });

    it("calls an account with delegated code back like a contract", async () => {
        const { ethers, hub } = world;
        const consumer = await ethers.deployContract("SilentConsumer");
        const account = new ethers.Wallet(ethers.id("delegated account"), ethers.provider);
        await world.owner.sendTransaction({ to: account.address, value: FEE_WEI * 1_000n });
        const authorization = await account.authorize({ address: await consumer.getAddress(), nonce: 1 });
        await account.sendTransaction({ type: 4, to: world.owner.address, authorizationList: [authorization] });
        const request = await world.open({ callback: `0x${account.address.slice(2)}`, callbackGas: 50_000n });
        const statement = await world.stateOf(request);

        await world.fulfil(request, { statement, evidence: [await world.sign(statement)] });

        expect(await ethers.provider.getCode(account.address)).to.match(/^0xef0100/);
        expect((await hub.requestOf(request.requestId)).callback).to.equal(CallbackState.Done);
    });
});
