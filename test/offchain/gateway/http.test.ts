import { createHash } from "node:crypto";
import { expect } from "chai";
import { aLife, appStarter, aReply, eventsOf, HEAD, ID, jsonOf } from "./_app.ts";

const CHAT = { model: "tiny", messages: [{ role: "user", content: "Hi" }] };
const sha256 = (bytes: string) => createHash("sha256").update(bytes).digest("hex");

describe("gateway's chat over HTTP", () => {
    const start = appStarter();

    it("answers as OpenAI does, and names the receipt in a header alone", async () => {
        const app = await start();

        const response = await app.post("/v1/chat/completions", CHAT);
        const body = await jsonOf(response);

        expect(response.status).to.equal(200);
        expect(body).to.deep.equal({
            id: `chatcmpl-${ID}`,
            object: "chat.completion",
            created: 1_700_000_000,
            model: "tiny",
            choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
            usage: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 },
        });
        expect(response.headers.get("x-assay-receipt")).to.equal(`rcpt_${ID}`);
        expect(response.headers.get("payment-response")).to.equal("cGFpZA==");
        expect(response.headers.get("cache-control")).to.equal("private, no-store");
    });

    it("adds what it can say of evidence for whoever asks about it", async () => {
        const app = await start();

        const body = await jsonOf(app.post("/v1/chat/completions", { ...CHAT, verification: {} }));

        expect(body.verification.receipt).to.deep.equal({
            id: `rcpt_${ID}`,
            url: `${app.url}/v1/receipts/rcpt_${ID}`,
            requestId: `0x${"11".repeat(32)}`,
            policy: "SIGNED",
            status: "proven",
            families: ["SIGNED"],
        });
    });

    it("signs the bytes of both bodies, whole and streamed", async () => {
        const app = await start();
        for (const stream of [false, true]) {
            const sent = JSON.stringify({ ...CHAT, stream });

            const received = await (await app.post("/v1/chat/completions", sent)).text();
            const signed = await jsonOf(app.get(`/v1/signature/chatcmpl-${ID}?model=tiny&signing_algo=ecdsa`));

            expect(signed.text).to.equal(`tiny:${sha256(sent)}:${sha256(received)}`);
            expect(signed).to.include({ signing_algo: "ecdsa", signing_address: `0x${"33".repeat(20)}` });
        }
    });

    it("streams pieces as they come: role, contents, reason, usage, the receipt, [DONE]", async () => {
        const { promise: second, resolve: goOn } = Promise.withResolvers<void>();
        const app = await start({
            life: aLife({
                serve: async ({ sink }) => {
                    const { status: _, ...head } = aReply();
                    if ("paymentResponse" in head) sink?.start(head);
                    sink?.piece({ choices: [{ index: 0, delta: { content: "Hel" }, finish_reason: null }] });
                    await second;
                    sink?.piece({ choices: [{ index: 0, delta: { content: "lo" }, finish_reason: null }] });
                    sink?.piece({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
                    return aReply();
                },
            }),
        });
        const body = { ...CHAT, stream: true, stream_options: { include_usage: true }, verification: {} };

        const response = await app.post("/v1/chat/completions", body);
        goOn(); // the response was here before the second piece
        const events = await eventsOf(response);
        const chunks = events.slice(0, -1).map((event) => JSON.parse(event));

        expect(response.headers.get("x-accel-buffering")).to.equal("no");
        expect(response.headers.get("cache-control")).to.include("private, no-cache");
        expect(response.headers.get("payment-response")).to.equal("cGFpZA==");
        expect(events.at(-1)).to.equal("[DONE]");
        expect(chunks.map(({ choices }) => choices[0]?.delta)).to.deep.equal([
            { role: "assistant", content: "" },
            { content: "Hel" },
            { content: "lo" },
            {},
            undefined,
            undefined,
        ]);
        expect(chunks[3].choices[0].finish_reason).to.equal("stop");
        expect(chunks.slice(0, 4).map(({ usage }) => usage)).to.deep.equal([null, null, null, null]);
        expect(chunks[4].usage).to.deep.equal({ prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 });
        expect(chunks[5].assay.receipt.id).to.equal(`rcpt_${ID}`);
    });

    it("gives whoever comes back for a stream the stored answer as one", async () => {
        const app = await start();

        const events = await eventsOf(await app.post("/v1/chat/completions", { ...CHAT, stream: true }));
        const chunks = events.slice(0, -1).map((event) => JSON.parse(event));

        expect(chunks.map(({ choices }) => [choices[0].delta, choices[0].finish_reason])).to.deep.equal([
            [{ role: "assistant", content: "" }, null],
            [{ content: "Hello" }, null],
            [{}, "stop"],
        ]);
        expect(chunks.every((chunk) => !("usage" in chunk))).to.equal(true);
    });

    it("ends a stream that fails with the fault, and without [DONE]", async () => {
        const app = await start({
            life: aLife({
                serve: async ({ sink }) => {
                    sink?.start(HEAD);
                    sink?.piece({ choices: [{ index: 0, delta: { content: "Hel" }, finish_reason: null }] });
                    return { status: "refunding", reason: "the upstream broke off", ...HEAD };
                },
            }),
        });

        const events = await eventsOf(await app.post("/v1/chat/completions", { ...CHAT, stream: true }));

        expect(JSON.parse(events.at(-1) ?? "").error.code).to.equal("GATEWAY_REFUNDING");
        expect(events).to.not.include("[DONE]");
    });

    it("tells the caller's leaving, and takes nothing of what follows for a fault", async () => {
        const { promise: gone, resolve } = Promise.withResolvers<void>();
        const app = await start({
            life: aLife({
                serve: async ({ sink, signal }) => {
                    signal.addEventListener("abort", () => resolve(), { once: true });
                    sink?.start(HEAD);
                    sink?.piece({ choices: [{ index: 0, delta: { content: "Hel" }, finish_reason: null }] });
                    await gone;
                    sink?.piece({ choices: [{ index: 0, delta: { content: "lo" }, finish_reason: null }] });
                    return aReply();
                },
            }),
        });
        const left = new AbortController();

        const response = await fetch(new URL("/v1/chat/completions", app.url), {
            method: "POST",
            body: JSON.stringify({ ...CHAT, stream: true }),
            signal: left.signal,
        });
        await response.body?.getReader().read();
        left.abort();
        await gone;
        const after = await app.get("/health");

        expect(after.status).to.equal(200);
        expect(app.lines.join("")).to.not.include('"level":50');
    });
});
