import { PRESETS, toHex, uintToHex } from "@assay/protocol";
import { createAssay } from "@assay/sdk";
import { expect } from "chai";
import { type Application, CHAT, QUESTION, startApplication } from "./_application.ts";
import { expectFault } from "./_expect.ts";

const DAY_SECONDS = 86_400n;

describe("createAssay", () => {
    let application: Application;

    before(async () => {
        application = await startApplication();
    });
    after(() => application?.close());
    beforeEach(() => application.reset());

    describe("infer", () => {
        it("pays once, within the limits, for this request only, and gives what the executor signed", async () => {
            const { anAssay, gateway, signatures, wallet } = application;

            const answer = await (await anAssay()).infer(QUESTION);

            expect(answer.outputs.sum).to.deep.equal({ dtype: "int64", shape: [1], data: [10n] });
            expect(answer.outputs.first?.data).to.deep.equal([1n]);
            expect(answer.isProven).to.equal(true);
            expect(answer.verdict.code).to.equal("ACCEPTED");
            expect(answer.verdict.claimed.map(({ subject }) => subject)).not.to.include("registry.executor.signingKey");
            expect(answer.paid?.amount).to.equal(1_000n);
            expect(answer.receipt.request.payer).to.equal(toHex(wallet.address));
            expect([gateway.payments.length, signatures()]).to.deep.equal([1, 1]);
            expect(await answer.proven()).to.deep.equal({ receipt: answer.receipt, verdict: answer.verdict });
        });
        it("signs nothing on an unpaid route", async () => {
            application.gateway.behave({ accepts: undefined });

            const answer = await (await application.anAssay()).infer(QUESTION);

            expect(answer.paid).to.equal(undefined);
            expect(application.signatures()).to.equal(0);
        });
        it("asks with a salt of its own each time", async () => {
            const assay = await application.anAssay();

            const [first, second] = [await assay.infer(QUESTION), await assay.infer(QUESTION)];

            expect(first.receipt.request.requestHash).not.to.equal(second.receipt.request.requestHash);
        });
        it("takes the one input of a model by itself, and integers as bigint", async () => {
            const answer = await (await application.anAssay()).infer({ model: "tensors", inputs: [[1n, 2n, 3n, 4n]] });

            expect(answer.outputs.sum?.data).to.deep.equal([10n]);
        });
        it("takes the names of models from who asks", async () => {
            const { anAssay, gateway } = application;

            const answer = await (await anAssay({ models: { tensors: gateway.modelId } })).infer(QUESTION);

            expect(answer.receipt.statement.modelId).to.equal(gateway.modelId);
        });
    });

    describe("chat", () => {
        it("gives the answer that the executor signed to these messages", async () => {
            const answer = await (await application.anAssay()).chat(CHAT);

            expect(answer.text).to.equal("Gold is a metal.");
            expect(answer.ran).to.deep.equal(CHAT.messages);
            expect(answer.receipt.context?.requested).to.deep.include({ model: "tiny", temperature: 0.5 });
        });
        it("gives pieces as they come, and the verified answer in the end", async () => {
            const stream = await (await application.anAssay()).chat({ ...CHAT, stream: true });

            const pieces: string[] = [];
            for await (const { content } of stream) pieces.push(content);

            expect(pieces).to.deep.equal(["Gold ", "is ", "a ", "metal."]);
            expect((await stream.answer()).text).to.equal("Gold is a metal.");
        });
        it("gives the whole answer of a stream that broke, from its receipt", async () => {
            application.gateway.behave({ isStreamCut: true });
            const stream = await (await application.anAssay()).chat({ ...CHAT, stream: true });

            const listening = (async () => {
                for await (const _ of stream);
            })();

            await expectFault(listening, "SDK_STREAM_BROKEN");
            expect((await stream.answer()).text).to.equal("Gold is a metal.");
        });
    });

    describe("evidence that comes later", () => {
        const PROVEN = { ...QUESTION, policy: "SIGNED_AND_ZK" } as const;
        const offer = { policy: uintToHex(PRESETS.SIGNED_AND_ZK) };

        beforeEach(() => {
            application.gateway.behave({
                standing: "served",
                accepts: (honest) => [{ ...honest, extra: { ...honest.extra, ...offer } }],
            });
        });

        it("is waited for, and what is signed only is never given for it", async () => {
            const signal = AbortSignal.timeout(700);

            await expectFault((await application.anAssay()).infer({ ...PROVEN, signal }), "SDK_EVIDENCE_LATE");
        });
        it("may be waited for later by whoever wants the answer at once", async () => {
            const answer = await (await application.anAssay()).infer({ ...PROVEN, until: "served" });

            expect(answer.isProven).to.equal(false);
            expect(answer.verdict.proven.map(({ subject }) => subject)).to.include("registry.executor");
            await expectFault(answer.proven({ signal: AbortSignal.timeout(300) }), "SDK_EVIDENCE_LATE");
        });
        it("is lost when the gateway says so", async () => {
            const assay = await application.anAssay();
            const answer = await assay.infer({ ...PROVEN, until: "served" });
            application.gateway.behave({ standing: "refunded" });

            await expectFault(answer.proven(), "SDK_INFERENCE_FAILED");
            await expectFault(assay.waitFor(answer.id), "SDK_INFERENCE_FAILED");
        });
    });

    describe("request and waitFor", () => {
        it("ask on chain, and verify what was delivered", async () => {
            const { world, anAssay } = application;
            const assay = await anAssay({ signer: world.requester });
            const { modelId, executor } = world;
            const deadline = BigInt(await world.networkHelpers.time.latest()) + DAY_SECONDS;

            const asked = await assay.request({
                ...{ modelId, deadline, policy: PRESETS.SIGNED, feeWei: 10n ** 15n },
                input: Uint8Array.of(1, 2, 3),
                executors: [toHex(executor.address)],
            });
            await world.deliver(asked, "0x2a");
            const { receipt, verdict } = await assay.waitFor(asked.requestId);

            expect(verdict.accepted).to.equal(true);
            expect(receipt.output).to.equal("0x2a");
        });
        it("verify again what a gateway keeps", async () => {
            const assay = await application.anAssay();
            const { id } = await assay.infer(QUESTION);

            const { receipt, verdict } = await assay.waitFor(id);

            expect(verdict.accepted).to.equal(true);
            expect((await assay.verifyReceipt(receipt)).accepted).to.equal(true);
            expect((await assay.verifyReceipt({ ...receipt, output: "0x00" })).code).to.equal(
                "RECEIPT_OUTPUT_MISMATCH",
            );
        });
    });

    describe("options", () => {
        it("take a node, or say that they go without", async () => {
            const { deployment } = application.world;

            await expectFault(createAssay({ deployment }), "SDK_OPTIONS_INVALID");
            const assay = await createAssay({ deployment, allowUnchecked: true });

            await expectFault(assay.infer(QUESTION), "SDK_OPTIONS_INVALID");
            await expectFault(assay.waitFor(`0x${"01".repeat(32)}`), "SDK_OPTIONS_INVALID");
        });
        it("take a node of the deployment's chain only", async () => {
            const deployment = { ...application.world.deployment, chainId: 1 };

            await expectFault(application.anAssay({ deployment }), "SDK_OPTIONS_INVALID");
        });
        it("take no payer without limits, and no limits that hold nothing", async () => {
            const { world, anAssay, wallet } = application;
            const { deployment, provider } = world;
            const payer = { address: wallet.address, signTypedData: async () => "0x" };
            const spend = { asset: wallet.address, payees: [wallet.address], maxPerCall: 2n, maxPerDay: 1n };

            await expectFault(createAssay({ deployment, provider, payer }), "SDK_OPTIONS_INVALID");
            await expectFault(anAssay({ spend }), "SDK_OPTIONS_INVALID");
            await expectFault(anAssay({ spend: { ...spend, maxPerDay: 2n, payees: [] } }), "SDK_OPTIONS_INVALID");
            await expectFault(anAssay({ gatewayUrl: "file:///etc/passwd" }), "SDK_OPTIONS_INVALID");
        });
    });
});
