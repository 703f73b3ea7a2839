import {
    bytesToHex,
    canonicalJson,
    contentHash,
    contextHashOf,
    type GatewayContext,
    type Hex,
    hexToBytes,
    modelIdOf,
    PRESETS,
    recoverSigner,
    statementDigest,
    uintToHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { expect } from "chai";
import { contextFault } from "../../../offchain/enclave/core/contextFault.ts";
import { remoteSpecOf } from "../../../offchain/enclave/core/remoteModels.ts";
import { answerOf, INPUTS } from "../executor/_model.ts";
import { type Scripted, startScripted } from "./_scripted.ts";
import { anAttestation, aSignature, aStatement, CHAIN_ID, GATE, OWNER, startEnclave, type World } from "./_world.ts";

const MODEL = "small-1";
const SALT: Hex = `0x${"6f".repeat(16)}`;
const input = new Uint8Array(INPUTS).fill(3);
const output = answerOf({ seed: 7, input });
const chat = new TextEncoder().encode(canonicalJson({ model: MODEL, messages: [], salt: SALT }));

/** A context as a gateway has it, unpaid. */
function aContext(changes: Partial<GatewayContext> = {}): GatewayContext {
    return {
        version: 1,
        route: "infer",
        requested: { model: "digits" },
        effective: {},
        policy: uintToHex(PRESETS.TEE),
        claimClass: "COMPUTE",
        upstream: null,
        config: null,
        attachments: [],
        outputParts: [],
        usage: null,
        payment: null,
        sequence: 0,
        salt: SALT,
        ...changes,
    };
}

describe("enclave that is brought a context", () => {
    let world: World;
    beforeEach(async () => {
        world = await startEnclave();
        await world.post("/v1/attestation", anAttestation());
    });
    afterEach(() => world.close());

    const sign = ({ contextHash, context }: { contextHash: Hex; context?: unknown }) => {
        const statement = aStatement({ modelId: world.modelId, input, output, contextHash });
        return world.post("/v1/sign", aSignature({ statement, input, output, context }));
    };

    it("signs it when it says of the enclave what the enclave is", async () => {
        const { body: who } = await world.get("/v1/enclave");
        const contextHash = contextHashOf(aContext());

        const { status, body } = await sign({ contextHash, context: aContext() });

        const statement = aStatement({ modelId: world.modelId, input, output, contextHash });
        const digest = statementDigest({ chainId: CHAIN_ID, gate: GATE, statement });
        expect(status).to.equal(200);
        expect(recoverSigner({ digest, signature: body.signature })).to.equal(who.signer);
    });

    const claiming = aContext({ claimClass: "GATEWAY" });
    const elsewhere = aContext({ upstream: { host: "a.example", model: MODEL, id: null, fingerprint: null } });
    const LIES: [string, Parameters<typeof sign>[0]][] = [
        ["is not there", { contextHash: contextHashOf(aContext()) }],
        ["has another hash", { contextHash: contextHashOf(aContext({ sequence: 1 })), context: aContext() }],
        ["belongs to no context hash", { contextHash: ZERO_BYTES32, context: aContext() }],
        ["says that it only forwarded", { contextHash: contextHashOf(claiming), context: claiming }],
        ["names an upstream", { contextHash: contextHashOf(elsewhere), context: elsewhere }],
    ];
    for (const [what, parts] of LIES) {
        it(`refuses one that ${what}`, async () => {
            const { status, body } = await sign(parts);

            expect(status).to.equal(422);
            expect(body.error.code).to.equal("ENCLAVE_STATEMENT_REFUSED");
        });
    }

    it("refuses what has not the form of a context", async () => {
        const { status, body } = await sign({ contextHash: ZERO_BYTES32, context: { ...aContext(), more: 1 } });

        expect(status).to.equal(400);
        expect(body.error.code).to.equal("ENCLAVE_REQUEST_INVALID");
    });
});

describe("enclave that forwards and is brought a context", () => {
    let upstream: Scripted;
    let world: World;
    beforeEach(async () => {
        upstream = await startScripted({
            script: (_seen, response) => response.end(JSON.stringify({ choices: [], model: MODEL })),
        });
        world = await startEnclave({ settings: { upstream: { url: upstream.url, models: [MODEL] } } });
        await world.post("/v1/attestation", anAttestation());
    });
    afterEach(async () => {
        await world.close();
        await upstream.close();
    });

    it("signs it only if it names who was really asked", async () => {
        const { host } = new URL(upstream.url);
        const spec = remoteSpecOf({ host, model: MODEL, registration: { owner: OWNER, derivedFrom: ZERO_BYTES32 } });
        if (spec === undefined) throw new Error("A remote model has a content.");
        const modelId = modelIdOf({ owner: OWNER, contentHash: contentHash(spec) });
        const { body: ran } = await world.post("/v1/run", { modelId, input: bytesToHex(chat) });
        const sign = (changes: Partial<GatewayContext>) => {
            const context = aContext({ route: "chat", claimClass: "GATEWAY", ...changes });
            const brought = { input: chat, output: hexToBytes(ran.output) };
            const statement = aStatement({ modelId, ...brought, contextHash: contextHashOf(context) });
            return world.post("/v1/sign", aSignature({ statement, ...brought, context }));
        };
        const asked = { host, model: MODEL, id: "cmpl-1", fingerprint: null };

        expect((await sign({ upstream: asked })).status).to.equal(200);
        for (const lie of [{ host: "a.example" }, { model: "large-1" }]) {
            const { body } = await sign({ upstream: { ...asked, ...lie } });
            expect(body.error.code).to.equal("ENCLAVE_STATEMENT_REFUSED");
        }
        const computed = await sign({ claimClass: "COMPUTE" });
        expect(computed.body.error.code).to.equal("ENCLAVE_STATEMENT_REFUSED");
    });
});

describe("contextFault", () => {
    it("finds nothing where there is no context, and none is spoken of", () => {
        const own = { claimClass: "COMPUTE", host: null } as const;

        expect(contextFault({ contextHash: ZERO_BYTES32, context: undefined, input, own })).to.equal(undefined);
    });
});
