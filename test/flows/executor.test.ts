import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileModel, createSession, quantiseInput } from "@assay/compiler";
import {
    bytesToHex,
    decodeIntegers,
    encodeTensor,
    type Hex,
    hexToBytes,
    keccak256,
    PRESETS,
    toHex,
    verifyReceipt,
} from "@assay/protocol";
import { createProver } from "@assay/prover";
import { contractsOf, readCompiledModel, registerModel } from "@assay/sdk";
import { expect } from "chai";
import { Wallet } from "ethers";
import { z } from "zod";
import { readReceiptFile, type SettingsInput } from "../../offchain/executor/index.ts";
import type { Database } from "../../offchain/executor/shell/journal/database.ts";
import { openMemory } from "../../offchain/executor/shell/journal/pglite.ts";
import { historyOf } from "../../offchain/executor/shell/journal/requests.ts";
import { type LogLine, reached } from "../offchain/executor/_log.ts";
import { answerOf, forgedEngines, INPUTS, MAX_PIXEL, withProver } from "../offchain/executor/_model.ts";
import { createDoor } from "../offchain/executor/_rpc.ts";
import { createWorld, INPUT, type World } from "../offchain/executor/_world.ts";

/** Fourth account of Hardhat's development chains. */
const SECOND_OPERATOR = "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6";
const ONE_MINUTE_OLD_AT_MOST = 1n << 216n;

describe("flow: executor", () => {
    let world: World;
    let secondDatabase: Database;
    before(async () => {
        secondDatabase = await openMemory();
        world = await createWorld();
    });
    afterEach(() => world.stopExecutors());
    after(() => world.close());

    async function started(parts: Parameters<World["anExecutor"]>[0] = {}) {
        const executor = world.anExecutor(parts);
        await executor.start();
        return executor;
    }
    async function namesOf(requestId: Hex) {
        return (await world.hubEvents(requestId)).map(({ name }) => name);
    }

    describe("answers", () => {
        for (const policy of ["SIGNED", "ZK", "SIGNED_AND_ZK"] as const) {
            it(`a request under ${policy}, is paid once, and keeps a receipt that verifies`, async () => {
                const executor = await started();
                const paidBefore = await world.creditWei();

                const { requestId, terms } = await world.ask({ policy: PRESETS[policy] });
                await executor.seen(reached({ requestId, stage: "finished" }));

                const events = await world.hubEvents(requestId);
                expect(events.map(({ name }) => name)).to.deep.equal(["Requested", "Delivered"]);
                expect(events[1]?.args.output).to.equal(bytesToHex(answerOf({ seed: world.model.seed, input: INPUT })));
                expect(await world.creditWei()).to.equal(paidBefore + terms.feeWei);
                const receipt = await readReceiptFile({ home: world.home, requestId });
                expect(verifyReceipt({ receipt }).code).to.equal("ACCEPTED");
            });
        }

        it("what was asked while nobody was there", async () => {
            const { requestId } = await world.ask();

            const executor = await started();
            await executor.seen(reached({ requestId, stage: "finished" }));

            expect(await namesOf(requestId)).to.deep.equal(["Requested", "Delivered"]);
        });

        it("many requests at once, each exactly once", async () => {
            const asked = [];
            for (let i = 0; i < 12; i++) asked.push(await world.ask({ policy: i % 3 ? PRESETS.SIGNED : PRESETS.ZK }));

            const executor = await started();
            await Promise.all(asked.map(({ requestId }) => executor.seen(reached({ requestId, stage: "finished" }))));

            for (const { requestId } of asked)
                expect(await namesOf(requestId)).to.deep.equal(["Requested", "Delivered"]);
        });

        it("by a new statement when the evidence grew too old", async () => {
            const door = createDoor();
            const engines = withProver(forgedEngines([world.model]), (prove) => door.passed.then(prove));
            const executor = await started({ engines });

            const { requestId } = await world.ask({ policy: PRESETS.ZK | ONE_MINUTE_OLD_AT_MOST });
            await executor.seen(reached({ requestId, stage: "prove" }));
            await world.networkHelpers.time.increase(120);
            await world.networkHelpers.mine();
            door.open();
            await executor.seen(reached({ requestId, stage: "finished" }));

            const events = (await historyOf(world.database, requestId)).map(({ event }) => event);
            expect(events.filter((event) => event === "dated")).to.have.length(2);
            expect(await namesOf(requestId)).to.deep.equal(["Requested", "Delivered"]);
        });

        it("only once when two executors are named, and the slower one gives way", async () => {
            const second = new Wallet(SECOND_OPERATOR, world.provider);
            const { executors: registry } = contractsOf({ deployment: world.deployment, runner: second });
            await registry.setKey(world.signingKey.address, 0, 2n ** 40n - 1n);
            const executors = [world.executorAddress, toHex(second.address)];
            const { requestId } = await world.ask({ executors });

            const one = await started();
            const other = await started({
                database: async () => secondDatabase,
                settings: { operatorKey: SECOND_OPERATOR },
            });
            const ended = (line: LogLine) =>
                line.requestId === requestId && (line.stage === "finished" || line.stage === "closed");
            const ends = await Promise.all([one, other].map(({ seen }) => seen(ended)));

            expect(ends.map(({ stage }) => stage).sort()).to.deep.equal(["closed", "finished"]);
            expect(ends.find(({ stage }) => stage === "closed")?.code).to.equal("EXECUTOR_ANSWERED_BY_OTHER");
            expect(await namesOf(requestId)).to.deep.equal(["Requested", "Delivered"]);
        });
    });

    describe("says in a signed failure, to who named it,", () => {
        const cases = [
            { it: "that the input has the wrong length", input: new Uint8Array(INPUTS - 1), resultCode: 1n },
            {
                it: "that an element is out of range",
                input: new Uint8Array(INPUTS).fill(MAX_PIXEL + 1),
                resultCode: 2n,
            },
        ];
        for (const { it: title, input, resultCode } of cases) {
            it(title, async () => {
                const executor = await started();
                const paidBefore = await world.creditWei();

                const { requestId } = await world.ask({ input });
                await executor.seen(reached({ requestId, stage: "finished" }));

                const events = await world.hubEvents(requestId);
                expect(events.at(-1)?.name).to.equal("Errored");
                expect(events.at(-1)?.args.resultCode).to.equal(resultCode);
                expect(await world.creditWei()).to.equal(paidBefore);
                const receipt = await readReceiptFile({ home: world.home, requestId });
                expect(verifyReceipt({ receipt })).to.include({ code: "ACCEPTED", resultCode: Number(resultCode) });
            });
        }

        it("that it does not have the configuration", async () => {
            const executor = await started({ settings: { failureAllowance: 9 } });

            const { requestId } = await world.ask({ configHash: keccak256(Uint8Array.of(1)) });
            await executor.seen(reached({ requestId, stage: "finished" }));

            expect((await world.hubEvents(requestId)).at(-1)?.args.resultCode).to.equal(6n);
        });
    });

    describe("leaves a request alone, with a coded reason, when", () => {
        const TO_ANYBODY = { executors: [], policy: PRESETS.ZK };
        const cases: readonly {
            it: string;
            code: string;
            wish: () => Parameters<World["ask"]>[0];
            settings?: Partial<SettingsInput>;
        }[] = [
            {
                it: "others are named",
                code: "EXECUTOR_NOT_NAMED",
                wish: () => ({ policy: PRESETS.ZK, executors: [toHex(world.requester.address)] }),
            },
            { it: "the fee is too low", code: "EXECUTOR_FEE_TOO_LOW", wish: () => ({ feeWei: 1n }) },
            {
                it: "it does not have the model",
                code: "EXECUTOR_MODEL_UNKNOWN",
                wish: () => ({}),
                settings: { models: [] },
            },
            {
                it: "it does not offer the families",
                code: "EXECUTOR_POLICY_UNMET",
                wish: () => TO_ANYBODY,
                settings: { families: ["SIGNED"] },
            },
            {
                it: "its signing key is not the registered one",
                code: "EXECUTOR_KEY_NOT_VALID",
                wish: () => ({}),
                settings: { signingKey: SECOND_OPERATOR },
            },
            {
                it: "the input does not fit and nobody named it",
                code: "EXECUTOR_RESULT_IS_FAILURE",
                wish: () => ({ ...TO_ANYBODY, input: new Uint8Array(3) }),
            },
            {
                it: "the requester had all its failures",
                code: "EXECUTOR_RESULT_IS_FAILURE",
                wish: () => ({ input: new Uint8Array(3) }),
                settings: { failureAllowance: 0 },
            },
            {
                it: "there is too little time",
                code: "EXECUTOR_DEADLINE_TOO_CLOSE",
                wish: () => ({}),
                settings: { secondsToDeliver: 100_000 },
            },
        ];
        for (const { it: title, code, wish, settings = {} } of cases) {
            it(title, async () => {
                const executor = await started({ settings });

                const { requestId } = await world.ask(wish());
                const line = await executor.seen(reached({ requestId, stage: "refused" }));

                expect(line.code).to.equal(code);
                expect(await namesOf(requestId)).to.deep.equal(["Requested"]);
            });
        }
    });

    describe("sends nothing when", () => {
        const broken = {
            "a proof is corrupt": async (prove: () => Promise<Proven>): Promise<Proven> => {
                const { proof, ...rest } = await prove();
                return { ...rest, proof: proof.map((coordinate, i) => (i < 2 ? (proof[1 - i] ?? 0n) : coordinate)) };
            },
            "the circuit computes something else than the model": async (prove: () => Promise<Proven>) => ({
                ...(await prove()),
                output: new Uint8Array(8),
            }),
        };
        for (const [title, spoil] of Object.entries(broken)) {
            it(title, async () => {
                const executor = await started({ engines: withProver(forgedEngines([world.model]), spoil) });
                const sentBefore = await world.provider.getTransactionCount(world.executor.address);

                const { requestId } = await world.ask({ policy: PRESETS.ZK });
                const line = await executor.seen(reached({ requestId, stage: "closed" }));

                expect(line.code).to.equal("EXECUTOR_EVIDENCE_INVALID");
                expect(await world.provider.getTransactionCount(world.executor.address)).to.equal(sentBefore);
            });
        }

        it("the deadline passes during the work", async () => {
            const door = createDoor();
            const engines = withProver(forgedEngines([world.model]), (prove) => door.passed.then(prove));
            const executor = await started({ engines });
            const deadline = BigInt(await world.networkHelpers.time.latest()) + 600n;

            const { requestId } = await world.ask({ policy: PRESETS.ZK, deadline });
            await executor.seen(reached({ requestId, stage: "prove" }));
            await world.networkHelpers.time.increase(700);
            await world.networkHelpers.mine();
            const line = await executor.seen(reached({ requestId, stage: "closed" }));
            door.open();

            expect(line.code).to.equal("EXECUTOR_REQUEST_EXPIRED");
            expect(await namesOf(requestId)).to.deep.equal(["Requested"]);
        });
    });

    describe("with the digits model, its runtime and its prover", function () {
        // Compiling takes seconds unless the cache has the model; loading a proving key and proving some more.
        this.timeout(120_000);

        it("reads digits: the answers, the proofs and the receipts are true", async () => {
            const dir = join(world.home, "digits");
            const { manifest, samples } = await compileDigits(dir);
            const acting = { ...world.acting, signer: world.requester };
            const { modelId } = await registerModel(acting, { model: await readCompiledModel({ dir }) });
            const executor = await started({ engines: { createSession, createProver }, settings: { models: [dir] } });

            const read: { label: number; answer: Uint8Array }[] = [];
            for (const { input: pixels, label } of samples.slice(0, 3)) {
                const values = quantiseInput(manifest, pixels);
                const input = encodeTensor({ dtype: manifest.inputs[0]?.dtype ?? "", values });
                const { requestId } = await world.ask({ modelId, input, policy: PRESETS.SIGNED_AND_ZK });
                await executor.seen(reached({ requestId, stage: "finished" }));
                const receipt = await readReceiptFile({ home: world.home, requestId });
                expect(verifyReceipt({ receipt })).to.include({ code: "ACCEPTED", policyMet: true });
                read.push({ label, answer: hexToBytes(receipt?.output ?? "0x") });
            }

            const digits = read.map(({ answer }) =>
                Number(decodeIntegers({ dtype: manifest.outputs[0]?.dtype ?? "", bytes: answer })[0]),
            );
            expect(digits).to.deep.equal(read.map(({ label }) => label));
        });
    });
});

type Proven = { proof: readonly bigint[]; c?: bigint | undefined; output: Uint8Array };

const samplesSchema = z.object({ samples: z.array(z.object({ input: z.array(z.number()), label: z.number() })) });
const calibrationSchema = z.object({ input_data: z.array(z.array(z.number())) });

/** Compiles the digits model into a directory, from the cache if it is there. */
async function compileDigits(outDir: string) {
    const root = new URL("../../", import.meta.url);
    const text = (name: string) => readFile(new URL(`models/${name}`, root), "utf8");
    const { input_data: calibration } = calibrationSchema.parse(JSON.parse(await text("digits.calibration.json")));
    const { samples } = samplesSchema.parse(JSON.parse(await text("digits.samples.json")));
    const onnx = await readFile(new URL("models/digits.onnx", root));
    const cacheDir = fileURLToPath(new URL(".cache/models", root));
    const manifest = await compileModel({ onnx, name: "digits", outDir, calibration, cacheDir });
    return { manifest, samples };
}
