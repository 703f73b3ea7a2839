import { encodeIoSpec, hashJson, hashOfText, keccak256, remoteDigestOf, ZERO_BYTES32 } from "@assay/protocol";
import { expect } from "chai";
import { createAnswerBook } from "../../../offchain/enclave/core/answerBook.ts";
import { type Configuration, claimsOf } from "../../../offchain/enclave/core/claims.ts";
import { remoteSpecOf } from "../../../offchain/enclave/core/remoteModels.ts";
import { unmeasuredOf } from "../../../offchain/enclave/core/surroundings.ts";
import { choreOf } from "../../../offchain/enclave/core/upkeep.ts";
import { readAnswer, readRequest } from "../../../offchain/enclave/core/upstream.ts";
import { floatSpecOf, ioSpecOf, type Port } from "../../../offchain/executor/core/floatModel.ts";
import { OWNER } from "./_world.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const registration = { owner: OWNER, derivedFrom: ZERO_BYTES32 };

describe("enclave core", () => {
    describe("answer book", () => {
        const answer = (number: number, key = "model") => ({
            model: { key },
            inputHash: keccak256(Uint8Array.of(number)),
            outcome: { resultCode: 0, output: Uint8Array.of(number) },
        });

        it("knows what it noted, and nothing else of it", () => {
            const book = createAnswerBook({ capacity: 10 });
            book.note(answer(1));

            expect(book.has(answer(1))).to.equal(true);
            expect(book.has(answer(1, "other model"))).to.equal(false);
            expect(book.has({ ...answer(1), inputHash: keccak256(Uint8Array.of(2)) })).to.equal(false);
            expect(book.has({ ...answer(1), outcome: { resultCode: 5, output: Uint8Array.of(1) } })).to.equal(false);
            expect(book.has({ ...answer(1), outcome: { resultCode: 0, output: Uint8Array.of(2) } })).to.equal(false);
        });

        it("forgets the oldest, and keeps several answers to one input", () => {
            const book = createAnswerBook({ capacity: 2 });
            const again = { ...answer(1), outcome: { resultCode: 0, output: Uint8Array.of(9) } };
            for (const one of [answer(1), again, answer(1), answer(3)]) book.note(one);

            expect([again, answer(1), answer(3)].map(book.has)).to.deep.equal([false, true, true]);
        });
    });

    describe("claims", () => {
        const compute: Configuration = {
            version: 1,
            provider: "dev",
            form: "nitro",
            operator: null,
            owner: null,
            models: [],
            upstream: null,
        };
        const upstream = {
            url: "https://api.example.com/v1/chat/completions",
            host: "api.example.com",
            models: [],
            authorised: true,
            timeoutMs: 1000,
        };
        const binaryDigest = keccak256(Uint8Array.of(1));

        it("says COMPUTE of models that run inside", () => {
            expect(claimsOf({ configuration: compute, binaryDigest })).to.deep.equal({
                claimClass: 1,
                upstreamHash: ZERO_BYTES32,
                configHash: hashJson(compute),
                binaryDigest,
            });
        });

        it("says GATEWAY of an upstream, and whose it is", () => {
            const configuration = { ...compute, upstream };

            const claims = claimsOf({ configuration, binaryDigest });

            expect(claims.claimClass).to.equal(2);
            expect(claims.upstreamHash).to.equal(hashOfText("api.example.com"));
            expect(claims.configHash).to.not.equal(hashJson(compute));
        });
    });

    describe("request to an upstream", () => {
        it("sends what canonical bytes say, without the salt", () => {
            const request = readRequest(bytes('{"messages":[],"model":"small","salt":"00ff"}'));

            expect(request).to.deep.equal({ model: "small", body: '{"messages":[],"model":"small"}' });
        });

        for (const [what, text] of [
            ["no JSON", "{"],
            ["no object", "[]"],
            ["another order of members", '{"model":"small","messages":[]}'],
            ["white space", '{ "model":"small"}'],
            ["a member twice", '{"model":"small","model":"small"}'],
            ["no model", '{"messages":[]}'],
            ["an empty model", '{"model":""}'],
            ["a model that is no text", '{"model":1}'],
            ["a stream", '{"model":"small","stream":true}'],
            ["a byte order mark", '\uFEFF{"model":"small"}'],
            ["a lone surrogate", '{"model":"\\ud800"}'],
        ] as const) {
            it(`takes ${what} for no request`, () => {
                expect(readRequest(bytes(text))).to.equal(undefined);
            });
        }

        it("takes bytes that are no UTF-8 for no request", () => {
            expect(readRequest(Uint8Array.of(...bytes('{"model":"'), 0xff, ...bytes('"}')))).to.equal(undefined);
        });
    });

    describe("answer of an upstream", () => {
        it("is its canonical JSON", () => {
            const body = bytes('{ "model": "small", "choices": [1.0] }');

            expect(readAnswer({ body, model: "small" })).to.deep.equal(bytes('{"choices":[1],"model":"small"}'));
        });

        for (const [what, text] of [
            ["another model", '{"model":"large"}'],
            ["no model", '{"choices":[]}'],
            ["no object", '"small"'],
            ["no JSON", "small"],
            ["a lone surrogate", '{"model":"small","text":"\\udfff"}'],
        ] as const) {
            it(`of ${what} is none`, () => {
                expect(readAnswer({ body: bytes(text), model: "small" })).to.equal(undefined);
            });
        }
    });

    describe("remote models", () => {
        it("have the digest of host and model for an artifact", () => {
            const spec = remoteSpecOf({ host: "api.example.com", model: "small", registration });

            expect(spec?.artifactDigest).to.equal(remoteDigestOf({ host: "api.example.com", model: "small" }));
            expect(spec?.semantics).to.equal(3);
            expect(remoteDigestOf({ host: "api.example.com", model: "small" })).to.not.equal(
                remoteDigestOf({ host: "api.example.com.", model: "small" }),
            );
        });

        it("have no shape", () => {
            expect(remoteSpecOf({ host: "h", model: "m", registration: { ...registration, ioSpec: 1n } })).to.equal(
                undefined,
            );
        });
    });

    describe("plain models", () => {
        const port = (changes: Partial<Port> = {}): Port => ({ name: "x", dtype: 1, shape: [1, 3], ...changes });

        it("have an ioSpec where shapes are fixed and of one type", () => {
            const side = { dtype: 1, bits: 32, committed: false, count: 3 };

            expect(ioSpecOf({ inputs: [port()], outputs: [port()] })).to.equal(
                encodeIoSpec({ input: side, output: side }),
            );
            expect(ioSpecOf({ inputs: [port({ shape: ["n", 3] })], outputs: [port()] })).to.equal(0n);
            expect(ioSpecOf({ inputs: [port(), port({ dtype: 7 })], outputs: [port()] })).to.equal(0n);
            expect(ioSpecOf({ inputs: [port()], outputs: [port({ shape: undefined })] })).to.equal(0n);
        });

        it("are registered with their own ioSpec or none", () => {
            const ports = { inputs: [port()], outputs: [port()] };
            const artifactDigest = ZERO_BYTES32;
            const specWith = (ioSpec: bigint) =>
                floatSpecOf({ artifactDigest, ports, registration: { ...registration, ioSpec } });

            expect(specWith(ioSpecOf(ports))?.ioSpec).to.equal(ioSpecOf(ports));
            expect(specWith(0n)?.ioSpec).to.equal(0n);
            expect(specWith(5n)).to.equal(undefined);
        });
    });

    describe("upkeep", () => {
        const life = { registeredAt: 1000, notAfter: 2000, validUntil: 2000, heartbeatSeconds: 0 };
        const heard = { ...life, heartbeatSeconds: 200, validUntil: 1300 };

        for (const [what, state, now, chore] of [
            ["early in its life", life, 1100, "wait"],
            ["just before the last quarter", life, 1749, "wait"],
            ["in the last quarter", life, 1750, "renew"],
            ["after its end", life, 2100, "renew"],
            ["heard lately", heard, 1150, "wait"],
            ["silent for half of what it may", heard, 1200, "heartbeat"],
            ["silent for too long", heard, 1301, "renew"],
            ["heard up to its end", { ...heard, validUntil: 2000 }, 1700, "wait"],
        ] as const) {
            it(`of an enclave ${what}: ${chore}`, () => {
                expect(choreOf({ life: state, now })).to.equal(chore);
            });
        }
    });

    it("names what decides without being measured", () => {
        const env = {
            NODE_OPTIONS: "--require ./x.js",
            PATH: "/bin",
            SSL_CERT_FILE: "",
            NODE_EXTRA_CA_CERTS: "ca.pem",
        };

        expect(unmeasuredOf({ env, execArgv: ["--inspect"] })).to.deep.equal([
            "NODE_OPTIONS",
            "NODE_EXTRA_CA_CERTS",
            "--inspect",
        ]);
    });
});
