import {
    bytesToHex,
    configHashOf,
    contentHash,
    encodeTerms,
    type Hex,
    modelIdOf,
    requestIdGateway,
    requestIdHub,
    requestIdPull,
    SEMANTICS,
    schemaHashOf,
    type Terms,
    tag,
    uintToHex,
    vkHashOf,
    ZERO_BYTES32,
} from "@assay/protocol";
import constants from "../../offchain/protocol/tables/constants.json" with { type: "json" };
import { createRandom, type Random } from "../../test/offchain/protocol/_random.ts";

/** Tags, model ids, request ids and JSON hashes; integers as 32-byte hex words, so that every language reads them. */
export function idVectors() {
    const random = createRandom("ids");
    return {
        tags: constants.tags.map((name) => ({ name, tag: tag(name) })),
        models: Array.from({ length: 6 }, (_, i) => modelVector(random, i)),
        hubRequests: [0, 1, 3].map((executors) => hubVector(random, executors)),
        gatewayRequests: [0, 1].map(() => gatewayVector(random)),
        pullRequests: [0, 1].map(() => pullVector(random)),
        json: [
            { value: { b: 1, a: [true, null, "ü"] }, hash: schemaHashOf({ b: 1, a: [true, null, "ü"] }) },
            {
                value: { system: "Be brief.", temperature: 0 },
                hash: configHashOf({ system: "Be brief.", temperature: 0 }),
            },
        ],
        keys: [{ bytes: "0x0102" as Hex, vkHash: vkHashOf(Uint8Array.of(1, 2)) }],
    };
}

function modelVector(random: Random, i: number) {
    const semantics = (i % 3) + 1;
    const spec = {
        artifactDigest: random.hash(),
        ioSpec: random.word(),
        schemaHash: random.hash(),
        semantics,
        vkHash: semantics === SEMANTICS.EXACT_INT ? random.hash() : ZERO_BYTES32,
        derivedFrom: i > 2 ? random.hash() : ZERO_BYTES32,
    };
    const owner = random.address();
    const hash = contentHash(spec);
    return {
        owner,
        ...spec,
        ioSpec: uintToHex(spec.ioSpec),
        contentHash: hash,
        modelId: modelIdOf({ owner, contentHash: hash }),
    };
}

function hubVector(random: Random, executors: number) {
    const terms: Terms = {
        modelId: random.hash(),
        configHash: random.hash(),
        inputHash: random.hash(),
        policy: random.word(),
        executors: Array.from({ length: executors }, random.address),
        minStakeWei: random.word() >> 160n,
        feeWei: random.word() >> 160n,
        token: random.address(),
        deadline: random.word() >> 216n,
        callback: random.address(),
        callbackGas: random.word() >> 224n,
        refundee: random.address(),
    };
    const key = { chainId: 31337, hub: random.address(), requester: random.address(), salt: random.hash() };
    const words = {
        policy: uintToHex(terms.policy),
        minStakeWei: uintToHex(terms.minStakeWei),
        feeWei: uintToHex(terms.feeWei),
        deadline: uintToHex(terms.deadline),
        callbackGas: uintToHex(terms.callbackGas),
    };
    const encoded = bytesToHex(encodeTerms(terms));
    return { ...key, terms: { ...terms, ...words }, encodedTerms: encoded, requestId: requestIdHub({ ...key, terms }) };
}

function gatewayVector(random: Random) {
    const parts = {
        chainId: 1337,
        gate: random.address(),
        executor: random.address(),
        payer: random.address(),
        paymentNonce: random.hash(),
        requestHash: random.hash(),
    };
    return { ...parts, requestId: requestIdGateway(parts) };
}

function pullVector(random: Random) {
    const parts = { chainId: 31337, gate: random.address(), consumer: random.address(), salt: random.hash() };
    return { ...parts, requestId: requestIdPull(parts) };
}
