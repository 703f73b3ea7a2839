import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSession } from "@assay/compiler";
import {
    bytesToHex,
    encodeTensor,
    hexToBytes,
    isBoundTo,
    keccak256,
    possessionDigest,
    recoverSigner,
    SIMULATED_NITRO,
    SIMULATED_TDX,
    statementDigest,
    toHex,
    verifyDcap,
    verifyNitro,
    ZERO_BYTES32,
} from "@assay/protocol";
import { expect } from "chai";
import { answerOf, INPUTS, MAX_PIXEL, writeForgedModel } from "../executor/_model.ts";
import {
    anAttestation,
    aSignature,
    aStatement,
    CHAIN_ID,
    GATE,
    NOW,
    OPERATOR,
    OWNER,
    REGISTRY,
    startEnclave,
    type World,
} from "./_world.ts";

const MODELS = new URL("../../../models/", import.meta.url).pathname;
const input = new Uint8Array(INPUTS).fill(3);
const output = answerOf({ seed: 7, input });
const NONE = new Uint8Array();

describe("enclave", () => {
    let world: World;
    beforeEach(async () => {
        world = await startEnclave();
    });
    afterEach(() => world.close());

    const attest = () => world.post("/v1/attestation", anAttestation());
    const sign = (changes: Partial<ReturnType<typeof aStatement>> = {}, bytes: { output?: Uint8Array } = {}) => {
        const brought = { input, output: bytes.output ?? output };
        const statement = aStatement({ modelId: world.modelId, ...brought, ...changes });
        return world.post("/v1/sign", aSignature({ statement, ...brought }));
    };

    describe("attestation", () => {
        it("binds its key and claims into a document in Nitro form", async () => {
            const { body: who } = await world.get("/v1/enclave");
            const { body } = await attest();

            const { signer, claims } = who;
            const { chainId: _chain, keyEpoch: _epoch, ...rest } = anAttestation();
            const binding = {
                ...rest,
                chainId: CHAIN_ID,
                keyEpoch: 1n,
                signer,
                claims,
                registry: REGISTRY,
                operator: OPERATOR,
            };
            const verdict = verifyNitro({ document: hexToBytes(body.document), at: NOW, profile: SIMULATED_NITRO });
            expect(verdict.code).to.equal("ACCEPTED");
            const challenge = toHex(rest.challenge, 32);
            const userData = verdict.attestation?.userData ?? "0x";
            expect(isBoundTo({ kind: "nitro", userData, binding: { ...binding, challenge } })).to.equal(true);
            expect(verdict.attestation?.publicKey).to.have.length(2 + 2 * 65);
            const digest = possessionDigest({ chainId: CHAIN_ID, registry: REGISTRY, bindingHash: body.bindingHash });
            expect(recoverSigner({ digest, signature: body.possession })).to.equal(signer);
            expect(who).to.include({
                family: "TEE_NITRO",
                simulated: true,
                claimClass: "COMPUTE",
                measurementId: null,
            });
            expect(claims.upstreamHash).to.equal(ZERO_BYTES32);
        });

        it("binds them into a quote in TDX form", async () => {
            await world.close();
            world = await startEnclave({ settings: { form: "tdx" } });

            const { body } = await attest();

            const verdict = verifyDcap({
                kind: "tdx",
                quote: hexToBytes(body.document),
                at: NOW,
                profile: SIMULATED_TDX,
            });
            expect(verdict.attestation?.userData).to.equal(`${body.bindingHash}${"00".repeat(32)}`);
            expect(body.collateral).to.not.equal("0x");
        });

        it("serves the first operator only", async () => {
            await attest();

            const other = await world.post("/v1/attestation", anAttestation({ operator: `0x${"0a".repeat(20)}` }));

            expect(other.status).to.equal(403);
            expect(other.body.error.code).to.equal("ENCLAVE_OPERATOR_OTHER");
        });

        it("serves the named operator only, from the start", async () => {
            await world.close();
            world = await startEnclave({ settings: { operator: `0x${"0a".repeat(20)}` } });

            expect((await attest()).body.error.code).to.equal("ENCLAVE_OPERATOR_OTHER");
        });

        it("gives no simulated document to a real chain", async () => {
            const { status, body } = await world.post("/v1/attestation", anAttestation({ chainId: 8453 }));

            expect(status).to.equal(403);
            expect(body.error.code).to.equal("ENCLAVE_SIMULATED_CHAIN");
            expect((await sign({}, {})).body.error.code).to.equal("ENCLAVE_NOT_ATTESTED");
        });

        it("keeps one binding for each of many at once", async () => {
            const challenges = Array.from({ length: 5 }, (_, i) => `0x${`0${i}`.repeat(32)}`);

            const answers = await Promise.all(
                challenges.map((challenge) => world.post("/v1/attestation", anAttestation({ challenge }))),
            );

            const verdicts = answers.map(({ body }) =>
                verifyNitro({ document: hexToBytes(body.document), at: NOW, profile: SIMULATED_NITRO }),
            );
            const bound = verdicts.map((verdict) => verdict.attestation?.userData);
            expect(bound).to.deep.equal(answers.map(({ body }) => body.bindingHash));
            expect(new Set(bound).size).to.equal(challenges.length);
        });
    });

    describe("sign", () => {
        it("signs what it ran", async () => {
            const { body: who } = await world.get("/v1/enclave");
            await attest();
            const { body: ran } = await world.post("/v1/run", { modelId: world.modelId, input: bytesToHex(input) });

            const { status, body } = await sign();

            expect(status).to.equal(200);
            expect(ran).to.deep.equal({ output: bytesToHex(output), resultCode: 0 });
            const statement = aStatement({ modelId: world.modelId, input, output });
            const digest = statementDigest({ chainId: CHAIN_ID, gate: GATE, statement });
            expect(recoverSigner({ digest, signature: body.signature })).to.equal(who.signer);
            expect(world.runs()).to.equal(1);
        });

        it("runs a model itself before it signs what somebody else computed", async () => {
            await attest();

            expect((await sign()).status).to.equal(200);
            expect(world.runs()).to.equal(1);
        });

        it("signs nothing before a document binds its key", async () => {
            const { status, body } = await sign();

            expect(status).to.equal(409);
            expect(body.error.code).to.equal("ENCLAVE_NOT_ATTESTED");
        });

        it("signs for nobody but the operator that a document names, on its chain", async () => {
            await attest();
            const statement = aStatement({ modelId: world.modelId, input, output });

            const elsewhere = await world.post("/v1/sign", aSignature({ statement, input, output, chainId: 1337 }));

            expect((await sign({ executor: OWNER })).body.error.code).to.equal("ENCLAVE_NOT_ATTESTED");
            expect(elsewhere.body.error.code).to.equal("ENCLAVE_NOT_ATTESTED");
        });

        const wrong = Uint8Array.from(output, (byte) => byte ^ 1);
        const LIES: [string, Parameters<typeof sign>][] = [
            ["another output", [{}, { output: wrong }]],
            ["another output hash", [{ outputHash: keccak256(wrong) }]],
            ["another input hash", [{ inputHash: keccak256(Uint8Array.of(1)) }]],
            ["a context", [{ contextHash: keccak256(Uint8Array.of(1)) }]],
            ["a configuration", [{ configHash: keccak256(Uint8Array.of(1)) }]],
            ["a failure that did not happen", [{ resultCode: 5n }, { output: NONE }]],
            ["a failure with an output", [{ resultCode: 5n }]],
            ["a failure without its reason", [{ resultCode: 6n }, { output: NONE }]],
            ["an unknown result code", [{ resultCode: 200n }, { output: NONE }]],
        ];
        for (const [what, parts] of LIES) {
            it(`refuses ${what}`, async () => {
                await attest();

                const { status, body } = await sign(...parts);

                expect(status).to.equal(422);
                expect(body.error.code).to.equal("ENCLAVE_STATEMENT_REFUSED");
            });
        }

        it("refuses a model of another owner, and one that it does not have", async () => {
            await attest();

            for (const modelId of [world.model.modelIdFor(OPERATOR), keccak256(Uint8Array.of(1))]) {
                const { status, body } = await sign({ modelId });
                expect(status).to.equal(404);
                expect(body.error.code).to.equal("ENCLAVE_MODEL_UNKNOWN");
            }
        });

        it("takes a claimed registration only if the modelId commits to it", async () => {
            await attest();
            const statement = aStatement({ modelId: world.model.modelIdFor(OPERATOR), input, output });
            const ask = (owner: string) =>
                world.post("/v1/sign", aSignature({ statement, input, output, registration: { owner } }));

            expect((await ask(OPERATOR)).status).to.equal(200);
            expect((await ask(OWNER)).body.error.code).to.equal("ENCLAVE_MODEL_UNKNOWN");
        });

        it("signs failures that it saw", async () => {
            await attest();
            const tooLong = new Uint8Array(INPUTS + 1);
            const outside = new Uint8Array(INPUTS).fill(MAX_PIXEL + 1);
            const failed = async (bytes: Uint8Array, resultCode: bigint) => {
                const statement = aStatement({ modelId: world.modelId, input: bytes, output: NONE, resultCode });
                return (await world.post("/v1/sign", aSignature({ statement, input: bytes, output: NONE }))).status;
            };

            expect(await failed(tooLong, 1n)).to.equal(200);
            expect(await failed(outside, 2n)).to.equal(200);
            expect(await failed(outside, 1n)).to.equal(422);
        });

        it("says that it has no configuration", async () => {
            await attest();
            const configHash = keccak256(Uint8Array.of(1));

            expect((await sign({ configHash, resultCode: 6n }, { output: NONE })).status).to.equal(200);
        });

        it("signs nothing once the model's file was changed", async () => {
            await world.close();
            const second = await mkdtemp(path.join(tmpdir(), "assay-model-"));
            await writeForgedModel({ dir: second, seed: 9 });
            world = await startEnclave({ settings: { loadedModels: 1 }, alsoModels: [second] });
            await attest();
            await writeFile(path.join(world.model.dir, "model.onnx"), JSON.stringify({ seed: 8 }));

            const { status, body } = await sign();

            expect(status).to.equal(503);
            expect(body.error.code).to.equal("EXECUTOR_ARTIFACT_CORRUPT");
            await rm(second, { recursive: true });
        });
    });

    describe("start", () => {
        it("refuses a model whose file is not the manifest's", async () => {
            await writeFile(path.join(world.model.dir, "model.onnx"), JSON.stringify({ seed: 8 }));

            const error = await startEnclave({ settings: { models: [world.model.dir] } }).catch((fault) => fault);

            expect(error).to.have.property("code", "COMPILED_MODEL_INVALID");
        });

        it("claims another program and another configuration by other digests", async () => {
            const other = await startEnclave({ settings: { owner: OPERATOR } });
            const claims = async (one: World) => (await one.get("/v1/enclave")).body.claims;

            const [mine, theirs] = [await claims(world), await claims(other)];

            expect(mine.binaryDigest).to.equal(theirs.binaryDigest);
            expect(mine.configHash).to.not.equal(theirs.configHash);
            await other.close();
        });
    });

    describe("plain ONNX models", () => {
        it("runs and signs floating point", async () => {
            await world.close();
            world = await startEnclave({
                settings: { models: [`${MODELS}tabular-mlp.onnx`] },
                engines: { createSession },
            });
            const { body: who } = await world.get("/v1/enclave");
            const [model] = who.models;
            const { samples } = JSON.parse(await readFile(`${MODELS}tabular-mlp.samples.json`, "utf8"));
            const floats = encodeTensor({ dtype: "float32", values: samples[0].input });
            await attest();

            const { body: ran } = await world.post("/v1/run", { modelId: model.modelId, input: bytesToHex(floats) });
            const brought = { input: floats, output: hexToBytes(ran.output) };
            const statement = aStatement({ modelId: model.modelId, ...brought });
            const signed = await world.post("/v1/sign", aSignature({ statement, ...brought }));
            const nan = new Uint8Array(floats.length).fill(0xff);
            const refused = await world.post("/v1/run", { modelId: model.modelId, input: bytesToHex(nan) });

            expect(model.spec.semantics).to.equal(2);
            expect(ran.resultCode).to.equal(0);
            expect(signed.status).to.equal(200);
            expect(refused.body).to.deep.equal({ output: "0x", resultCode: 2 });
        });
    });
});
