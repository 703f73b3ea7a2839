import type { ServerResponse } from "node:http";
import { canonicalJson, type JsonObject, keccak256, remoteDigestOf } from "@assay/protocol";
import { expect } from "chai";
import type { Models, Piece } from "../../../offchain/gateway/core/model.ts";
import { createWorld, type World } from "../sdk/_world.ts";
import { codeOf, codeOfError, modelNamed, openModels, SALT, said } from "./_models.ts";
import { aChunk, aCompletion, answers, type Script, startUpstream, streams, type Upstream } from "./_upstream.ts";

const OK = 0;
const MODEL_FAILED = 5;
const OUTPUT_INVALID = 7;
const KEY = "sk-of-the-upstream";
const IDLE_TIMEOUT_MS = 150;

describe("gateway upstream", () => {
    let world: World;
    let upstream: Upstream;
    let models: Models;

    before(async () => {
        world = await createWorld();
        upstream = await startUpstream();
        const settings = { url: upstream.url, key: KEY, models: ["small-1"], idleTimeoutMs: IDLE_TIMEOUT_MS };
        models = await openModels(world, { upstream: settings });
    });
    after(async () => {
        await models.close();
        await upstream.stop();
    });

    const small = () => modelNamed(models, "small-1");
    const read = (body: JsonObject = {}, config?: JsonObject) =>
        small().read({ model: "small-1", messages: said("hi"), ...body }, { salt: SALT, config });
    const run = async (script: Script, { stream = false, body = {}, config }: Running = {}) => {
        upstream.next(script);
        const pieces: Piece[] = [];
        const onPiece = stream ? (piece: Piece) => pieces.push(piece) : undefined;
        const { input } = read(body, config);
        const outcome = await small().run({ input, signal: new AbortController().signal, onPiece });
        return { ...outcome, pieces, text: new TextDecoder().decode(outcome.output) };
    };

    it("is a REMOTE version of its host and name, of the class GATEWAY, that can be signed only", () => {
        const { facts, claimClass, families, route } = small();

        expect(facts.artifactDigest).to.equal(remoteDigestOf({ host: upstream.host, model: "small-1" }));
        expect([facts.semantics, claimClass, route]).to.deep.equal(["REMOTE", "GATEWAY", "chat"]);
        expect(families).to.deep.equal([0]);
    });

    it("gives the answer as canonical choices, with usage and what the upstream says of itself", async () => {
        const { resultCode, text, usage, upstream: about } = await run(answers(aCompletion()));

        const message = { role: "assistant", content: " Hello. " };
        expect(resultCode).to.equal(OK);
        expect(text).to.equal(canonicalJson({ choices: [{ index: 0, message, finish_reason: "stop" }] }));
        expect(usage).to.deep.equal({ promptTokens: 3, completionTokens: 2, totalTokens: 5 });
        expect(about).to.deep.equal({
            host: upstream.host,
            model: "small-1",
            id: "chatcmpl-up",
            fingerprint: "fp_1",
        });
    });

    it("sends exactly the effective request, without its salt, and the key", async () => {
        const body = { temperature: 0.5, stop: "x", max_tokens: 7, user: "u1" };

        await run(answers(aCompletion()), { body });

        const asked = upstream.asked.at(-1);
        const sent = {
            model: "small-1",
            messages: said("hi"),
            temperature: 0.5,
            stop: ["x"],
            max_tokens: 7,
            user: "u1",
        };
        expect(asked?.body).to.deep.equal(sent);
        expect(asked?.url).to.equal("/v1/chat/completions");
        expect(asked?.headers.authorization).to.equal(`Bearer ${KEY}`);
        const { effective, input, units } = read(body);
        const { messages: _, ...parameters } = sent;
        expect(effective).to.deep.equal(parameters);
        expect(new TextDecoder().decode(input)).to.equal(canonicalJson({ ...sent, salt: SALT }));
        expect(units).to.equal(7);
    });

    it("puts a limit on every answer, and says which", () => {
        expect(read().effective).to.deep.equal({ model: "small-1", max_tokens: 1_024 });
    });

    it("streams what it signs, piece by piece, and signs the same as whole", async () => {
        const events = [
            aChunk({ role: "assistant", content: "" }),
            aChunk({ content: " Hel" }),
            aChunk({ content: "lo. " }),
            aChunk({}, { finish_reason: "stop" }),
            aChunk({}, { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }),
        ];

        const streamed = await run(streams(events), { stream: true });

        const whole = await run(answers(aCompletion()));
        const { pieces, ...outcome } = streamed;
        expect({ ...outcome, pieces: [] }).to.deep.equal(whole);
        expect(upstream.asked.at(-2)?.body).to.deep.include({ stream: true, stream_options: { include_usage: true } });
        expect(pieces.flatMap(({ choices }) => choices)).to.deep.equal([
            { index: 0, delta: { content: " Hel" }, finish_reason: null },
            { index: 0, delta: { content: "lo. " }, finish_reason: null },
            { index: 0, delta: {}, finish_reason: "stop" },
        ]);
    });

    it("joins calls of tools from their pieces", async () => {
        const call = (parts: JsonObject) => aChunk({ tool_calls: [{ index: 0, ...parts }] });
        const events = [
            call({ id: "c1", type: "function", function: { name: "f", arguments: "" } }),
            call({ function: { arguments: '{"a"' } }),
            call({ function: { arguments: ":1}" } }),
            aChunk({}, { finish_reason: "tool_calls" }),
        ];
        const tools = [{ type: "function", function: { name: "f" } }];

        const { text } = await run(streams(events), { stream: true, body: { tools } });

        const joined = { id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } };
        const message = { role: "assistant", content: null, tool_calls: [joined] };
        expect(text).to.equal(canonicalJson({ choices: [{ index: 0, message, finish_reason: "tool_calls" }] }));
    });

    it("cuts white space around an answer when a configuration says so, streamed or not", async () => {
        const config = { postprocessing: { trim: true } };
        const events = [
            aChunk({ content: "  Hel" }),
            aChunk({ content: "lo.  " }),
            aChunk({}, { finish_reason: "stop" }),
        ];

        const whole = await run(answers(aCompletion()), { config });
        const streamed = await run(streams(events), { config, stream: true });

        expect([whole.text, streamed.text].map((text) => JSON.parse(text).choices[0].message.content)).to.deep.equal([
            "Hello.",
            "Hello.",
        ]);
        expect(upstream.asked.at(-1)?.body).not.to.have.property("postprocessing");
    });

    const liars: [string, Script, boolean][] = [
        ["that names another model", answers(aCompletion({ model: "large-9" })), false],
        ["that names no model", answers(aCompletion({ model: undefined })), false],
        ["that gives two choices", answers(aCompletion({ choices: [...twoChoices()] })), false],
        ["that speaks as somebody else", answers(aCompletion({ choices: [choiceOf("user")] })), false],
        ["with usage that cannot be", answers(aCompletion({ usage: { prompt_tokens: -1 } })), false],
        ["whose stream names another model", streams([aChunk({ content: "Hi" }, { model: "large-9" })]), true],
        ["that goes on after its end", streams([ended(), ended()]), true],
        ["of no form in a stream", streams(["what"]), true],
    ];
    for (const [name, script, stream] of liars) {
        it(`signs no answer ${name}`, async () => {
            const { resultCode, output } = await run(script, { stream });

            expect([resultCode, output.length]).to.deep.equal([OUTPUT_INVALID, 0]);
        });
    }

    it("passes nothing on of a stream that names another model", async () => {
        const { pieces } = await run(streams([aChunk({ content: "Hi" }, { model: "large-9" })]), { stream: true });

        expect(pieces).to.deep.equal([]);
    });

    const failing: [string, Script, boolean][] = [
        ["an error status", (_, response) => response.writeHead(500).end("{}"), false],
        ["an error in the body", answers({ error: { message: "no" } }), false],
        ["a redirect", (_, response) => response.writeHead(302, { location: "/other" }).end(), false],
        ["no JSON", (_, response) => response.writeHead(200, { "content-type": "application/json" }).end("<p>"), false],
        ["another content type", (_, response) => response.writeHead(200).end("{}"), false],
        ["a cut connection", (_, response) => response.destroy(), false],
        ["a stall", () => undefined, false],
        ["a stall in a stream", streams([aChunk({ content: "Hi" })], "open"), true],
        ["a cut stream", streams([aChunk({ content: "Hi" })], "cut"), true],
        ["a stream without an end", streams([aChunk({ content: "Hi" })]), true],
        ["an error in a stream", streams([aChunk({ content: "Hi" }), { error: { message: "no" } }]), true],
        ["too much", (_, response) => pour(response), false],
    ];
    for (const [name, script, stream] of failing) {
        it(`fails by the code of a model for ${name}`, async () => {
            const { resultCode, output } = await run(script, { stream });

            expect([resultCode, output.length]).to.deep.equal([MODEL_FAILED, 0]);
        });
    }

    it("ends the upstream's work when its caller goes away", async () => {
        const gone = new AbortController();
        const closed = new Promise<void>((resolve) => {
            upstream.next((_, response) => {
                response.on("close", () => resolve());
                response.writeHead(200, { "content-type": "text/event-stream" });
                response.write(`data: ${JSON.stringify(aChunk({ content: "Hi" }))}\n\n`);
            });
        });
        const { input } = read();

        const onPiece = () => gone.abort(new Error("gone"));
        const fault = await small().run({ input, signal: gone.signal, onPiece }).catch(String);

        expect(fault).to.equal("Error: gone");
        await closed;
    });

    it("digests attachments, and refuses addresses", () => {
        const bytes = Uint8Array.from([1, 2, 3, 4]);
        const data = Buffer.from(bytes).toString("base64");
        const parts = [
            { type: "text", text: "what is this?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${data}` } },
            { type: "input_audio", input_audio: { data, format: "wav" } },
            { type: "file", file: { file_data: `data:application/pdf;base64,${data}`, filename: "a.pdf" } },
        ];

        const { attachments } = read({ messages: [{ role: "user", content: parts }] });
        const remote = { type: "image_url", image_url: { url: "https://example.com/a.png" } };
        const broken = { type: "image_url", image_url: { url: "data:image/png;base64,***" } };

        const digest = { bytes: 4, keccak256: keccak256(bytes) };
        expect(attachments).to.deep.equal([
            { mediaType: "image/png", ...digest },
            { mediaType: "audio/wav", ...digest },
            { mediaType: "application/pdf", ...digest },
        ]);
        const codes = [remote, broken].map((part) =>
            codeOf(() => read({ messages: [{ role: "user", content: [part] }] })),
        );
        expect(codes).to.deep.equal(["GATEWAY_PARAMETER_UNSUPPORTED", "GATEWAY_BODY_INVALID"]);
    });

    it("refuses parameters that are not forwarded", () => {
        const codes = [{ n: 2 }, { logprobs: true }, { audio: {} }, { web_search_options: {} }].map((body) =>
            codeOf(() => read(body)),
        );

        expect(new Set(codes)).to.deep.equal(new Set(["GATEWAY_PARAMETER_UNSUPPORTED"]));
    });

    it("offers all that the upstream lists when none is named", async () => {
        upstream.next(answers({ object: "list", data: [{ id: "small-1" }, { id: "small-2" }] }));

        const all = await openModels(world, { upstream: { url: upstream.url, models: [] } });
        await all.close();

        expect(all.all().map(({ name }) => name)).to.deep.equal(["small-1", "small-2"]);
    });

    it("says how an upstream keeps its list to itself", async () => {
        const told = async (url: string) =>
            openModels(world, { upstream: { url, models: [] } }).then(
                () => expect.fail("It lists models."),
                ({ message }: Error) => message,
            );
        upstream.next((_, response) => response.writeHead(401).end());
        const refused = await told(upstream.url);
        upstream.next((_, response) => response.end("<html>"));
        const garbled = await told(upstream.url);
        const absent = await told("http://127.0.0.1:9/v1");

        expect(refused).to.contain("answers 401");
        expect(garbled).to.contain("does not list its models as OpenAI does");
        expect(absent).to.match(/^http:\/\/127\.0\.0\.1:9 (cannot be connected to|gives no answer)/);
    });

    it("does not start with an upstream that lists nothing, or whose URL holds a key", async () => {
        upstream.next((_, response) => response.writeHead(401).end());
        const silent = await openModels(world, { upstream: { url: upstream.url, models: [] } }).catch(codeOfError);
        const url = upstream.url.replace("http://", "http://user:secret@");
        const open = await openModels(world, { upstream: { url, models: ["a"] } }).catch(codeOfError);

        expect([silent, open]).to.deep.equal(["GATEWAY_UPSTREAM_UNREACHABLE", "GATEWAY_SETTINGS_INVALID"]);
    });
});

type Running = { stream?: boolean; body?: JsonObject; config?: JsonObject };

function choiceOf(role: string): JsonObject {
    return { index: 0, message: { role, content: "Hi" }, finish_reason: "stop" };
}

function twoChoices(): JsonObject[] {
    return [choiceOf("assistant"), { ...choiceOf("assistant"), index: 1 }];
}

function ended(): Record<string, unknown> {
    return aChunk({ content: "Hi" }, { finish_reason: "stop" });
}

/** More than anybody reads, until nobody does. */
function pour(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/json" });
    const block = "x".repeat(1 << 20);
    const more = () => {
        if (!response.destroyed) response.write(block, more);
    };
    more();
}
