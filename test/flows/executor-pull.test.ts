import {
    evidenceFromJson,
    type Hex,
    hexToBytes,
    keccak256,
    PRESETS,
    type Receipt,
    statementFromJson,
    toHex,
    verifyReceipt,
} from "@assay/protocol";
import { expect } from "chai";
import { readReceiptFile } from "../../offchain/executor/index.ts";
import { findState } from "../../offchain/executor/shell/journal/requests.ts";
import { reached } from "../offchain/executor/_log.ts";
import { answerOf, forgedEngines, INPUTS, type WrittenModel } from "../offchain/executor/_model.ts";
import { createWorld, INPUT, type World } from "../offchain/executor/_world.ts";

const UNIT_WEI = 10n ** 12n;
const PAY = 1;
const HELD = 3n;
const PAID = 4n;

describe("flow: executor, pull mode", () => {
    let world: World;
    let decision: WrittenModel & { modelId: Hex };
    before(async () => {
        world = await createWorld();
        decision = await world.aModel({ seed: 4, inputs: 8, max: 255 });
    });
    afterEach(() => world.stopExecutors());
    after(() => world.close());

    /** A vault with one cheque, whose picture its payee has shown: two inferences are wanted. */
    async function presented(image = INPUT) {
        const { ethers } = world.connection;
        const desk = {
            readingModel: world.modelId,
            readingPolicy: PRESETS.ZK,
            decisionModel: decision.modelId,
            executors: [world.executorAddress],
        };
        const gate = world.deployment.contracts.EvidenceGate;
        const vault = await ethers.deployContract("ChequeVault", [gate, desk, UNIT_WEI, true]);
        const [drawer, payee] = await ethers.getSigners();
        if (drawer === undefined || payee === undefined) throw new Error("The node has no accounts.");
        await vault.connect(drawer).deposit({ value: 100n * UNIT_WEI });
        await vault.connect(drawer).write(payee, keccak256(image));
        const amount = Number(answerOf({ seed: world.model.seed, input: INPUT }).at(-1));
        const sent = await vault.connect(payee).present(1n, image, amount);
        const logs = (await sent.wait())?.logs ?? [];
        const [reading, deciding] = logs.flatMap((log) => {
            const found = vault.interface.parseLog(log);
            return found?.name === "PullRequested" ? [toHex(String(found.args.requestId))] : [];
        });
        if (reading === undefined || deciding === undefined) throw new Error("The vault asked for nothing.");
        return { vault, consumer: toHex(await vault.getAddress()), reading, deciding };
    }

    function anExecutor(settings: Parameters<World["anExecutor"]>[0]) {
        const engines = forgedEngines([world.model, decision]);
        const models = [world.model.dir, decision.dir];
        return world.anExecutor({ engines, settings: { models, ...settings?.settings } });
    }

    async function receiptOf(requestId: Hex): Promise<Receipt> {
        const receipt = await readReceiptFile({ home: world.home, requestId });
        if (receipt === undefined) throw new Error(`No receipt of ${requestId}.`);
        return receipt;
    }

    it("makes the evidence of two inferences, delivers nothing, and anybody cashes with the receipts", async () => {
        const { vault, consumer, reading, deciding } = await presented();
        const sentBefore = await world.provider.getTransactionCount(world.executorAddress);
        const executor = anExecutor({ settings: { pullConsumers: [consumer] } });

        await executor.start();
        await executor.seen(reached({ requestId: reading, stage: "finished" }));
        await executor.seen(reached({ requestId: deciding, stage: "finished" }));
        const [read, decided] = [await receiptOf(reading), await receiptOf(deciding)];
        await vault.cash(1n, brought(read), brought(decided));

        expect(verifyReceipt({ receipt: read }).code).to.equal("ACCEPTED");
        expect(verifyReceipt({ receipt: decided }).code).to.equal("ACCEPTED");
        expect(read.evidence.map(({ family }) => family)).to.deep.equal(["ZK_GROTH16"]);
        expect(decided.evidence.map(({ family }) => family)).to.deep.equal(["SIGNED"]);
        const answer = Number(hexToBytes(decided.output ?? "0x").at(-1));
        expect((await vault.chequeOf(1n)).state).to.equal(answer === PAY ? PAID : HELD);
        expect(await world.provider.getTransactionCount(world.executorAddress)).to.equal(sentBefore);
    });

    it("serves the same consumer when it listens to any", async () => {
        const { reading, deciding } = await presented();
        const executor = anExecutor({ settings: { pullConsumers: "any" } });

        await executor.start();
        await executor.seen(reached({ requestId: reading, stage: "finished" }));
        await executor.seen(reached({ requestId: deciding, stage: "finished" }));

        expect((await receiptOf(reading)).origin).to.equal("pull");
    });

    it("does not listen to consumers that nobody told it of", async () => {
        const { reading } = await presented();
        const executor = anExecutor({});

        await executor.start();
        const { requestId } = await world.ask();
        await executor.seen(reached({ requestId, stage: "finished" }));

        expect(await findState(world.database, reading)).to.equal(undefined);
    });

    it("signs no failure for an input that does not fit: the gate takes none in pull mode", async () => {
        const { consumer, reading } = await presented(new Uint8Array(INPUTS).fill(255));
        const executor = anExecutor({ settings: { pullConsumers: [consumer] } });

        await executor.start();
        const line = await executor.seen(reached({ requestId: reading, stage: "refused" }));

        expect(line.code).to.equal("EXECUTOR_RESULT_IS_FAILURE");
        expect(line.detail).to.equal("INPUT_RANGE");
    });
});

/** What a consumer wants to be brought, from a receipt. */
function brought(receipt: Receipt) {
    const { statement, input = "0x", output = "0x", evidence } = receipt;
    return { answer: { statement: statementFromJson(statement), input, output }, evidence: evidenceFromJson(evidence) };
}
