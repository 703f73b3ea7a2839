/** Gas of whole transactions, row by row, under the stable names that the bench prints. */
import { type Evidence, encodePolicy, FAMILIES, type Hex, hexToBytes, PRESETS, toHex } from "@assay/protocol";
import type { PreparedRequest, RequestWish } from "@assay/sdk";
import p384Cases from "../../test/vectors/p384.json" with { type: "json" };
import { type GasEnclave, MEASUREMENT_ID, registerEnclaves } from "./enclave.ts";
import type { GasVectors, ModelVector } from "./vectors.ts";
import { createGasWorld, type GasWorld } from "./world.ts";

/** Gas by row name. */
export type GasRows = Record<string, number>;

const TRANSACTION_GAS = 21_000;
/** Exact gas of the callback; what it does with it is not the hub's overhead. */
const CALLBACK_GAS = 100_000n;

/** Requests whose proofs are in the vectors: name, model and policy. */
export const PROVEN_REQUESTS = {
    "deliver-zk-small": { role: "small", policy: PRESETS.ZK },
    "deliver-zk": { role: "bound", policy: PRESETS.ZK },
    "deliver-tee-and-zk": { role: "bound", policy: PRESETS.TEE_AND_ZK },
} as const;
/** Name of a proven row. */
export type ProvenName = keyof typeof PROVEN_REQUESTS;

/** The request of a proven row; the vectors' proof is bound to its statement. */
export function provenRequest(
    world: GasWorld,
    { name, model, modelId }: { name: ProvenName; model: ModelVector; modelId: Hex },
): PreparedRequest {
    return world.prepare(name, { modelId, input: hexToBytes(model.input), policy: PROVEN_REQUESTS[name].policy });
}

type Registered = { model: ModelVector; modelId: Hex };

/** Runs every row in one deployment; the same numbers in every run. */
export async function measureGas(vectors: GasVectors): Promise<GasRows> {
    const world = await createGasWorld();
    const rows: GasRows = {};
    const digits = await registerModel(world, vectors.models.digits);
    const models = {
        small: await registerModel(world, vectors.models.small),
        bound: await registerModel(world, vectors.models.bound),
    };
    const { enclave, rows: registrations } = await registerEnclaves(world);
    await deliverSigned(world, { name: "warm the credit slot", ...digits });

    const signed = await deliverSigned(world, { name: "deliver-signed", ...digits });
    rows.request = signed.requestGas;
    rows["deliver-signed"] = signed.deliveryGas;
    rows["deliver-tee"] = await deliverAttested(world, { ...digits, enclave });
    rows["callback-overhead"] = (await deliverWithCallback(world, digits)) - signed.deliveryGas;
    for (const name of ["deliver-zk-small", "deliver-zk", "deliver-tee-and-zk"] as const) {
        const proof = vectors.proofs[name];
        if (proof === undefined) throw new Error(`test/vectors/gas.json has no proof for ${name}.`);
        rows[name] = await deliverProven(world, { name, ...models[PROVEN_REQUESTS[name].role], proof, enclave });
    }
    Object.assign(rows, await evaluatePolicies(world));
    rows["p384-verify"] = await verifyP384(world);
    Object.assign(rows, registrations);
    rows.refund = await refund(world, digits);
    return rows;
}

/** Every model may be attested by the enclaves of this bench. */
async function registerModel(world: GasWorld, model: ModelVector): Promise<Registered> {
    const named = { family: FAMILIES.TEE_NITRO, measurementId: MEASUREMENT_ID };
    return { model, modelId: await world.register(model, [named]) };
}

type SignedWish = Registered & { name: string; wish?: Partial<RequestWish> };

async function deliverSigned(world: GasWorld, { name, model, modelId, wish }: SignedWish) {
    const input = hexToBytes(model.input);
    const request = world.prepare(name, { modelId, input, policy: PRESETS.SIGNED, ...wish });
    const requestGas = await world.open(request);
    const statement = world.stateOf(request, model.output);
    const answer = { statement, input: toHex("0x"), output: model.output };
    const deliveryGas = await world.deliver(request, answer, [await world.sign(statement)]);
    return { requestGas, deliveryGas };
}

/** The same with an enclave's signature, under the policy that any TEE meets. */
async function deliverAttested(
    world: GasWorld,
    { model, modelId, enclave }: Registered & { enclave: GasEnclave },
): Promise<number> {
    const request = world.prepare("deliver-tee", { modelId, input: hexToBytes(model.input), policy: PRESETS.TEE });
    await world.open(request);
    const statement = world.stateOf(request, model.output);
    const answer = { statement, input: toHex("0x"), output: model.output };
    return world.deliver(request, answer, [enclave.attest(statement)]);
}

/** A delivery whose callback does nothing: what it costs more is the hub's own part. */
async function deliverWithCallback(world: GasWorld, registered: Registered): Promise<number> {
    const callback = toHex((await world.contracts.consumer.getAddress()).toLowerCase());
    const wish = { callback, callbackGas: CALLBACK_GAS };
    const { deliveryGas } = await deliverSigned(world, { name: "callback-overhead", ...registered, wish });
    return deliveryGas;
}

async function deliverProven(
    world: GasWorld,
    { name, proof, enclave, ...registered }: Registered & { name: ProvenName; proof: Hex; enclave: GasEnclave },
): Promise<number> {
    const { model } = registered;
    const request = provenRequest(world, { name, ...registered });
    await world.open(request);
    const statement = world.stateOf(request, model.output);
    const attested = PROVEN_REQUESTS[name].policy === PRESETS.TEE_AND_ZK ? [enclave.attest(statement)] : [];
    const evidence: Evidence[] = [...attested, { family: FAMILIES.ZK_GROTH16, data: proof }];
    return world.deliver(request, { statement, input: model.input, output: model.output }, evidence);
}

/** Policy rows: an external call less the 21,000 of a transaction; the dearest preset counts. */
async function evaluatePolicies(world: GasWorld): Promise<GasRows> {
    const meter = world.contracts.meter.getFunction("satisfied");
    const gasOf = async (word: bigint, present: number) =>
        (await world.act(() => meter.send(word, present))) - TRANSACTION_GAS;
    const presets: number[] = [];
    for (const word of Object.values(PRESETS)) presets.push(await gasOf(word, 0x3ff));
    const pairs = Array.from({ length: 12 }, (_, i) => (1 << (i % 4)) | (1 << (4 + Math.floor(i / 4))));
    const twelve = encodePolicy({ clauses: pairs.sort((a, b) => a - b) });
    return {
        "policy-preset": Math.max(...presets),
        "policy-12-clauses": await gasOf(twelve, 1 << 9),
    };
}

/** The dearest of the golden signatures: an external call less the 21,000 of a transaction. */
async function verifyP384(world: GasWorld): Promise<number> {
    const verify = world.contracts.p384.getFunction("verify");
    const gas: number[] = [];
    for (const { hash, key, signature, valid } of p384Cases) {
        if (!valid) continue;
        const call = () => verify.send(`0x${hash.slice(0, 32)}`, `0x${hash.slice(32)}`, `0x${key}`, `0x${signature}`);
        gas.push((await world.act(call)) - TRANSACTION_GAS);
    }
    return Math.max(...gas);
}

async function refund(world: GasWorld, { model, modelId }: Registered): Promise<number> {
    const input = hexToBytes(model.input);
    const request = world.prepare("refund", { modelId, input, policy: PRESETS.SIGNED });
    await world.open(request);
    return world.refund(request);
}
