import { address, bytes32, hashWords, type Uint, uint } from "./_abi.ts";
import { SEMANTICS } from "./constants.ts";
import { ProtocolError } from "./errors/ProtocolError.ts";
import { concat, type Hex, hashOfText, keccak256, ZERO_BYTES32 } from "./hex.ts";
import { hashJson } from "./jcs.ts";
import constants from "./tables/constants.json" with { type: "json" };

/** What is hashed into a model's contentHash. */
export interface ModelSpec {
    /** sha256 of the artifact. */
    artifactDigest: Hex;
    /** Word of ioSpec.ts; 0 is allowed only without a key. */
    ioSpec: bigint;
    /** schemaHashOf(schema). */
    schemaHash: Hex;
    /** 1 EXACT_INT, 2 FLOAT, 3 REMOTE. */
    semantics: Uint;
    /** vkHashOf(key bytes); zero = no key. */
    vkHash: Hex;
    /** modelId of the version this one is made from; zero = none. */
    derivedFrom: Hex;
}

/** Everything a requester fixes at the hub. */
export interface Terms {
    modelId: Hex;
    /** Zero = no configuration. */
    configHash: Hex;
    inputHash: Hex;
    /** Word of policy.ts. */
    policy: bigint;
    /** Who may answer; may be empty. */
    executors: readonly Hex[];
    minStakeWei: bigint;
    /** In wei of `token`. */
    feeWei: bigint;
    /** Zero address = native. */
    token: Hex;
    /** Unix seconds, inclusive. */
    deadline: bigint;
    /** Zero address = none. */
    callback: Hex;
    callbackGas: bigint;
    refundee: Hex;
}

/** ABI type of Terms, for encoders that take a type string. */
export const termsType =
    "tuple(bytes32 modelId,bytes32 configHash,bytes32 inputHash,uint256 policy,address[] executors,uint96 minStakeWei,uint96 feeWei,address token,uint40 deadline,address callback,uint32 callbackGas,address refundee)";

/**
 * Domain tag T("name") = keccak256("assay.name.v1"); throws TAG_UNKNOWN for a name outside the table.
 *
 * @example
 * tag("model") === keccak256(new TextEncoder().encode("assay.model.v1")); // true
 */
export function tag(name: string): Hex {
    if (!constants.tags.includes(name)) throw new ProtocolError({ code: "TAG_UNKNOWN", message: `"${name}".` });
    return hashOfText(`${constants.tagPrefix}${name}${constants.tagSuffix}`);
}

/** Hash of what a model version is, whoever owns it. */
export function contentHash(spec: ModelSpec): Hex {
    return hashWords(
        bytes32(tag("content")),
        bytes32(spec.artifactDigest),
        uint(spec.ioSpec),
        bytes32(spec.schemaHash),
        uint(knownSemantics(spec.semantics), 8),
        bytes32(spec.vkHash),
        bytes32(spec.derivedFrom),
    );
}

/** Id of a model version: its owner and content. */
export function modelIdOf({ owner, contentHash }: { owner: Hex; contentHash: Hex }): Hex {
    return hashWords(bytes32(tag("model")), address(owner), bytes32(contentHash));
}

/** Hash of a verifying key's bytes as stored (EIP-197 order). */
export function vkHashOf(keyBytes: Uint8Array): Hex {
    return keccak256(keyBytes);
}

/**
 * Hash of a configuration; zero when there is none.
 *
 * @example
 * configHashOf(undefined) === ZERO_BYTES32; // true
 */
export function configHashOf(config: unknown): Hex {
    return config === undefined || config === null ? ZERO_BYTES32 : hashJson(config);
}

/** Hash of a model's input and output schema. */
export function schemaHashOf(schema: unknown): Hex {
    return hashJson(schema);
}

/** requestId of a hub request. */
export function requestIdHub(parts: { chainId: Uint; hub: Hex; requester: Hex; salt: Hex; terms: Terms }): Hex {
    return hashWords(
        bytes32(tag("request.hub")),
        uint(parts.chainId),
        address(parts.hub),
        address(parts.requester),
        bytes32(parts.salt),
        bytes32(keccak256(encodeTerms(parts.terms))),
    );
}

/** requestId of a gateway request; unpaid routes have payer zero and a random nonce. */
export function requestIdGateway(parts: {
    chainId: Uint;
    gate: Hex;
    executor: Hex;
    payer: Hex;
    paymentNonce: Hex;
    requestHash: Hex;
}): Hex {
    return hashWords(
        bytes32(tag("request.gateway")),
        uint(parts.chainId),
        address(parts.gate),
        address(parts.executor),
        address(parts.payer),
        bytes32(parts.paymentNonce),
        bytes32(parts.requestHash),
    );
}

/** requestId of a pull request: the consumer issues the salt before the evidence exists. */
export function requestIdPull(parts: { chainId: Uint; gate: Hex; consumer: Hex; salt: Hex }): Hex {
    return hashWords(
        bytes32(tag("request.pull")),
        uint(parts.chainId),
        address(parts.gate),
        address(parts.consumer),
        bytes32(parts.salt),
    );
}

/** abi.encode(terms): one struct, dynamic because of its list, so an offset word comes first. */
export function encodeTerms(terms: Terms): Uint8Array {
    const headWords = 12;
    return concat(
        uint(32),
        bytes32(terms.modelId),
        bytes32(terms.configHash),
        bytes32(terms.inputHash),
        uint(terms.policy),
        uint(headWords * 32),
        uint(terms.minStakeWei, 96),
        uint(terms.feeWei, 96),
        address(terms.token),
        uint(terms.deadline, 40),
        address(terms.callback),
        uint(terms.callbackGas, 32),
        address(terms.refundee),
        uint(terms.executors.length),
        ...terms.executors.map(address),
    );
}

function knownSemantics(semantics: Uint): Uint {
    if (Object.values(SEMANTICS).includes(Number(semantics))) return semantics;
    throw new ProtocolError({ code: "VALUE_OUT_OF_RANGE", message: `Semantics ${semantics} does not exist.` });
}
