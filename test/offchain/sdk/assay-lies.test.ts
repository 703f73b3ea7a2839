import { type ErrorCode, hashJson, PRESETS, toHex, uintToHex } from "@assay/protocol";
import { type AssayOptions, configVersion, createAssay, publishConfig } from "@assay/sdk";
import { expect } from "chai";
import { Wallet } from "ethers";
import { type Application, CHAT, QUESTION, startApplication } from "./_application.ts";
import { expectFault } from "./_expect.ts";
import { int8, jsonBytes, type Script, type Told } from "./_gateway.ts";

const STRANGER = Wallet.createRandom();
const CONFIG = { owner: toHex(STRANGER.address), name: "terse", version: 1, inForceFrom: 1 };
const SYSTEM = { role: "system", content: "Praise lead." };

type Lie = {
    what: string;
    changes: Partial<Script>;
    code: ErrorCode;
    reason: string;
    options?: Partial<AssayOptions>;
};

/** A receipt that is signed by the executor, and speaks of something else than what was asked and shown. */
const LIES: Lie[] = [
    {
        what: "an answer to another input, truly computed",
        changes: told((said) => ({ ...said, input: int8(1, 2, 3, 5) })),
        code: "SDK_ANSWER_MISMATCH",
        reason: "another input than the one that was sent",
    },
    {
        what: "a receipt of another body",
        changes: told((said) => {
            const requested = { ...said.body, inputs: { x: [[9, 9, 9, 9]] } };
            return asked(said, { requested, requestHash: hashJson(requested) });
        }),
        code: "SDK_RECEIPT_NOT_MINE",
        reason: "It is of request",
    },
    {
        what: "somebody else's payment",
        changes: told((said) => paid(said, { payer: toHex(STRANGER.address) })),
        code: "SDK_RECEIPT_NOT_MINE",
        reason: "It was asked for by",
    },
    {
        what: "another payment",
        changes: told((said) => paid(said, { nonce: `0x${"0e".repeat(32)}` })),
        code: "SDK_RECEIPT_NOT_MINE",
        reason: "It is of payment",
    },
    {
        what: "another amount",
        changes: told((said) => paid(said, { amount: "2000" })),
        code: "SDK_RECEIPT_NOT_MINE",
        reason: "Its payment has another amount",
    },
    {
        what: "a policy that is weaker than what was asked for",
        changes: told((said) => withPolicy(said, PRESETS.TEE)),
        code: "SDK_EVIDENCE_WEAKER",
        reason: "It is of policy",
    },
    {
        what: "a key that the registry does not know",
        changes: {
            tell: (said) => ({ ...said, key: STRANGER }),
            receipt: (receipt) => withKey(receipt, toHex(STRANGER.address)),
        },
        code: "SDK_RECEIPT_REFUSED",
        reason: "RECEIPT_EXECUTOR_FACTS_MISMATCH",
    },
    {
        what: "a signature by another key",
        changes: told((said) => ({ ...said, key: STRANGER })),
        code: "SDK_RECEIPT_REFUSED",
        reason: "RECEIPT_SIGNATURE_WRONG",
    },
    {
        what: "an executor that is not the one that is believed",
        changes: {},
        code: "SDK_RECEIPT_NOT_MINE",
        reason: "answers for it",
        options: { executors: [STRANGER.address] },
    },
    {
        what: "another model than the one that the name stands for",
        changes: {},
        code: "SDK_RECEIPT_NOT_MINE",
        reason: "ran",
        options: { models: { tensors: `0x${"77".repeat(32)}` } },
    },
    {
        what: "another gate",
        changes: { receipt: (receipt) => ({ ...receipt, gate: `0x${"66".repeat(20)}` }) },
        code: "SDK_RECEIPT_NOT_MINE",
        reason: "It is of gate",
    },
    {
        what: "an output that was changed after it was signed",
        changes: { receipt: (receipt) => ({ ...receipt, output: `0x${"00".repeat(9)}` }) },
        code: "SDK_RECEIPT_REFUSED",
        reason: "RECEIPT_OUTPUT_MISMATCH",
    },
    {
        what: "a receipt without its contents",
        changes: {
            receipt: ({ input, output, context, ...rest }) => ({
                ...rest,
                erased: { receiptHash: `0x${"01".repeat(32)}` },
            }),
        },
        code: "SDK_RECEIPT_NOT_MINE",
        reason: "Its context was deleted",
    },
    {
        what: "names of outputs that the model has not",
        changes: { schema: { inputs: [], outputs: [] } },
        code: "SDK_ANSWER_MISMATCH",
        reason: "The gateway's schema is not the one",
    },
    {
        what: "outputs under other names",
        changes: { show: () => ({ outputs: { first: { dtype: "int8", shape: [1], data: [1] } } }) },
        code: "SDK_ANSWER_MISMATCH",
        reason: "The answer shows sum as nothing",
    },
    {
        what: "a configuration that nobody asked for",
        changes: told((said) => ({ ...said, context: { ...said.context, config: CONFIG } })),
        code: "SDK_ANSWER_MISMATCH",
        reason: 'Configuration "terse" shaped it',
    },
    {
        what: "no receipt",
        changes: { show: () => ({}) },
        code: "SDK_GATEWAY_ANSWER_INVALID",
        reason: "It has no outputs",
    },
];

/** The same for text. */
const CHAT_LIES: Lie[] = [
    {
        what: "text that was not signed",
        changes: { show: () => ({ choices: [shown("Lead is gold.")] }) },
        code: "SDK_ANSWER_MISMATCH",
        reason: "not the one that was signed",
    },
    {
        what: "a system text that was not sent",
        changes: told((said) => withInput(said, { messages: [SYSTEM, ...CHAT.messages] })),
        code: "SDK_ANSWER_MISMATCH",
        reason: "other messages than those that were sent",
    },
    {
        what: "a message that was changed on the way",
        changes: told((said) => withInput(said, { messages: [{ role: "user", content: "Name a gas." }] })),
        code: "SDK_ANSWER_MISMATCH",
        reason: "other messages than those that were sent",
    },
    {
        what: "a parameter that was not obeyed",
        changes: told((said) => {
            const effective = { ...said.context.effective, temperature: 1 };
            const changed = { ...said, context: { ...said.context, effective } };
            return withInput(changed, { temperature: 1 });
        }),
        code: "SDK_ANSWER_MISMATCH",
        reason: "It did not run with the temperature",
    },
];

describe("what a gateway's answer is held against", () => {
    let application: Application;

    before(async () => {
        application = await startApplication();
    });
    after(() => application?.close());
    beforeEach(() => application.reset());

    for (const { what, changes, code, reason, options } of LIES) {
        it(`refuses ${what}`, async () => {
            application.gateway.behave(changes);
            const assay = await application.anAssay(options);

            const fault = await expectFault(assay.infer(QUESTION), code);

            expect(fault.message).to.contain(reason);
        });
    }

    for (const { what, changes, code, reason } of CHAT_LIES) {
        it(`refuses ${what}, whole and streamed`, async () => {
            application.gateway.behave(changes);
            const assay = await application.anAssay();

            const fault = await expectFault(assay.chat(CHAT), code);
            const stream = await assay.chat({ ...CHAT, stream: true });
            const streamed = await expectFault(stream.answer(), code);

            expect(fault.message).to.contain(reason);
            expect(streamed.message).to.contain(reason);
        });
    }

    it("gives the messages that ran under a configuration that was asked for", async () => {
        const { world, gateway, anAssay } = application;
        const configHash = hashJson({ systemPrompt: SYSTEM.content });
        const { owner, name, version } = await publishConfig(world.acting, { name: "praise", configHash });
        const { inForceFrom } = await configVersion(world, { owner, name, version });
        const config = { owner, name, version, inForceFrom };
        const messages = [SYSTEM, ...CHAT.messages];
        gateway.behave({
            tell: (said) => withInput({ ...said, configHash, context: { ...said.context, config } }, { messages }),
        });
        const assay = await anAssay();

        const { ran } = await assay.chat({ ...CHAT, config: { owner, name } });

        expect(ran).to.deep.equal(messages);
        await expectFault(assay.chat({ ...CHAT, config: { owner, name, version: 2 } }), "SDK_RECEIPT_NOT_MINE");
    });
    it("cannot tell a made-up key without a node, and says so", async () => {
        const { gateway, world } = application;
        const { deployment } = world;
        const assay = await createAssay({ gatewayUrl: gateway.url, deployment, allowUnchecked: true });
        application.gateway.behave({
            accepts: undefined,
            tell: (said) => ({ ...said, key: STRANGER }),
            receipt: (receipt) => withKey(receipt, toHex(STRANGER.address)),
        });

        const { verdict } = await assay.infer(QUESTION);

        expect(verdict.claimed.map(({ subject }) => subject)).to.include("registry.executor.signingKey");
    });
});

function told(tell: Script["tell"]): Partial<Script> {
    return { tell };
}

function asked(
    said: Told,
    { requested, requestHash }: { requested: Told["body"]; requestHash: Told["request"]["requestHash"] },
): Told {
    return { ...said, context: { ...said.context, requested }, request: { ...said.request, requestHash } };
}

function paid(said: Told, changes: Partial<NonNullable<Told["context"]["payment"]>>): Told {
    if (said.context.payment === null) throw new Error("Nothing was paid.");
    const payment = { ...said.context.payment, ...changes };
    const request = { ...said.request, payer: payment.payer, paymentNonce: payment.nonce };
    return { ...said, context: { ...said.context, payment }, request };
}

function withPolicy(said: Told, word: bigint): Told {
    const policy = uintToHex(word);
    return { ...said, context: { ...said.context, policy }, request: { ...said.request, policy } };
}

function withInput(said: Told, changes: Record<string, unknown>): Told {
    const effective = JSON.parse(new TextDecoder().decode(said.input));
    return { ...said, input: jsonBytes({ ...effective, ...changes }) };
}

function withKey(receipt: Parameters<Script["receipt"]>[0], signingKey: `0x${string}`) {
    const { registry } = receipt;
    if (registry.executor === undefined) throw new Error("Nobody signed.");
    return { ...receipt, registry: { ...registry, executor: { ...registry.executor, signingKey } } };
}

function shown(content: string) {
    return { index: 0, message: { role: "assistant", content }, finish_reason: "stop" };
}
