import {
    bytesToHex,
    contextHashOf,
    dtypeOf,
    FAMILIES,
    type GatewayContext,
    type Hex,
    keccak256,
    outputPartsOf,
    PRESETS,
    type Statement,
    sortEvidence,
    statementDigest,
    toHex,
    uintToHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { contractsOf } from "@assay/sdk";
import { expect } from "chai";
import { pino } from "pino";
import type { Model, Models } from "../../../offchain/gateway/core/model.ts";
import { createModels } from "../../../offchain/gateway/shell/models/createModels.ts";
import type { ModelEngines, ModelsDeps } from "../../../offchain/gateway/shell/models/deps.ts";
import { createTeeWorld, INPUT, type TeeWorld } from "../../flows/_teeWorld.ts";
import { forgedEngines, INPUTS, withProver, writeForgedModel } from "../executor/_model.ts";
import { codeOf, codeOfError, SALT } from "./_models.ts";

/** Registering a Nitro document verifies five P-384 signatures in plain EVM. */
const SETUP_TIMEOUT_MS = 60_000;
const { SIGNED, TEE_NITRO, TEE_TDX, ZK_GROTH16 } = FAMILIES;
const signal = new AbortController().signal;

describe("gateway models' evidence", () => {
    let world: TeeWorld;
    let models: Models;

    before(async function () {
        this.timeout(SETUP_TIMEOUT_MS);
        world = await createTeeWorld();
        models = await open();
    });
    after(async () => {
        await models.close();
        await world.close();
    });

    const open = (deps: Partial<ModelsDeps> = {}): Promise<Models> =>
        createModels({
            engines: ported(forgedEngines([world.model])),
            sources: [world.model.dir],
            enclaves: [world.nitro.url, world.tdx.url],
            deployment: world.deployment,
            provider: world.provider,
            signer: world.owner,
            executor: world.executorAddress,
            registersMissing: false,
            log: pino({ level: "silent" }),
            fetch: globalThis.fetch,
            ...deps,
        });
    const modelOf = (all: Models): Model => {
        const [model] = all.all();
        if (model === undefined) throw new Error("Nothing is served.");
        return model;
    };
    /** An inference of a model as far as its statement. */
    const inferred = async (model: Model) => {
        const body = { model: model.name, inputs: [...INPUT] };
        const { input, effective } = model.read(body, { salt: SALT, config: undefined });
        const { output } = await model.run({ input, signal });
        const context: GatewayContext = {
            ...CONTEXT,
            requested: body,
            effective,
            outputParts: outputPartsOf({ route: "infer", output }),
        };
        const statement: Statement = {
            requestId: keccak256(Uint8Array.of(1)),
            modelId: model.modelId,
            configHash: ZERO_BYTES32,
            inputHash: keccak256(input),
            outputHash: keccak256(output),
            contextHash: contextHashOf(context),
            executor: world.executorAddress,
            issuedAt: BigInt(await world.networkHelpers.time.latest()),
            round: 0n,
            resultCode: 0n,
        };
        const { chainId, contracts } = world.deployment;
        const digest = statementDigest({ chainId, gate: contracts.EvidenceGate, statement });
        return { input, output, statement, context, digest, signal };
    };

    it("is offered of every family that can be had", () => {
        const { families, facts } = modelOf(models);

        expect([...families].sort()).to.deep.equal([SIGNED, TEE_NITRO, TEE_TDX, ZK_GROTH16]);
        expect(facts.semantics).to.equal("EXACT_INT");
    });

    it("is about the gateway's statement, and the gate takes it", async () => {
        const model = modelOf(models);
        const question = await inferred(model);

        const items = [];
        for (const family of [TEE_NITRO, TEE_TDX, ZK_GROTH16]) {
            items.push({ family, data: bytesToHex(await model.prove({ ...question, family })) });
        }

        const { gate } = contractsOf({ deployment: world.deployment, runner: world.provider });
        const { statement, input, output } = question;
        const signers = { executors: [], minStakeWei: 0n };
        const present = await gate.verify({ statement, input, output }, signers, sortEvidence(items));
        const wanted = [TEE_NITRO, TEE_TDX, ZK_GROTH16].reduce((mask, family) => mask | (1 << family), 0);
        expect(Number(present) & 0x3fff).to.equal(wanted);
    });

    it("is not paid for when an element lies outside the model's range", () => {
        const body = { model: "forged-3", inputs: [200, ...INPUT.slice(1)] };

        expect(codeOf(() => modelOf(models).read(body, { salt: SALT, config: undefined }))).to.equal(
            "GATEWAY_BODY_INVALID",
        );
    });

    it("refuses a proof of another output than the one that was answered", async () => {
        const model = modelOf(models);
        const question = await inferred(model);
        const output = Uint8Array.from(question.output).fill(9);

        const fault = await model.prove({ ...question, output, family: ZK_GROTH16 }).catch(codeOfError);

        expect(fault).to.equal("EXECUTOR_EVIDENCE_INVALID");
    });

    it("says by code that a prover failed, so that it is tried again", async () => {
        const engines = withProver(forgedEngines([world.model]), async () => {
            throw new Error("out of memory");
        });
        const all = await open({ engines: ported(engines), enclaves: [] });

        const fault = await modelOf(all)
            .prove({ ...(await inferred(modelOf(all))), family: ZK_GROTH16 })
            .catch(codeOfError);
        await all.close();

        expect(fault).to.equal("EXECUTOR_PROVER_FAILED");
    });

    it("is not offered of enclaves that are away", async () => {
        const all = await open({ enclaves: ["http://127.0.0.1:9"] });
        await all.close();

        expect(modelOf(all).families).to.deep.equal([SIGNED, ZK_GROTH16]);
    });

    it("can be had at once of a version that the gateway registers: it names its enclaves' code", async () => {
        const own = await writeForgedModel({ dir: `${world.home}/own`, seed: 21 });
        const enclave = await world.startEnclave({ form: "tdx", models: [own.dir] });
        await world.register(enclave);

        const all = await open({
            engines: ported(forgedEngines([own])),
            sources: [own.dir],
            enclaves: [enclave.url],
            registersMissing: true,
        });
        const model = modelOf(all);
        const item = await model.prove({ ...(await inferred(model)), family: TEE_TDX });
        await all.close();

        expect(model.families).to.include(TEE_TDX);
        expect(item.length).to.be.greaterThan(0);
        expect(model.modelId).to.equal(own.modelIdFor(toHex(world.owner.address)));
    });
});

const CONTEXT: GatewayContext = {
    version: 1,
    route: "infer",
    requested: {},
    effective: {},
    policy: uintToHex(PRESETS.TEE_AND_ZK),
    claimClass: "COMPUTE",
    upstream: null,
    config: null,
    attachments: [],
    outputParts: [],
    usage: null,
    payment: null,
    sequence: 0,
    salt: SALT satisfies Hex,
};

/** Engines of forged models that say what those take and give. */
function ported(engines: ReturnType<typeof forgedEngines>): ModelEngines {
    const inputs = [{ name: "input", dtype: dtypeOf("uint8").onnx, shape: [1, INPUTS] }];
    const outputs = [{ name: "class", dtype: dtypeOf("int64").onnx, shape: [1] }];
    return {
        ...engines,
        createSession: async (artifact) => ({ ...(await engines.createSession(artifact)), inputs, outputs }),
    };
}
