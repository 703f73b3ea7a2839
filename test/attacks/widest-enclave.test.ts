/** An enclave with as many traits as a document can show, used before and after governance restricted something. */
import {
    CLAIM_CLASSES,
    type EnclaveBinding,
    type Evidence,
    enclaveBindingHash,
    enclaveIdOf,
    encodeTee,
    FAMILIES,
    type Hex,
    hexToBytes,
    measurementIdOf,
    PRESETS,
    possessionDigest,
    type Statement,
    statementDigest,
    toHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import { readGasVectors } from "../../bench/gas/vectors.ts";
import { createGasWorld, type GasWorld } from "../../bench/gas/world.ts";
import { simulatedPcr, simulatedPcrs } from "../../offchain/enclave/simulated/nitro.ts";
import { makeNitroChain, planNitroChain } from "../../offchain/enclave/simulated/nitroChain.ts";
import { nitroEntries, nitroPayload, signNitroPayload } from "../../offchain/enclave/simulated/nitroDocument.ts";

const CODE_HASH = toHex(id("the widest enclave"));
const MEASUREMENT_ID = measurementIdOf({
    kind: "nitro",
    registers: [0, 1, 2, 8].map((index) => simulatedPcr({ index, codeHash: CODE_HASH })),
});
const INSTANCE = "0123456789abcdef0";
const ENCLAVE = "0123456789abcdef";
const KEY = new Wallet(id("key of the widest enclave"));
/** Above the leaf: as many as a document may carry. */
const CERTIFICATES = 8;
/** Those, the leaf, the enclave's name, its machine's, and the record itself. */
const TRAITS = CERTIFICATES + 4;
const COMPROMISED = 2;
/** What issue 4 asks of a delivery. */
const DELIVERY_GAS = 105_000;
/** A slot that nobody read before (2,100), its place in code and memory, and the loop. */
const TRAIT_GAS = 2_700;
/** The record's own slots, the list's code, the measurement's policy, and the calls that bring them. */
const WALK_GAS = 15_000;

describe("the widest enclave", function () {
    this.timeout(60_000); // ten signatures

    it("stays deliverable after a restriction, for a slot of each trait, and is as cheap as ever once refreshed", async () => {
        const world = await createGasWorld();
        const { digits } = readGasVectors().models;
        const modelId = await world.register(digits, [{ family: FAMILIES.TEE_NITRO, measurementId: MEASUREMENT_ID }]);
        const enclaveId = await registerWidest(world);
        const { enclaves, policy } = world.contracts;
        const deliver = async (name: string) => {
            const request = world.prepare(name, { modelId, input: hexToBytes(digits.input), policy: PRESETS.TEE });
            await world.open(request);
            const statement = world.stateOf(request, digits.output);
            const answer = { statement, input: toHex("0x"), output: digits.output };
            return world.deliver(request, answer, [attest(world, { enclaveId, statement })]);
        };
        expect(await enclaves.getFunction("traitsOf")(enclaveId)).to.have.length(TRAITS);
        await deliver("to give the executor its first credit");

        const before = await deliver("before");
        await world.act(() => policy.getFunction("revoke")(id("somebody else's certificate"), COMPROMISED));
        const after = await deliver("after");
        await world.act(() => enclaves.getFunction("refresh")(enclaveId));
        const refreshed = await deliver("refreshed");

        expect(before).to.be.lessThan(DELIVERY_GAS);
        expect(after - before).to.be.lessThan(WALK_GAS + TRAITS * TRAIT_GAS);
        // Data of calls varies with its zero bytes.
        expect(refreshed).to.be.closeTo(before, 500);
    });
});

/** Registers it; the root stands in its chain as often as there is room, since it is its own issuer. */
async function registerWidest(world: GasWorld): Promise<Hex> {
    const { enclaves } = world.contracts;
    await world.act(() => world.asExecutor(enclaves).getFunction("requestChallenge")());
    const [issued] = await enclaves.queryFilter(enclaves.getEvent("ChallengeIssued")());
    if (issued === undefined || !("args" in issued)) throw new Error("No challenge was issued.");
    const binding: EnclaveBinding = {
        chainId: world.chainId,
        registry: world.registry,
        operator: world.executor,
        signer: toHex(KEY.address.toLowerCase()),
        keyEpoch: 1n,
        challenge: toHex(issued.args.challenge),
        deadline: issued.args.deadline,
        claims: {
            claimClass: CLAIM_CLASSES.COMPUTE,
            upstreamHash: ZERO_BYTES32,
            configHash: ZERO_BYTES32,
            binaryDigest: CODE_HASH,
        },
    };
    const bindingHash = enclaveBindingHash(binding);
    const document = widestDocument({ at: (await issued.getBlock()).timestamp, userData: hexToBytes(bindingHash) });
    for (let i = 0; i < CERTIFICATES; i += 4) await world.cacheChain(document, 4);
    const digest = possessionDigest({ chainId: world.chainId, registry: world.registry, bindingHash });
    await world.registerEnclave({
        registration: { family: FAMILIES.TEE_NITRO, ...binding, heartbeatSeconds: 0 },
        document,
        possession: KEY.signingKey.sign(digest).serialized,
    });
    return enclaveIdOf({ ...binding, family: FAMILIES.TEE_NITRO, measurementId: MEASUREMENT_ID });
}

function widestDocument({ at, userData }: { at: number; userData: Uint8Array }): Uint8Array {
    const plan = planNitroChain({ instance: INSTANCE, enclave: ENCLAVE, at });
    const { cabundle, leaf } = makeNitroChain(plan);
    const roots = Array.from({ length: CERTIFICATES - cabundle.length }, () => plan.root);
    const entries = nitroEntries({
        moduleId: `sim-${INSTANCE}-enc${ENCLAVE}`,
        timestamp: at * 1000,
        pcrs: simulatedPcrs({ codeHash: CODE_HASH, instance: INSTANCE }),
        certificate: leaf,
        cabundle: [...roots, ...cabundle],
        userData,
    });
    return signNitroPayload({ payload: nitroPayload(entries), key: plan.leafKey });
}

function attest(world: GasWorld, { enclaveId, statement }: { enclaveId: Hex; statement: Statement }): Evidence {
    const digest = statementDigest({ chainId: world.chainId, gate: world.gate, statement });
    const signature = toHex(KEY.signingKey.sign(digest).serialized);
    return encodeTee({ family: FAMILIES.TEE_NITRO, enclaveId, signature });
}
