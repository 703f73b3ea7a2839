import {
    type AttestationRecord,
    bytesToHex,
    type ChainState,
    CLAIM_CLASSES,
    type EnclaveFacts,
    type Evidence,
    enclaveBindingHash,
    enclaveIdOf,
    encodeSigned,
    encodeTee,
    evidenceToJson,
    FAMILIES,
    type Hex,
    type HubReceipt,
    hexToBytes,
    keccak256,
    PRESETS,
    type PullReceipt,
    RECEIPT_VERSION,
    type Receipt,
    type RegistryFacts,
    requestIdHub,
    requestIdPull,
    SIMULATED_NITRO,
    type Statement,
    statementDigest,
    statementToJson,
    type Terms,
    termsToJson,
    toHex,
    uintToHex,
    verifyNitro,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import { computeAddress, id, SigningKey } from "ethers";
import { makeSimulatedNitroDocument } from "../../../offchain/enclave/simulated/nitro.ts";
import { type KnownModel, packedModel } from "./_model.ts";

export const CHAIN_ID = 31337;
const ENCLAVE_REGISTRY: Hex = `0x${"7e".repeat(20)}`;
const ENCLAVE_KEY = new SigningKey(id("key made inside the enclave"));
const REGISTERED_AT = 1_799_990_000;
export const GATE: Hex = `0x${"9a".repeat(20)}`;
export const HUB: Hex = `0x${"5b".repeat(20)}`;
export const EXECUTOR: Hex = `0x${"e1".repeat(20)}`;
export const CONSUMER: Hex = `0x${"c0".repeat(20)}`;
const SALT = keccak256(Uint8Array.of(7));
const ISSUED_AT = 1_800_000_000n;
const SIGNING_KEY = new SigningKey(id("executor's signing key"));
export const SIGNER = toHex(computeAddress(SIGNING_KEY));

/** Items of evidence that the fixture can make. */
type Item = "SIGNED" | "TEE" | "ZK";

/** What a builder may be told; everything else has a default. */
export interface Wish {
    model?: KnownModel;
    policy?: bigint;
    families?: readonly Item[];
    enclave?: Partial<EnclaveFacts>;
    statement?: Partial<Statement>;
    terms?: Partial<Terms>;
    minStakeWei?: bigint;
    executors?: readonly Hex[];
    /** Members of the receipt itself. */
    registry?: Partial<RegistryFacts>;
    stakeWei?: bigint;
    chainId?: number;
}

/** Evidence over a statement by the fixture's signing key and model. */
export function evidenceFor({
    chainId = CHAIN_ID,
    statement,
    model,
    families,
}: {
    chainId?: number | undefined;
    statement: Statement;
    model: KnownModel;
    families: readonly Item[];
}): Evidence[] {
    const parts = { chainId, gate: GATE, statement };
    return families.map((family) => {
        if (family === "ZK") return model.prove(parts);
        if (family === "TEE") return attest(parts);
        return encodeSigned(toHex(SIGNING_KEY.sign(statementDigest(parts)).serialized));
    });
}

/** The record of the fixture's enclave, attested under the development root. */
export function anEnclave(): EnclaveFacts {
    const { measurementId } = simulated();
    const { chainId, registry, operator, signer, keyEpoch } = BINDING;
    const family = "TEE_NITRO";
    const parts = { chainId, registry, family: FAMILIES[family], measurementId, signer, keyEpoch };
    return {
        enclaveId: enclaveIdOf(parts),
        registry,
        family,
        signer,
        operator,
        measurementId,
        keyEpoch: keyEpoch.toString(),
        claimClass: "COMPUTE",
        simulated: true,
        registeredAt: REGISTERED_AT,
        validUntil: REGISTERED_AT + 86_400,
        standing: "live",
        mayAttest: true,
    };
}

/** The document that it was registered by. */
export function anAttestation(): AttestationRecord {
    const { challenge, deadline, claims } = BINDING;
    const { upstreamHash, configHash, binaryDigest } = claims;
    const document = bytesToHex(simulated().document);
    return { enclaveId: anEnclave().enclaveId, document, challenge, deadline, upstreamHash, configHash, binaryDigest };
}

const BINDING = {
    chainId: CHAIN_ID,
    registry: ENCLAVE_REGISTRY,
    operator: EXECUTOR,
    signer: toHex(computeAddress(ENCLAVE_KEY)),
    keyEpoch: 3n,
    challenge: keyOf("challenge"),
    deadline: REGISTERED_AT + 600,
    claims: {
        claimClass: CLAIM_CLASSES.COMPUTE,
        upstreamHash: ZERO_BYTES32,
        configHash: keyOf("configuration"),
        binaryDigest: keyOf("program"),
    },
};

function keyOf(name: string): Hex {
    return toHex(id(name));
}

/** The fixture's document, and what it says; made once. */
function simulated() {
    made ??= makeSimulated();
    return made;
}

let made: ReturnType<typeof makeSimulated> | undefined;

function makeSimulated() {
    const userData = hexToBytes(enclaveBindingHash(BINDING));
    const { document } = makeSimulatedNitroDocument({ codeHash: keyOf("code"), at: REGISTERED_AT - 5, userData });
    const verdict = verifyNitro({ document, at: REGISTERED_AT, profile: SIMULATED_NITRO });
    if (!verdict.accepted) throw new Error(verdict.reason);
    return { document, measurementId: verdict.attestation.measurementId };
}

function attest(parts: { chainId: number; gate: Hex; statement: Statement }): Evidence {
    const signature = toHex(ENCLAVE_KEY.sign(statementDigest(parts)).serialized);
    return encodeTee({ family: FAMILIES.TEE_NITRO, enclaveId: anEnclave().enclaveId, signature });
}

/** A receipt of a hub request under SIGNED_AND_ZK. */
export function hubReceipt(wish: Wish = {}): HubReceipt {
    const { model = packedModel(), policy = PRESETS.SIGNED_AND_ZK } = wish;
    const terms: Terms = {
        modelId: model.modelId,
        configHash: ZERO_BYTES32,
        inputHash: model.inputHash,
        policy,
        executors: wish.executors ?? [EXECUTOR],
        minStakeWei: wish.minStakeWei ?? 0n,
        feeWei: 10n ** 15n,
        token: ZERO_ADDRESS,
        deadline: ISSUED_AT + 3600n,
        callback: CONSUMER,
        callbackGas: 100_000n,
        refundee: CONSUMER,
        ...wish.terms,
    };
    const requestId = requestIdHub({
        chainId: wish.chainId ?? CHAIN_ID,
        hub: HUB,
        requester: CONSUMER,
        salt: SALT,
        terms,
    });
    const made = commonOf({ wish, model, requestId, contextHash: ZERO_BYTES32 });
    const request = { hub: HUB, requester: CONSUMER, salt: SALT, terms: termsToJson(terms) };
    return { ...made, origin: "hub", request };
}

/** A receipt of a pull request. */
export function pullReceipt(wish: Wish = {}): PullReceipt {
    const { model = packedModel(), policy = PRESETS.SIGNED_AND_ZK } = wish;
    const requestId = requestIdPull({ chainId: CHAIN_ID, gate: GATE, consumer: CONSUMER, salt: SALT });
    const signers = {
        executors: [...(wish.executors ?? [EXECUTOR])],
        minStakeWei: (wish.minStakeWei ?? 0n).toString(),
    };
    const request = { consumer: CONSUMER, salt: SALT, policy: uintToHex(policy), signers };
    return { ...commonOf({ wish, model, requestId, contextHash: ZERO_BYTES32 }), origin: "pull", request };
}

/** A receipt of a hub request that its named executor could not serve. */
export function failureReceipt(wish: Wish = {}): HubReceipt {
    const statement = { resultCode: 2n, outputHash: ZERO_BYTES32 };
    const { output, ...receipt } = hubReceipt({ families: ["SIGNED"], statement, ...wish });
    return receipt;
}

/** What an honest node says of a receipt's facts. */
export function chainStateFor(receipt: Receipt): ChainState {
    const {
        blockNumber: number,
        blockHash: hash,
        blockTimestamp: timestamp,
        model,
        executor,
        enclaves,
    } = receipt.registry;
    return {
        chainId: receipt.chainId,
        block: { number, hash, timestamp },
        model,
        ...(executor === undefined ? {} : { executor }),
        ...(enclaves === undefined ? {} : { enclaves }),
        latest: { keyState: "active", modelBroken: false },
    };
}

/** Everything that receipts of all origins have. */
export function commonOf({
    wish,
    model,
    requestId,
    contextHash,
}: {
    wish: Wish;
    model: KnownModel;
    requestId: Hex;
    contextHash: Hex;
}) {
    const statement: Statement = {
        requestId,
        modelId: model.modelId,
        configHash: ZERO_BYTES32,
        inputHash: model.inputHash,
        outputHash: model.outputHash,
        contextHash,
        executor: EXECUTOR,
        issuedAt: ISSUED_AT,
        round: 0n,
        resultCode: 0n,
        ...wish.statement,
    };
    const families = wish.families ?? ["SIGNED", "ZK"];
    const registry: RegistryFacts = {
        blockNumber: 1234,
        blockHash: keccak256(Uint8Array.of(1)),
        blockTimestamp: Number(ISSUED_AT) + 12,
        model: model.facts,
        executor: {
            signingKey: SIGNER,
            notBefore: 0,
            notAfter: Number(ISSUED_AT) + 86_400,
            state: "active",
            stakeWei: (wish.stakeWei ?? 10n ** 18n).toString(),
        },
        ...(families.includes("TEE") ? { enclaves: [{ ...anEnclave(), ...wish.enclave }] } : {}),
        ...wish.registry,
    };
    return {
        version: RECEIPT_VERSION,
        chainId: wish.chainId ?? CHAIN_ID,
        gate: GATE,
        statement: statementToJson(statement),
        ...model.shown,
        evidence: evidenceToJson(evidenceFor({ chainId: wish.chainId, statement, model, families })),
        registry,
        ...(families.includes("TEE") ? { attestation: [anAttestation()] } : {}),
    };
}
