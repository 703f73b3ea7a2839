import {
    type ChainState,
    type Evidence,
    encodeSigned,
    evidenceToJson,
    type GatewayReceipt,
    type Hex,
    type HubReceipt,
    hashJson,
    hexToBytes,
    keccak256,
    leafOf,
    PRESETS,
    type PullReceipt,
    RECEIPT_VERSION,
    type Receipt,
    type RegistryFacts,
    receiptHash,
    requestIdGateway,
    requestIdHub,
    requestIdPull,
    type Statement,
    statementDigest,
    statementFromJson,
    statementToJson,
    type Terms,
    termsToJson,
    toHex,
    uintToHex,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import { computeAddress, id, SigningKey } from "ethers";
import { type KnownModel, packedModel } from "./_model.ts";

export const CHAIN_ID = 31337;
export const GATE: Hex = `0x${"9a".repeat(20)}`;
export const HUB: Hex = `0x${"5b".repeat(20)}`;
export const EXECUTOR: Hex = `0x${"e1".repeat(20)}`;
const CONSUMER: Hex = `0x${"c0".repeat(20)}`;
const SALT = keccak256(Uint8Array.of(7));
const ISSUED_AT = 1_800_000_000n;
const SIGNING_KEY = new SigningKey(id("executor's signing key"));
export const SIGNER = toHex(computeAddress(SIGNING_KEY));

/** What a builder may be told; everything else has a default. */
export interface Wish {
    model?: KnownModel;
    policy?: bigint;
    families?: readonly ("SIGNED" | "ZK")[];
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
    families: readonly ("SIGNED" | "ZK")[];
}): Evidence[] {
    const parts = { chainId, gate: GATE, statement };
    return families.map((family) => {
        if (family === "ZK") return model.prove(parts);
        return encodeSigned(toHex(SIGNING_KEY.sign(statementDigest(parts)).serialized));
    });
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

/** A receipt of a paid gateway request. */
export function gatewayReceipt(wish: Wish = {}): GatewayReceipt {
    const { model = packedModel(), policy = PRESETS.SIGNED } = wish;
    const nonce = keccak256(Uint8Array.of(8));
    const requestHash = hashJson({ model: "digits", input: [1, 2, 3] });
    const context = { salt: "6f1c9ddc52f24bd2a6fd0b1ad0a0a2c1", usage: { inputs: 8 }, sequence: 4, price: "1000" };
    const request = { payer: CONSUMER, paymentNonce: nonce, requestHash, policy: uintToHex(policy) };
    const requestId = requestIdGateway({ chainId: CHAIN_ID, gate: GATE, executor: EXECUTOR, ...request });
    const filled: Wish = { families: ["SIGNED"], ...wish };
    return {
        ...commonOf({ wish: filled, model, requestId, contextHash: hashJson(context) }),
        origin: "gateway",
        request,
        context,
        payment: {
            scheme: "exact",
            network: `eip155:${CHAIN_ID}`,
            asset: `0x${"05".repeat(20)}`,
            payTo: EXECUTOR,
            amount: "1000",
            payer: CONSUMER,
            nonce,
            transaction: keccak256(Uint8Array.of(9)),
        },
    };
}

/** A receipt of a hub request that its named executor could not serve. */
export function failureReceipt(wish: Wish = {}): HubReceipt {
    const statement = { resultCode: 2n, outputHash: ZERO_BYTES32 };
    const { output, ...receipt } = hubReceipt({ families: ["SIGNED"], statement, ...wish });
    return receipt;
}

/** A gateway receipt as the second of three leaves of a batch. */
export function settledReceipt(wish: Wish = {}): GatewayReceipt {
    const receipt = gatewayReceipt(wish);
    const digest = statementDigest({ chainId: CHAIN_ID, gate: GATE, statement: statementFromJson(receipt.statement) });
    const leaf = leafOf({ executor: EXECUTOR, sequence: 4, digest, receiptHash: receiptHash(receipt) });
    const siblings = [keccak256(Uint8Array.of(21)), keccak256(Uint8Array.of(22))];
    const root = siblings.reduce(parentOf, leaf);
    const log: Hex = `0x${"10".repeat(20)}`;
    return { ...receipt, settlement: { kind: "batch", log, root, sequence: 4, proof: siblings } };
}

function parentOf(a: Hex, b: Hex): Hex {
    const [left, right] = a < b ? [a, b] : [b, a];
    return keccak256(hexToBytes(`${left}${right.slice(2)}`));
}

/** What an honest node says of a receipt's facts. */
export function chainStateFor(receipt: Receipt): ChainState {
    const { blockNumber: number, blockHash: hash, blockTimestamp: timestamp, model, executor } = receipt.registry;
    return {
        chainId: receipt.chainId,
        block: { number, hash, timestamp },
        model,
        ...(executor === undefined ? {} : { executor }),
        latest: { keyState: "active", modelBroken: false },
    };
}

function commonOf({
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
        ...wish.registry,
    };
    return {
        version: RECEIPT_VERSION,
        chainId: wish.chainId ?? CHAIN_ID,
        gate: GATE,
        statement: statementToJson(statement),
        ...model.shown,
        evidence: evidenceToJson(
            evidenceFor({ chainId: wish.chainId, statement, model, families: wish.families ?? ["SIGNED", "ZK"] }),
        ),
        registry,
    };
}
