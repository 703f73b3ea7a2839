/** Contracts are brought what SIMULATED enclaves signed, and check it themselves: under one policy, or several at once. */
import {
    evidenceFromJson,
    FAMILIES,
    type Hex,
    hexToBytes,
    keccak256,
    maskOf,
    PRESENT_BITS,
    PRESETS,
    type Receipt,
    statementFromJson,
    toHex,
    verifyReceipt,
    ZERO_BYTES32,
} from "@assay/protocol";
import { readChainState } from "@assay/sdk";
import { expect } from "chai";
import { readReceiptFile } from "../../offchain/executor/index.ts";
import { answerOf, forgedEngines } from "../offchain/executor/_model.ts";
import { createTeeWorld, INPUT, type TeeWorld } from "./_teeWorld.ts";

/** Registering a Nitro document verifies five P-384 signatures in plain EVM. */
const SETUP_TIMEOUT_MS = 60_000;
const UNIT_WEI = 10n ** 12n;
const PAY = 1;
const [PRESENTED, HELD, PAID] = [2n, 3n, 4n];
const { SIGNED, TEE_NITRO, TEE_TDX, ZK_GROTH16 } = FAMILIES;

describe("flow: TEE, in pull mode", () => {
    let world: TeeWorld;
    before(async function () {
        this.timeout(SETUP_TIMEOUT_MS);
        world = await createTeeWorld();
    });
    afterEach(() => world.stopExecutors());
    after(() => world.close());

    /** A consumer issued a salt: whoever listens makes the evidence. */
    async function issued({ policy, allowDev = true }: { policy: bigint; allowDev?: boolean }) {
        const { ethers, deployment, modelId, executorAddress } = world;
        const { InferenceHub, EvidenceGate } = deployment.contracts;
        const client = await ethers.deployContract("OpenClient", [InferenceHub, EvidenceGate, policy, allowDev]);
        const signers = { executors: [executorAddress], minStakeWei: 0n };
        const ask = { modelId, configHash: ZERO_BYTES32, policy, signers };
        await client.issuePull(ask, INPUT);
        const [found] = await client.queryFilter(client.filters.PullRequested());
        if (found === undefined) throw new Error("The consumer asked for nothing.");
        return { client, ask, requestId: toHex(found.args.requestId), salt: toHex(found.args.salt) };
    }

    /** What the executor made for a request that nobody delivers. */
    async function made(requestId: Hex): Promise<Receipt> {
        const receipt = await readReceiptFile({ home: world.home, requestId });
        if (receipt === undefined) throw new Error(`No receipt of ${requestId}.`);
        return receipt;
    }

    const cases = [
        { policy: "TEE", families: [TEE_NITRO] },
        { policy: "TEE_AND_ZK", families: [TEE_NITRO, ZK_GROTH16] },
        { policy: "SIGNED_AND_TEE", families: [SIGNED, TEE_NITRO] },
        { policy: "ZK_OR_TWO_TEE_VENDORS", families: [TEE_NITRO, TEE_TDX] },
    ] as const;
    for (const { policy, families } of cases) {
        it(`believes what was brought under ${policy}, once`, async () => {
            const { client, ask, requestId, salt } = await issued({ policy: PRESETS[policy] });
            const executor = world.anExecutor({ settings: { pullConsumers: "any" } });
            await executor.start();
            await executor.finished(requestId);
            const receipt = await made(requestId);
            const { answer, evidence } = brought(receipt);

            const present = await client.consumePull.staticCall(answer, ask, salt, evidence);
            await client.consumePull(answer, ask, salt, evidence);

            const development = families.some((family) => family === ZK_GROTH16) ? [PRESENT_BITS.DEVELOPMENT] : [];
            const expected = maskOf([...families, ...development, PRESENT_BITS.SIMULATED]);
            expect(present).to.equal(BigInt(expected));
            const chainState = await readChainState(world, receipt);
            expect(verifyReceipt({ receipt, chainState })).to.include({ code: "ACCEPTED", present: expected });
            await expect(client.consumePull(answer, ask, salt, evidence))
                .to.be.revertedWithCustomError(client, "SaltNotIssued")
                .withArgs(salt);
        });
    }

    it("refuses simulated evidence unless the consumer allowed it", async () => {
        const { client, ask, requestId, salt } = await issued({ policy: PRESETS.TEE, allowDev: false });
        const executor = world.anExecutor({ settings: { pullConsumers: "any" } });
        await executor.start();
        await executor.finished(requestId);
        const { answer, evidence } = brought(await made(requestId));

        await expect(client.consumePull(answer, ask, salt, evidence))
            .to.be.revertedWithCustomError(client, "DevelopmentEvidence")
            .withArgs(maskOf([TEE_NITRO, PRESENT_BITS.SIMULATED]));
    });

    describe("with two inferences in one transaction", () => {
        /** A cheque is read under TEE_AND_ZK and decided on under SIGNED; its picture was shown. */
        async function presented({ seed }: { seed: number }) {
            const { ethers, deployment, modelId, executorAddress } = world;
            const decision = await world.aModel({ seed, inputs: 8, max: 255 });
            const desk = {
                readingModel: modelId,
                readingPolicy: PRESETS.TEE_AND_ZK,
                decisionModel: decision.modelId,
                executors: [executorAddress],
            };
            const { EvidenceGate } = deployment.contracts;
            const vault = await ethers.deployContract("ChequeVault", [EvidenceGate, desk, UNIT_WEI, true]);
            await vault.connect(world.requester).deposit({ value: 100n * UNIT_WEI });
            await vault.connect(world.requester).write(world.stranger, keccak256(INPUT));
            const amount = Number(answerOf({ seed: world.model.seed, input: INPUT }).at(-1));
            await vault.connect(world.stranger).present(1n, INPUT, amount);
            const found = await vault.queryFilter(vault.filters.PullRequested());
            const [reading = ZERO_BYTES32, deciding = ZERO_BYTES32] = found.map(({ args }) => toHex(args.requestId));
            const executor = world.anExecutor({
                engines: forgedEngines([world.model, decision]),
                settings: { models: [world.model.dir, decision.dir], pullConsumers: "any" },
            });
            await executor.start();
            for (const requestId of [reading, deciding]) await executor.finished(requestId);
            return { vault, read: await made(reading), decided: await made(deciding) };
        }

        it("believes both, each under its own policy", async () => {
            const { vault, read, decided } = await presented({ seed: 4 });

            await vault.cash(1n, brought(read), brought(decided));

            expect(read.evidence.map(({ family }) => family)).to.deep.equal(["TEE_NITRO", "ZK_GROTH16"]);
            expect(decided.evidence.map(({ family }) => family)).to.deep.equal(["SIGNED"]);
            const answer = Number(hexToBytes(decided.output ?? "0x").at(-1));
            expect((await vault.chequeOf(1n)).state).to.equal(answer === PAY ? PAID : HELD);
        });

        it("believes neither when the enclave's item is left out, or stands for the other inference", async () => {
            const { vault, read, decided } = await presented({ seed: 5 });
            const { answer, evidence } = brought(read);
            const other = brought(decided);
            const [item, ...rest] = evidence;
            if (item === undefined) throw new Error("Nothing was brought.");
            const { gate } = world.asOperator;

            await expect(vault.cash(1n, { answer, evidence: rest }, other))
                .to.be.revertedWithCustomError(gate, "PolicyNotMet")
                .withArgs(PRESETS.TEE_AND_ZK, maskOf([ZK_GROTH16, PRESENT_BITS.DEVELOPMENT]));
            const swapped = { ...other, evidence: [...other.evidence, item] };
            const { modelId } = other.answer.statement;
            await expect(vault.cash(1n, { answer, evidence }, swapped))
                .to.be.revertedWithCustomError(gate, "MeasurementNotAllowed")
                .withArgs(modelId, TEE_NITRO, world.nitro.measurementId);
            expect((await vault.chequeOf(1n)).state).to.equal(PRESENTED);
        });
    });
});

/** What a consumer wants to be brought, from a receipt. */
function brought(receipt: Receipt) {
    const { statement, input = "0x", output = "0x", evidence } = receipt;
    return { answer: { statement: statementFromJson(statement), input, output }, evidence: evidenceFromJson(evidence) };
}
