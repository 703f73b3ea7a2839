import type { ServerResponse } from "node:http";
import {
    bytesToHex,
    canonicalJson,
    contentHash,
    type Hex,
    hashOfText,
    hexToBytes,
    modelIdOf,
    recoverSigner,
    statementDigest,
    ZERO_BYTES32,
} from "@assay/protocol";
import { expect } from "chai";
import { remoteSpecOf } from "../../../offchain/enclave/core/remoteModels.ts";
import { TLS } from "./_certificate.ts";
import { rejection } from "./_rejection.ts";
import { type Scripted, type Seen, startScripted } from "./_scripted.ts";
import { anAttestation, aSignature, aStatement, CHAIN_ID, GATE, OWNER, startEnclave, type World } from "./_world.ts";

const MODEL = "small-1";
const KEY = "sk-very-secret";
const TIMEOUT_MS = 300;
const NONE = new Uint8Array();
const MODEL_FAILED = 5;
const OUTPUT_INVALID = 7;

/** Canonical bytes of an effective request. */
function aRequest(changes: Record<string, unknown> = {}): Uint8Array {
    const request = { model: MODEL, messages: [{ role: "user", content: "hi" }], salt: "00".repeat(16), ...changes };
    return new TextEncoder().encode(canonicalJson(request));
}

describe("enclave that forwards", () => {
    let upstream: Scripted;
    let world: World;
    let answer: (seen: Seen, response: ServerResponse) => void;

    beforeEach(async () => {
        answer = (_seen, response) =>
            response.end(JSON.stringify({ model: MODEL, id: 1, choices: [{ text: "hello" }] }));
        upstream = await startScripted({ script: (seen, response) => answer(seen, response) });
        const settings = { upstream: { url: upstream.url, key: KEY, models: [MODEL], timeoutMs: TIMEOUT_MS } };
        world = await startEnclave({ settings });
    });
    afterEach(async () => {
        await world.close();
        await upstream.close();
    });

    const host = () => new URL(upstream.url).host;
    function modelIdFor(model: string): Hex {
        const spec = remoteSpecOf({ host: host(), model, registration: { owner: OWNER, derivedFrom: ZERO_BYTES32 } });
        if (spec === undefined) throw new Error("A remote model has a content.");
        return modelIdOf({ owner: OWNER, contentHash: contentHash(spec) });
    }
    const run = (input: Uint8Array, model = MODEL) =>
        world.post("/v1/run", { modelId: modelIdFor(model), input: bytesToHex(input) });
    const sign = (input: Uint8Array, output: Uint8Array, resultCode = 0n) => {
        const statement = aStatement({ modelId: modelIdFor(MODEL), input, output, resultCode });
        return world.post("/v1/sign", aSignature({ statement, input, output }));
    };

    it("claims to be a gateway of this upstream, and keeps its key to itself", async () => {
        const { body } = await world.get("/v1/enclave");

        expect(body.claimClass).to.equal("GATEWAY");
        expect(body.claims.upstreamHash).to.equal(hashOfText(host()));
        expect(body.models.map(({ modelId }: { modelId: Hex }) => modelId)).to.deep.equal([modelIdFor(MODEL)]);
        expect(JSON.stringify(body)).to.not.include(KEY);
    });

    it("forwards the request without its salt, and signs the canonical answer", async () => {
        const { body: who } = await world.get("/v1/enclave");
        await world.post("/v1/attestation", anAttestation());

        const { body: ran } = await run(aRequest());
        const output = hexToBytes(ran.output);
        const signed = await sign(aRequest(), output);

        const [seen] = upstream.seen;
        expect(seen?.path).to.equal("/v1/chat/completions");
        expect(seen?.headers.authorization).to.equal(`Bearer ${KEY}`);
        expect(seen?.body).to.equal('{"messages":[{"content":"hi","role":"user"}],"model":"small-1"}');
        expect(new TextDecoder().decode(output)).to.equal('{"choices":[{"text":"hello"}],"id":1,"model":"small-1"}');
        const statement = aStatement({ modelId: modelIdFor(MODEL), input: aRequest(), output });
        const digest = statementDigest({ chainId: CHAIN_ID, gate: GATE, statement });
        expect(recoverSigner({ digest, signature: signed.body.signature })).to.equal(who.signer);
    });

    it("signs no answer that it did not forward, and does not ask again", async () => {
        await world.post("/v1/attestation", anAttestation());
        const { body: ran } = await run(aRequest());

        const invented = await sign(aRequest(), new TextEncoder().encode('{"model":"small-1"}'));
        const ofAnother = await sign(aRequest({ salt: "11".repeat(16) }), hexToBytes(ran.output));

        expect(invented.body.error.code).to.equal("ENCLAVE_ANSWER_UNKNOWN");
        expect(ofAnother.body.error.code).to.equal("ENCLAVE_ANSWER_UNKNOWN");
        expect(upstream.seen).to.have.length(1);
    });

    const FAILURES: [string, () => typeof answer, number][] = [
        ["an error", () => (_seen, response) => response.writeHead(500).end("{}"), MODEL_FAILED],
        ["too many requests", () => (_seen, response) => response.writeHead(429).end("{}"), MODEL_FAILED],
        ["a stall", () => () => {}, MODEL_FAILED],
        ["a stall in the middle", () => (_seen, response) => response.write('{"model":'), MODEL_FAILED],
        [
            "a redirect",
            () => (_seen, response) => response.writeHead(307, { location: `${upstream.url}/elsewhere` }).end(),
            MODEL_FAILED,
        ],
        ["a cut connection", () => (_seen, response) => response.destroy(), MODEL_FAILED],
        ["too long an answer", () => (_seen, response) => response.end("x".repeat((4 << 20) + 1)), MODEL_FAILED],
        ["another model's answer", () => (_seen, response) => response.end('{"model":"large-1"}'), OUTPUT_INVALID],
        ["no JSON", () => (_seen, response) => response.end("<html>"), OUTPUT_INVALID],
    ];
    for (const [what, script, resultCode] of FAILURES) {
        it(`answers ${what} of the upstream with a coded failure, and signs that`, async () => {
            await world.post("/v1/attestation", anAttestation());
            answer = script();

            const { body } = await run(aRequest());

            expect(body).to.deep.equal({ output: "0x", resultCode });
            expect((await sign(aRequest(), NONE, BigInt(resultCode))).status).to.equal(200);
            const other = resultCode === MODEL_FAILED ? OUTPUT_INVALID : MODEL_FAILED;
            expect((await sign(aRequest(), NONE, BigInt(other))).status).to.equal(422);
            expect(upstream.seen).to.have.length(1);
        });
    }

    it("answers a certificate that no authority signed with a coded failure, and sends nothing", async () => {
        const secure = await startScripted({ tls: TLS, script: (_seen, response) => response.end("{}") });
        const other = await startEnclave({ settings: { upstream: { url: secure.url, key: KEY } } });
        const remote = { host: new URL(secure.url).host, model: MODEL };
        const spec = remoteSpecOf({ ...remote, registration: { owner: OWNER, derivedFrom: ZERO_BYTES32 } });
        const modelId = spec === undefined ? OWNER : modelIdOf({ owner: OWNER, contentHash: contentHash(spec) });

        const { body } = await other.post("/v1/run", { modelId, input: bytesToHex(aRequest()) });

        expect(body).to.deep.equal({ output: "0x", resultCode: MODEL_FAILED });
        expect(secure.seen).to.have.length(0);
        await other.close();
        await secure.close();
    });

    it("asks for no model but those it was started with", async () => {
        const { status, body } = await run(aRequest({ model: "large-1" }), "large-1");

        expect(status).to.equal(404);
        expect(body.error.code).to.equal("ENCLAVE_MODEL_UNKNOWN");
        expect(upstream.seen).to.have.length(0);
    });

    it("asks for no model but the one that the version names", async () => {
        expect((await run(aRequest(), "other-1")).body.error.code).to.equal("ENCLAVE_MODEL_UNKNOWN");
        expect((await run(new TextEncoder().encode("{}"))).body.error.code).to.equal("ENCLAVE_MODEL_UNKNOWN");
    });

    const REFUSED: [string, Parameters<typeof startEnclave>[0]][] = [
        ["plain HTTP to another machine", { settings: { upstream: { url: "http://api.example.com" } } }],
        [
            "a name that only looks like this machine",
            { settings: { upstream: { url: "http://localhost.example.com" } } },
        ],
        ["a password in the URL", { settings: { upstream: { url: "https://me:secret@api.example.com" } } }],
        ["models and an upstream", { settings: { upstream: { url: "https://api.example.com" }, models: ["x"] } }],
        ["neither", { settings: { models: [] } }],
        ["a form that the provider does not give", { settings: { provider: { name: "tsm" } } }],
        ["an unknown setting", { settings: Object.fromEntries([["allowAnything", true]]) }],
    ];
    for (const [what, parts] of REFUSED) {
        it(`does not start with ${what}`, async () => {
            expect(await rejection(startEnclave(parts))).to.have.property("code", "ENCLAVE_SETTINGS_INVALID");
        });
    }

    it("does not start with authorities that nothing attests, unless nothing is attested anyway", async () => {
        const env = { NODE_EXTRA_CA_CERTS: "/somewhere/ca.pem" };
        const provider = { name: "nitriding" } as const;

        const error = await rejection(startEnclave({ env, settings: { provider } }));

        expect(error).to.have.property("code", "ENCLAVE_UNMEASURED");
        expect(error).to.have.property("message").that.includes("NODE_EXTRA_CA_CERTS");
        await (await startEnclave({ env })).close();
    });
});
