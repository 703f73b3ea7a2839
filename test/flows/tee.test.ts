/** Contracts ask, a real executor has SIMULATED enclaves attest, the hub calls back, and receipts say what all of it is worth. */
import {
    FAMILIES,
    familyName,
    type Hex,
    maskOf,
    PRESENT_BITS,
    PRESETS,
    type Receipt,
    toHex,
    verifyReceipt,
} from "@assay/protocol";
import { readChainState, receiptFromChain } from "@assay/sdk";
import { expect } from "chai";
import { readReceiptFile } from "../../offchain/executor/index.ts";
import { assay } from "../offchain/cli/_assay.ts";
import { answerOf } from "../offchain/executor/_model.ts";
import { createTeeWorld, FEE_WEI, INPUT, type TeeWorld } from "./_teeWorld.ts";

/** Registering a Nitro document verifies five P-384 signatures in plain EVM. */
const SETUP_TIMEOUT_MS = 60_000;
const ReadingState = { Asked: 1n, Read: 2n };
const { SIGNED, TEE_NITRO, TEE_TDX, ZK_GROTH16 } = FAMILIES;

describe("flow: TEE, by callback", () => {
    let world: TeeWorld;
    before(async function () {
        this.timeout(SETUP_TIMEOUT_MS);
        world = await createTeeWorld();
    });
    afterEach(() => world.stopExecutors());
    after(() => world.close());

    /** A contract asks which digit the picture shows. */
    async function asked({ policy, allowDev = true }: { policy: bigint; allowDev?: boolean }) {
        const { ethers, deployment, modelId, executorAddress } = world;
        const { InferenceHub } = deployment.contracts;
        const oracle = await ethers.deployContract("DigitOracle", [InferenceHub, modelId, policy, allowDev]);
        const deadline = (await world.networkHelpers.time.latest()) + 3_600;
        const signers = { executors: [executorAddress], minStakeWei: 0n };
        await oracle.connect(world.requester).ask(INPUT, policy, signers, deadline, { value: FEE_WEI });
        const [log] = await oracle.queryFilter(oracle.filters.DigitAsked());
        return { oracle, requestId: toHex(log?.args.requestId ?? "") };
    }

    /** The receipt as anybody rebuilds it, judged against the chain. */
    async function rebuilt(requestId: Hex) {
        const { provider, deployment } = world;
        const receipt = await receiptFromChain({ provider, deployment, requestId });
        const chainState = await readChainState({ provider, deployment }, receipt);
        return { receipt, verdict: verifyReceipt({ receipt, chainState }) };
    }

    function expectSimulated({ receipt, enclaves }: { receipt: Receipt; enclaves: readonly Hex[] }) {
        const verdict = verifyReceipt({ receipt });
        expect(verdict).to.include({ code: "ACCEPTED", policyMet: true });
        expect(verdict.present & (1 << PRESENT_BITS.SIMULATED)).to.not.equal(0);
        const warned = verdict.warnings.filter(({ code }) => code === "RECEIPT_SIMULATED");
        expect(warned).to.have.length(enclaves.length);
        const proven = verdict.proven.map(({ text }) => text).join();
        expect(proven)
            .to.include("COMPUTE, which says that it ran the model inside")
            .and.include("A development root, whose key");
        expect((receipt.attestation ?? []).map(({ enclaveId }) => enclaveId)).to.deep.equal(enclaves);
        expect((receipt.registry.enclaves ?? []).map(({ enclaveId }) => enclaveId)).to.deep.equal(enclaves);
    }

    const cases = [
        { policy: "TEE", at: "both", families: [TEE_NITRO] },
        { policy: "TEE", at: "tdx", families: [TEE_TDX] },
        { policy: "TEE_AND_ZK", at: "both", families: [TEE_NITRO, ZK_GROTH16] },
        { policy: "SIGNED_AND_TEE", at: "tdx", families: [SIGNED, TEE_TDX] },
        { policy: "ZK_OR_TWO_TEE_VENDORS", at: "both", families: [TEE_NITRO, TEE_TDX] },
    ] as const;
    for (const { policy, at, families } of cases) {
        it(`reads a digit under ${policy} by ${families.map(familyName).join(" and ")}, and pays`, async () => {
            const { nitro, tdx } = world;
            const enclaves = at === "both" ? [nitro, tdx] : [tdx];
            const executor = world.anExecutor({ settings: { enclaves: enclaves.map(({ url }) => url) } });
            await executor.start();
            const paidBefore = await world.creditWei();

            const { oracle, requestId } = await asked({ policy: PRESETS[policy] });
            await executor.finished(requestId);

            const digit = BigInt(answerOf({ seed: world.model.seed, input: INPUT }).at(-1) ?? 0);
            const reading = await oracle.readingOf(requestId);
            expect([reading.state, reading.digit]).to.deep.equal([ReadingState.Read, digit]);
            expect(await world.creditWei()).to.equal(paidBefore + FEE_WEI);
            const { receipt, verdict } = await rebuilt(requestId);
            expect(verdict.code).to.equal("ACCEPTED");
            expect(verdict.present & 0x3fff).to.equal(maskOf(families));
            const signed = families.flatMap((family) => [nitro, tdx].filter((enclave) => enclave.family === family));
            const ids = signed.map(({ enclaveId }) => enclaveId);
            expectSimulated({ receipt, enclaves: ids });
            const kept = await readReceiptFile({ home: world.home, requestId });
            if (kept === undefined) throw new Error("The executor kept no receipt.");
            expectSimulated({ receipt: kept, enclaves: ids });
        });
    }

    it("reads a digit under ZK_OR_TWO_TEE_VENDORS by a proof when one vendor alone is there", async () => {
        const executor = world.anExecutor({ settings: { enclaves: [world.tdx.url] } });
        await executor.start();

        const { oracle, requestId } = await asked({ policy: PRESETS.ZK_OR_TWO_TEE_VENDORS });
        await executor.finished(requestId);

        expect((await oracle.readingOf(requestId)).state).to.equal(ReadingState.Read);
        const { verdict } = await rebuilt(requestId);
        expect(verdict.present).to.equal(maskOf([ZK_GROTH16, PRESENT_BITS.DEVELOPMENT]));
    });

    it("delivers simulated evidence, which a consumer that did not allow it refuses", async () => {
        const executor = world.anExecutor();
        await executor.start();

        const { oracle, requestId } = await asked({ policy: PRESETS.TEE, allowDev: false });
        await executor.finished(requestId);

        const attempt = (await world.hubEvents(requestId)).find(({ name }) => name === "CallbackAttempted");
        const refused = oracle.interface.encodeErrorResult("DevelopmentEvidence", [
            maskOf([TEE_NITRO, PRESENT_BITS.SIMULATED]),
        ]);
        expect([attempt?.args.succeeded, attempt?.args.returnData]).to.deep.equal([false, refused]);
        expect((await oracle.readingOf(requestId)).state).to.equal(ReadingState.Asked);
    });

    it("says SIMULATED and COMPUTE at the command line, for the chain's receipt and for a file", async () => {
        const executor = world.anExecutor();
        await executor.start();
        const { requestId } = await asked({ policy: PRESETS.TEE });
        await executor.finished(requestId);
        const surroundings = { cwd: world.home, env: { ASSAY_HOME: world.home, ASSAY_RPC_URL: world.rpcUrl } };
        const receipt = (...argv: string[]) => assay(["receipt", ...argv], surroundings);

        const shown = await receipt("show", requestId, "--out", "receipt.json");
        const judged = await receipt("verify", requestId);
        const alone = await assay(["receipt", "verify", "receipt.json"], { cwd: world.home });

        for (const { exitCode, stdout, stderr } of [shown, judged, alone]) {
            expect(exitCode, stderr).to.equal(0);
            expect(stdout).to.include("SIMULATED").and.include("COMPUTE").and.include("TEE_NITRO");
        }
        expect(judged.stdout).to.include("RECEIPT_SIMULATED").and.include("ACCEPTED");
        expect(alone.stdout).to.include("CLAIMED");
    });
});
