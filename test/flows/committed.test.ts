/** A requester has a private input judged by a registered model: only commitments reach the chain. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileModel, loadModel } from "@assay/compiler";
import {
    bindOf,
    bytesToHex,
    decodeIoSpec,
    type Evidence,
    encodeGroth16,
    encodeTensor,
    evidenceToJson,
    type Hex,
    type HubReceipt,
    hexToBytes,
    openReceipt,
    PRESETS,
    type PullReceipt,
    RECEIPT_VERSION,
    type ReceiptOpening,
    type Statement,
    saltFrom,
    sealSide,
    statementDigest,
    statementToJson,
    statementTypedData,
    toHex,
    uintToHex,
    verifyReceipt,
    ZERO_BYTES32,
} from "@assay/protocol";
import { createProver, type Prover } from "@assay/prover";
import {
    executorFactsAt,
    modelFactsAt,
    type PreparedRequest,
    readChainState,
    readCompiledModel,
    receiptFromChain,
    recordedAnswer,
    recordedRequest,
    registerModel,
    sendRequest,
} from "@assay/sdk";
import { expect } from "chai";
import { z } from "zod";
import { aHome } from "../offchain/cli/_assay.ts";
import { someInputs } from "../offchain/compiler/_integerGraphs.ts";
import { MODEL_CACHE } from "../offchain/compiler/_tempDir.ts";
import { createWorld, type World } from "../offchain/sdk/_world.ts";

const MODELS = fileURLToPath(new URL("../../models/", import.meta.url));
const CHAIN_ID = 31337;
const SALTS = { input: saltFrom(new Uint8Array(31).fill(5)), output: saltFrom(new Uint8Array(31).fill(6)) };
const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });

/** Only the requester knows it. */
type Secret = { input: Uint8Array; inputHash: Hex };

describe("flow: committed input and output", function () {
    this.timeout(60_000); // compiles a model that is not cached

    let world: World;
    let prover: Prover;
    let modelId: Hex;
    let secret: Secret;
    let removeHome: () => Promise<void>;

    before(async () => {
        const { home, remove } = await aHome();
        removeHome = remove;
        const modelDir = await compilePrivately(home);
        world = await createWorld();
        ({ modelId } = await registerModel(world.acting, { model: await readCompiledModel({ dir: modelDir }) }));
        secret = await aSecret(modelDir);
        prover = await createProver({ modelDir });
    });
    after(async () => {
        await prover.close();
        await removeHome();
    });

    /** Asks for the judgement of the secret input under SIGNED_AND_ZK. */
    async function ask(): Promise<PreparedRequest> {
        const request = await world.aRequest({
            modelId,
            input: new Uint8Array(),
            inputHash: secret.inputHash,
            policy: PRESETS.SIGNED_AND_ZK,
        });
        await sendRequest(world.acting, request);
        return request;
    }

    /** What the holder of the input answers, with a signature and a proof. */
    async function answer({ requestId }: Pick<PreparedRequest, "requestId">) {
        const draft = await prover.prove({ input: secret.input, bind: 0n, salts: SALTS });
        const statement: Statement = {
            requestId,
            modelId,
            configHash: ZERO_BYTES32,
            inputHash: secret.inputHash,
            outputHash: draft.outputHash,
            contextHash: ZERO_BYTES32,
            executor: toHex(world.executor.address),
            issuedAt: BigInt(await world.networkHelpers.time.latest()),
            round: 0n,
            resultCode: 0n,
        };
        return { statement, output: draft.output, evidence: await evidenceFor(statement) };
    }

    async function evidenceFor(statement: Statement): Promise<Evidence[]> {
        const about = { chainId: CHAIN_ID, gate: world.deployment.contracts.EvidenceGate };
        const { domain, types } = statementTypedData(about);
        const signature = toHex(await world.signingKey.signTypedData(domain, types, statement));
        const bind = bindOf(statementDigest({ ...about, statement }));
        return [
            { family: 0, data: signature },
            encodeGroth16(await prover.prove({ input: secret.input, bind, salts: SALTS })),
        ];
    }

    async function deliver(
        request: PreparedRequest,
        { statement, evidence }: { statement: Statement; evidence: Evidence[] },
    ) {
        const { requester, salt, terms } = request;
        const key = { requester, salt, terms: { ...terms, executors: [...terms.executors] } };
        return world.asExecutor.hub.fulfil(key, { statement, input: "0x", output: "0x" }, evidence);
    }

    /** A delivered request, its receipt and what opens it. */
    async function delivered(): Promise<{ receipt: HubReceipt; opening: ReceiptOpening }> {
        const request = await ask();
        const answered = await answer(request);
        await deliver(request, answered);
        const receipt = await receiptFromChain({ ...world, requestId: request.requestId });
        const opening = {
            input: bytesToHex(secret.input),
            inputSalt: SALTS.input,
            output: bytesToHex(answered.output),
            outputSalt: SALTS.output,
        };
        return { receipt, opening };
    }

    it("refuses the bytes of an input that is to stay private", async () => {
        const request = await world.aRequest({ modelId, input: secret.input, policy: PRESETS.ZK });

        const fault = await sendRequest(world.acting, request).catch((error: unknown) => error);

        expect(fault).to.deep.include({ contractError: "InputMustStayPrivate", arguments: { modelId } });
    });

    it("delivers a proof over both commitments, and no bytes in any event", async () => {
        const request = await ask();
        const answered = await answer(request);

        const sent = await deliver(request, answered);

        const [, isFinal, present, outputHash] = await world.asExecutor.hub.resultOf(request.requestId);
        expect(isFinal).to.equal(true);
        expect(present).to.equal(BigInt(0b10001 | (1 << 14)));
        expect(outputHash).to.equal(answered.statement.outputHash);
        const recorded = await recordedAnswer(world, request.requestId);
        expect(recorded?.output).to.equal("0x");
        expect((await recordedRequest(world, request.requestId)).input).to.deep.equal(new Uint8Array());
        expect(sent.data).to.not.include(bytesToHex(secret.input).slice(2));
    });

    it("has a receipt that verifies closed, and says what stays private", async () => {
        const { receipt } = await delivered();

        const verdict = verifyReceipt({ receipt, chainState: await readChainState(world, receipt) });

        expect(verdict.reason).to.equal("");
        expect(verdict).to.deep.include({ accepted: true, policyMet: true });
        expect([receipt.input, receipt.output]).to.deep.equal([undefined, undefined]);
        expect(verdict.claimed.map(({ subject }) => subject)).to.include.members([
            "statement.inputHash",
            "statement.outputHash",
        ]);
        expect(verdict.proven.filter(({ by }) => by === "proof").map(({ subject }) => subject)).to.deep.equal([
            "statement.outputHash",
        ]);
    });

    it("has a receipt that opens with its salts, and with no others", async () => {
        const { receipt, opening } = await delivered();
        const judge = (given: ReceiptOpening) => verifyReceipt({ receipt: openReceipt({ receipt, opening: given }) });
        const flipped = hexToBytes(opening.input ?? "0x").with(0, (hexToBytes(opening.input ?? "0x")[0] ?? 0) ^ 1);

        const opened = judge(opening);

        expect(opened).to.deep.include({ accepted: true, code: "ACCEPTED" });
        expect(opened.proven.filter(({ by }) => by === "hash").map(({ subject }) => subject)).to.include.members([
            "input",
            "output",
        ]);
        expect(judge({ ...opening, inputSalt: SALTS.output }).code).to.equal("RECEIPT_INPUT_MISMATCH");
        expect(judge({ ...opening, input: bytesToHex(flipped) }).code).to.equal("RECEIPT_INPUT_MISMATCH");
        expect(judge({ ...opening, outputSalt: SALTS.input }).code).to.equal("RECEIPT_OUTPUT_MISMATCH");
    });

    it("refuses a statement of another commitment than the proven one", async () => {
        const request = await ask();
        const { statement } = await answer(request);
        const other = { ...statement, outputHash: secret.inputHash };

        const fault = await deliver(request, { statement: other, evidence: await evidenceFor(other) }).catch(
            (error: unknown) => error,
        );

        expect(String(fault)).to.include("ProofInvalid");
    });

    /** A consumer pulls the judgement of the secret input; the receipt of what it was brought. */
    async function pulled(): Promise<PullReceipt> {
        const { EvidenceGate: gate, InferenceHub: hub } = world.deployment.contracts;
        const policy = PRESETS.SIGNED_AND_ZK;
        const consumer = await world.ethers.deployContract("OpenClient", [hub, gate, policy, true]);
        const signers = { executors: [world.executor.address], minStakeWei: 0n };
        const wanted = { modelId, configHash: ZERO_BYTES32, policy, signers };
        await consumer.issuePrivatePull(wanted, secret.inputHash);
        const [issued] = await consumer.queryFilter(consumer.filters.PrivatePullRequested());
        const { requestId, salt } = issued?.args ?? expect.fail("nothing was issued");
        const { statement, evidence } = await answer({ requestId: toHex(requestId) });
        const brought = { statement, input: "0x", output: "0x" };
        const sent = await (await consumer.consumePull(brought, wanted, salt, evidence)).wait();
        const at = { blockNumber: sent?.blockNumber ?? 0 };
        const block = (await world.provider.getBlock(at.blockNumber)) ?? expect.fail("no block");
        const address = toHex(await consumer.getAddress());
        return {
            ...{ version: RECEIPT_VERSION, origin: "pull", chainId: CHAIN_ID, gate },
            request: {
                ...{ consumer: address, salt: toHex(salt), policy: uintToHex(policy) },
                signers: { executors: [toHex(world.executor.address)], minStakeWei: "0" },
            },
            statement: statementToJson(statement),
            evidence: evidenceToJson(evidence),
            registry: {
                ...{ blockNumber: block.number, blockHash: toHex(block.hash ?? ""), blockTimestamp: block.timestamp },
                model: await modelFactsAt(world, { modelId, at }),
                executor: await executorFactsAt(world, { executor: statement.executor, at }),
            },
        };
    }

    it("is pulled by a consumer that only announced the commitment", async () => {
        const receipt = await pulled();
        const chainState = await readChainState(world, receipt);

        const verdict = verifyReceipt({ receipt, chainState });

        expect(verdict.reason).to.equal("");
        expect(verdict).to.deep.include({ accepted: true, policyMet: true });
        expect(chainState.ask?.inputHash).to.equal(secret.inputHash);
        expect(verdict.proven.find(({ subject }) => subject === "request.policy")?.by).to.equal("chain");
    });

    async function aSecret(modelDir: string): Promise<Secret> {
        const { graph, manifest } = await loadModel(modelDir);
        const side = decodeIoSpec(manifest.ioSpec).input;
        const values = someInputs({ graph, count: 8, seed: 21 }).at(-1) ?? [];
        const input = encodeTensor({ dtype: side.dtype, values });
        return { input, inputHash: sealSide({ side, bytes: input, salt: SALTS.input }).hash };
    }
});

async function compilePrivately(dir: string): Promise<string> {
    const text = await readFile(join(MODELS, "argmax-8-4-2.calibration.json"), "utf8");
    const { input_data: calibration } = calibrationFile.parse(JSON.parse(text));
    const outDir = join(dir, "private");
    await compileModel({
        ...{ onnx: new Uint8Array(await readFile(join(MODELS, "argmax-8-4-2.onnx"))), name: "private", outDir },
        ...{ calibration, cacheDir: MODEL_CACHE, inputVisibility: "committed", outputVisibility: "committed" },
    });
    return outDir;
}
