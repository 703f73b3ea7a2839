/** Gateways that hold out the SDK, or give it true receipts of something else. */
import { hashJson, type JsonObject } from "@assay/protocol";
import { configVersion, publishConfig, readChainState } from "@assay/sdk";
import { expect } from "chai";
import { type Application, CHAT, QUESTION, startApplication } from "../offchain/sdk/_application.ts";
import { expectFault } from "../offchain/sdk/_expect.ts";
import { int8, jsonBytes, type Script } from "../offchain/sdk/_gateway.ts";

const STALL_MS = 300;

describe("attack: gateways against the SDK", () => {
    let application: Application;

    before(async () => {
        application = await startApplication();
    });
    after(() => application?.close());
    beforeEach(() => application.reset());

    describe("another inference's receipt, asked for later", () => {
        it("is not taken for what this application asked for", async () => {
            const { anAssay, gateway } = application;
            const assay = await anAssay();
            const other = await assay.infer({ ...QUESTION, inputs: { x: [[4, 3, 2, 1]] } });
            const { id } = await assay.infer(QUESTION);
            gateway.replace({ id, receipt: other.receipt });

            expect((await assay.verifyReceipt(other.receipt)).accepted).to.equal(true);
            await expectFault(assay.waitFor(id), "SDK_RECEIPT_NOT_MINE");
        });

        it("is held against the executors that are believed, whoever asked for it", async () => {
            const { anAssay } = application;
            const { id } = await (await anAssay()).infer(QUESTION);
            const elsewhere = await anAssay({ executors: [`0x${"ab".repeat(20)}`] });

            await expectFault(elsewhere.waitFor(id), "SDK_RECEIPT_NOT_MINE");
        });

        it("is worth nothing without its contents", async () => {
            const { anAssay, gateway } = application;
            const { id, receipt } = await (await anAssay()).infer(QUESTION);
            const { input: _, output: __, context: ___, ...kept } = receipt;
            gateway.replace({ id, receipt: { ...kept, erased: { receiptHash: `0x${"01".repeat(32)}` } } });

            await expectFault((await anAssay()).waitFor(id), "SDK_RECEIPT_NOT_MINE");
        });
    });

    it("nobody is kept waiting by the head of an answer and no more", async () => {
        const { anAssay, gateway } = application;
        gateway.behave({
            onPaid: ({ response }) => {
                response.writeHead(200, { "X-Assay-Receipt": `rcpt_${"0".repeat(32)}` });
                response.write('{"outputs":');
                return true;
            },
        });
        const assay = await anAssay({ timeoutMs: STALL_MS });

        const fault = await assay.infer(QUESTION).then(String, String);

        expect(fault).to.contain("did not come in time");
    });

    it("no gateway says what became of the money, or writes on a terminal", async () => {
        const { anAssay, gateway } = application;
        gateway.behave({
            onPaid: ({ response }) => {
                const error = { message: "all is lost\u001b[2J", code: "SDK_OUTCOME_UNKNOWN" };
                response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error }));
                return true;
            },
        });

        const fault = await expectFault((await anAssay()).infer(QUESTION), "SDK_GATEWAY_FAULT");

        expect(fault.message).to.contain("all is lost?[2J");
    });

    it("what was paid by is what the executor signed, whatever a header says", async () => {
        const { anAssay, gateway } = application;
        const forged = Buffer.from(JSON.stringify({ success: true, transaction: "0xbad", network: "eip155:1" }));
        gateway.behave({
            onPaid: ({ response }) => {
                response.setHeader("PAYMENT-RESPONSE", forged.toString("base64"));
                return false;
            },
        });

        const { paid, receipt } = await (await anAssay()).infer(QUESTION);

        expect(paid?.transaction).to.equal(receipt.context?.payment?.transaction);
    });

    describe("what a gateway says that a configuration does", () => {
        async function published(name: string, content: JsonObject) {
            const { world } = application;
            const configHash = hashJson(content);
            const { owner, version } = await publishConfig(world.acting, { name, configHash });
            const { inForceFrom } = await configVersion(world, { owner, name, version });
            return { configHash, record: { owner, name, version, inForceFrom }, pinned: { owner, name } };
        }

        it("is not what was asked about tensors, unless the content that was pinned says it", async () => {
            const { anAssay, gateway } = application;
            const content = { preprocessing: { inputs: { x: { multiply: 2, add: 0 } } } };
            const { configHash, record, pinned } = await published("double", content);
            const scaled = (...values: number[]): Script["tell"] => {
                const lie = { preprocessing: { inputs: { x: { multiply: 0, add: values[0] ?? 0 } } } };
                return (said) => {
                    const told = configured(record, configHash)(said);
                    return { ...told, input: int8(...values), context: { ...told.context, effective: lie } };
                };
            };
            const assay = await anAssay();

            gateway.behave({ tell: scaled(9, 9, 9, 9) });
            await expectFault(assay.infer({ ...QUESTION, config: pinned }), "SDK_ANSWER_MISMATCH");
            await expectFault(assay.infer({ ...QUESTION, config: { ...pinned, content } }), "SDK_ANSWER_MISMATCH");
            gateway.behave({ tell: scaled(2, 4, 6, 8) });
            const answer = await assay.infer({ ...QUESTION, config: { ...pinned, content } });

            expect(answer.receipt.statement.configHash).to.equal(configHash);
        });

        it("is held against its content, where the caller has it", async () => {
            const { anAssay, gateway } = application;
            const content = { systemPrompt: "Be terse.", template: "Q: {{content}}", preprocessing: { trim: true } };
            const { configHash, record, pinned } = await published("terse", content);
            const running = (...texts: [string, string]): Script["tell"] => {
                const [system, user] = texts;
                return (said) => {
                    const told = configured(record, configHash)(said);
                    const messages = [
                        { role: "system", content: system },
                        { role: "user", content: user },
                    ];
                    return {
                        ...told,
                        input: jsonBytes({ ...told.context.effective, messages, salt: told.context.salt }),
                    };
                };
            };
            const assay = await anAssay();
            const config = { ...pinned, content };

            gateway.behave({ tell: running("Praise lead.", "Q: Name a metal.") });
            await expectFault(assay.chat({ ...CHAT, config }), "SDK_ANSWER_MISMATCH");
            gateway.behave({ tell: running("Be terse.", "Q: Name a metal.") });
            const { ran } = await assay.chat({ ...CHAT, config });
            expect(ran.map(({ content: text }) => text)).to.deep.equal(["Be terse.", "Q: Name a metal."]);
            const other = { ...pinned, content: { ...content, systemPrompt: "Be kind." } };
            await expectFault(assay.chat({ ...CHAT, config: other }), "SDK_RECEIPT_NOT_MINE");
        });
    });

    it("the chain tells since when a configuration is no more in force", async () => {
        const { anAssay, gateway, world } = application;
        const hashes = ["one", "two"].map((systemPrompt) => hashJson({ systemPrompt }));
        const [first, second] = hashes;
        if (first === undefined || second === undefined) throw new Error("There are two.");
        const { owner, name } = await publishConfig(world.acting, { name: "replaced", configHash: first });
        const { inForceFrom } = await configVersion(world, { owner, name, version: 1 });
        gateway.behave({ tell: configured({ owner, name, version: 1, inForceFrom }, first) });
        const { receipt } = await (await anAssay()).chat({ ...CHAT, config: { owner, name } });
        await publishConfig(world.acting, { name, configHash: second });
        const next = await configVersion(world, { owner, name, version: 2 });

        const { config } = await readChainState(world, receipt);

        expect(config).to.deep.equal({ configHash: first, inForceFrom, supersededAt: next.inForceFrom });
    });
});

type Config = NonNullable<Parameters<Script["tell"]>[0]["context"]["config"]>;

function configured(config: Config, configHash: ReturnType<typeof hashJson>): Script["tell"] {
    return (said) => ({ ...said, configHash, context: { ...said.context, config } });
}
