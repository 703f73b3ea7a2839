import { canonicalJson, type JsonObject, keccak256 } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import { createAnswerText } from "../../../offchain/gateway/core/answerText.ts";
import type { Models, Piece } from "../../../offchain/gateway/core/model.ts";
import { chooseToken } from "../../../offchain/gateway/core/sampling.ts";
import { createWorld } from "../sdk/_world.ts";
import { codeOf, modelFile, modelNamed, openModels, SALT, said } from "./_models.ts";

const answered = z.object({
    choices: z.array(
        z.object({ message: z.object({ role: z.string(), content: z.string() }), finish_reason: z.string() }),
    ),
});
const HELLO = "Hello! I am tiny-text. Ask me what Assay is, or how a receipt is checked.";

describe("gateway text model", () => {
    let models: Models;

    before(async () => {
        models = await openModels(await createWorld(), { sources: [modelFile("tiny-text.onnx")] });
    });
    after(async () => models.close());

    const tiny = () => modelNamed(models, "tiny-text");
    const read = (body: JsonObject, config?: JsonObject) =>
        tiny().read({ model: "tiny-text", ...body }, { salt: SALT, config });
    const ask = async (body: JsonObject, config?: JsonObject) => {
        const { input } = read(body, config);
        const pieces: Piece[] = [];
        const signal = new AbortController().signal;
        const outcome = await tiny().run({ input, signal, onPiece: (piece) => pieces.push(piece) });
        const [choice] = answered.parse(tiny().present({ input, output: outcome.output })).choices;
        if (choice === undefined) throw new Error("No choice.");
        return { ...outcome, text: choice.message.content, finish: choice.finish_reason, pieces };
    };

    it("answers what it was trained on, and ends by itself", async () => {
        const { text, finish, usage, resultCode } = await ask({ messages: said("Hello!") });

        expect([text, finish, resultCode]).to.deep.equal([HELLO, "stop", 0]);
        expect(usage).to.deep.equal({ promptTokens: 1, completionTokens: 19, totalTokens: 20 });
    });

    it("finds its answer in a longer conversation", async () => {
        const messages = [
            { role: "system", content: "You are helpful." },
            { role: "user", content: "What is ONNX?" },
            { role: "assistant", content: "A file format." },
            ...said("And what is a salt?"),
        ];

        expect((await ask({ messages })).text).to.match(/^A salt is random\./);
    });

    it("streams exactly what it answers, piece by piece", async () => {
        const { text, pieces, finish } = await ask({ messages: said("what is a receipt") });

        const deltas = pieces.flatMap(({ choices }) => choices.map((choice) => deltaOf(choice)));
        expect(deltas.join("")).to.equal(text);
        expect(deltas.length).to.be.greaterThan(10);
        expect(pieces.at(-1)?.choices).to.deep.equal([{ index: 0, delta: {}, finish_reason: finish }]);
    });

    it("is registered as floating point without an ioSpec, and can be signed only", () => {
        const { facts, families, route } = tiny();

        expect([facts.semantics, BigInt(facts.ioSpec), route]).to.deep.equal(["FLOAT", 0n, "chat"]);
        expect(families).to.deep.equal([0]);
    });

    it("takes the canonical effective request with its salt as input", () => {
        const { input, effective, units, attachments, isStream } = read({
            messages: said("hi"),
            seed: 5,
            stream: true,
        });

        const wanted = { model: "tiny-text", temperature: 0, top_p: 1, stop: [], seed: 5, max_tokens: 128 };
        expect(effective).to.deep.equal(wanted);
        expect(new TextDecoder().decode(input)).to.equal(
            canonicalJson({ ...wanted, messages: said("hi"), salt: SALT }),
        );
        expect([units, attachments, isStream]).to.deep.equal([128, [], true]);
    });

    it("draws a seed from the salt when nobody chose one, and says which", () => {
        const { effective } = read({ messages: said("hi") });

        expect(effective.seed).to.equal(Number(BigInt(keccak256(bytesOf(SALT))) >> 208n));
    });

    it("obeys seed and temperature: equal seeds agree, and others differ", async () => {
        const wild = { messages: said("tell me a story"), temperature: 2, max_tokens: 60 };

        const [first, again, other] = [
            await ask({ ...wild, seed: 1 }),
            await ask({ ...wild, seed: 1 }),
            await ask({ ...wild, seed: 2 }),
        ];

        expect(again.text).to.equal(first.text);
        expect(other.text).not.to.equal(first.text);
    });

    it("obeys top_p: of the likeliest alone, no temperature changes the answer", async () => {
        const { text } = await ask({ messages: said("hello"), temperature: 2, top_p: 0, seed: 3 });

        expect(text).to.equal(HELLO);
    });

    it("obeys max_tokens and its newer name", async () => {
        const old = await ask({ messages: said("hello"), max_tokens: 3 });
        const present = await ask({ messages: said("hello"), max_completion_tokens: 3 });

        expect([old.text, old.finish, old.usage?.completionTokens]).to.deep.equal(["Hello! I", "length", 3]);
        expect([present.text, present.finish]).to.deep.equal([old.text, old.finish]);
    });

    it("obeys stop, in the answer and in its pieces", async () => {
        const { text, finish, pieces } = await ask({ messages: said("hello"), stop: ["tiny-text. Ask"] });

        expect([text, finish]).to.deep.equal(["Hello! I am ", "stop"]);
        expect(pieces.flatMap(({ choices }) => choices.map(deltaOf)).join("")).to.equal(text);
    });

    it("obeys a configuration: system prompt, template, sampling, trimming", async () => {
        const config = {
            systemPrompt: "Be brief.",
            template: "what is {{content}}",
            sampling: { max_tokens: 4 },
            preprocessing: { trim: true },
            postprocessing: { trim: true },
        };

        const { effective, input } = read({ messages: said("  a salt ") }, config);
        const { text } = await ask({ messages: said("  a salt "), stop: ["random"] }, config);

        expect(effective.max_tokens).to.equal(4);
        expect(JSON.parse(new TextDecoder().decode(input))).to.deep.include({
            messages: [
                { role: "system", content: "Be brief." },
                { role: "user", content: "what is a salt" },
            ],
            postprocessing: { trim: true },
        });
        expect(text).to.equal("A salt is");
    });

    it("stops when nobody waits any more", async () => {
        const { input } = read({ messages: said("hello") });
        const gone = AbortSignal.abort(new Error("gone"));

        const fault = await tiny()
            .run({ input, signal: gone })
            .catch((error: unknown) => String(error));

        expect(fault).to.equal("Error: gone");
    });

    const unsupported: [string, JsonObject][] = [
        ["n", { n: 2 }],
        ["tools", { tools: [{ type: "function", function: { name: "f" } }] }],
        ["logprobs", { logprobs: true }],
        ["frequency_penalty", { frequency_penalty: 0.5 }],
        ["response_format", { response_format: { type: "json_object" } }],
        ["anything unknown", { thinking: true }],
        ["more tokens than it gives", { max_tokens: 100_000 }],
        ["a name of a speaker", { messages: [{ role: "user", content: "hi", name: "ann" }] }],
        ["a picture", { messages: [{ role: "user", content: [image("data:image/png;base64,AAAA")] }] }],
        ["other stream options", { stream: true, stream_options: { include_obfuscation: true } }],
    ];
    for (const [name, body] of unsupported) {
        it(`refuses ${name} as GATEWAY_PARAMETER_UNSUPPORTED`, () => {
            expect(codeOf(() => read({ messages: said("hi"), ...body }))).to.equal("GATEWAY_PARAMETER_UNSUPPORTED");
        });
    }

    const invalid: [string, JsonObject][] = [
        ["no messages", {}],
        ["an empty conversation", { messages: [] }],
        ["another role", { messages: [{ role: "robot", content: "hi" }] }],
        ["a member that a message cannot have", { messages: [{ role: "user", content: "hi", colour: 1 }] }],
        ["a temperature of text", { messages: said("hi"), temperature: "1" }],
        ["a temperature above 2", { messages: said("hi"), temperature: 3 }],
        ["two limits", { messages: said("hi"), max_tokens: 1, max_completion_tokens: 2 }],
        ["more words than it reads", { messages: said("word ".repeat(600)) }],
    ];
    for (const [name, body] of invalid) {
        it(`refuses ${name} as GATEWAY_BODY_INVALID`, () => {
            expect(codeOf(() => read(body))).to.equal("GATEWAY_BODY_INVALID");
        });
    }

    it("takes what asks for nothing but what happens anyway", () => {
        const neutral = { n: 1, logprobs: false, presence_penalty: 0, tools: null, response_format: { type: "text" } };

        expect(codeOf(() => read({ messages: said("hi"), ...neutral }))).to.equal("nothing was thrown");
    });
});

describe("answer text", () => {
    it("holds back what a stop sequence could begin with, however it is cut", () => {
        const whole = "one two STOP three";
        for (let cut = 1; cut < whole.length; cut++) {
            const text = createAnswerText({ stops: ["STOP"], trim: false });
            const parts = [whole.slice(0, cut), whole.slice(cut)].map(text.push);

            expect(parts.join("") + text.end()).to.equal("one two ");
            expect(text.isStopped()).to.equal(true);
        }
    });

    it("gives what only looked like a stop sequence", () => {
        const text = createAnswerText({ stops: ["STOP"], trim: false });

        expect(text.push("a STO") + text.push("RM ST") + text.end()).to.equal("a STORM ST");
    });

    it("cuts white space around the whole, and none within", () => {
        const text = createAnswerText({ stops: [], trim: true });

        expect([" ", " a ", " b", "  "].map(text.push).join("") + text.end()).to.equal("a  b");
    });
});

describe("sampling", () => {
    it("takes each token about as often as its probability says", () => {
        const scores = [Math.log(0.7), Math.log(0.2), Math.log(0.1)];
        const counts = [0, 0, 0];

        for (let step = 0; step < 2_000; step++) {
            const token = chooseToken({ scores, sampling: { temperature: 1, top_p: 1, seed: 9 }, step });
            counts[token] = (counts[token] ?? 0) + 1;
        }

        expect(counts.map((count) => Math.round(count / 200))).to.deep.equal([7, 2, 1]);
    });

    it("leaves out what top_p leaves out, and takes the lower of equal scores", () => {
        const sampling = { temperature: 1, top_p: 0.65, seed: 1 };
        const scores = [Math.log(0.1), Math.log(0.7), Math.log(0.2)];
        const taken = Array.from({ length: 50 }, (_, step) => chooseToken({ scores, sampling, step }));

        expect(new Set(taken)).to.deep.equal(new Set([1]));
        expect(chooseToken({ scores: [1, 2, 2], sampling: { ...sampling, temperature: 0 }, step: 0 })).to.equal(1);
    });
});

function image(url: string): JsonObject {
    return { type: "image_url", image_url: { url } };
}

function deltaOf(choice: JsonObject): string {
    return z.object({ delta: z.object({ content: z.string().default("") }) }).parse(choice).delta.content;
}

function bytesOf(hex: string): Uint8Array {
    return Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
}
