import { address, bytes32, hashWords, type Uint, uint } from "./_abi.ts";
import { DOMAIN } from "./constants.ts";
import { typedDigest, typeHash } from "./eip712.ts";
import { type Hex, hashOfText } from "./hex.ts";
import { tag } from "./ids.ts";

/** The one struct that every kind of evidence commits to. */
export interface Statement {
    requestId: Hex;
    modelId: Hex;
    /** Zero = no configuration. */
    configHash: Hex;
    /** keccak256 of the canonical encoding of the effective input; of a committed input its commitment. */
    inputHash: Hex;
    /** Likewise of the output; zero when resultCode is not 0. */
    outputHash: Hex;
    /** Zero for hub and pull requests. */
    contextHash: Hex;
    /** Who answers for it and is paid. */
    executor: Hex;
    /** Unix seconds, taken before the evidence is made. */
    issuedAt: bigint;
    /** 0 unless an earlier proposal was refuted. */
    round: bigint;
    /** 0 ok, else a code of tables/result-codes.json. */
    resultCode: bigint;
}

const FIELDS = [
    { name: "requestId", type: "bytes32" },
    { name: "modelId", type: "bytes32" },
    { name: "configHash", type: "bytes32" },
    { name: "inputHash", type: "bytes32" },
    { name: "outputHash", type: "bytes32" },
    { name: "contextHash", type: "bytes32" },
    { name: "executor", type: "address" },
    { name: "issuedAt", type: "uint64" },
    { name: "round", type: "uint32" },
    { name: "resultCode", type: "uint8" },
] as const;

/** EIP-712 type hash of Statement. */
export const STATEMENT_TYPEHASH: Hex = typeHash("Statement", FIELDS);

const DOMAIN_TYPEHASH: Hex = hashOfText(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
);
const NAME_HASH: Hex = hashOfText(DOMAIN.name);
const VERSION_HASH: Hex = hashOfText(DOMAIN.version);

/** EIP-712 struct hash of a statement, without the domain. */
export function structHashOf(statement: Statement): Hex {
    return hashWords(
        bytes32(STATEMENT_TYPEHASH),
        bytes32(statement.requestId),
        bytes32(statement.modelId),
        bytes32(statement.configHash),
        bytes32(statement.inputHash),
        bytes32(statement.outputHash),
        bytes32(statement.contextHash),
        address(statement.executor),
        uint(statement.issuedAt, 64),
        uint(statement.round, 32),
        uint(statement.resultCode, 8),
    );
}

/** EIP-712 digest of a statement under the gate's domain: what every family commits to. */
export function statementDigest({ chainId, gate, statement }: { chainId: Uint; gate: Hex; statement: Statement }): Hex {
    const separator = domainSeparator({ chainId, gate });
    return typedDigest({ separator, structHash: structHashOf(statement) });
}

/** EIP-712 domain separator of a gate. */
export function domainSeparator({ chainId, gate }: { chainId: Uint; gate: Hex }): Hex {
    return hashWords(bytes32(DOMAIN_TYPEHASH), bytes32(NAME_HASH), bytes32(VERSION_HASH), uint(chainId), address(gate));
}

/** Domain and types of a statement, in the form that wallets' signTypedData takes. */
export function statementTypedData({ chainId, gate }: { chainId: Uint; gate: Hex }) {
    return {
        domain: { ...DOMAIN, chainId: BigInt(chainId), verifyingContract: gate },
        types: { Statement: FIELDS.map((field) => ({ ...field })) },
        primaryType: "Statement" as const,
    };
}

/**
 * The public signal by which a proof commits to a digest: 253 bits, below the field order.
 *
 * @example
 * bindOf(uintToHex(16n)); // 2n
 */
export function bindOf(digest: Hex): bigint {
    return BigInt(digest) >> 3n;
}

/** bind of a known answer or of a proof without a statement: no statement can have it. */
export function unboundBind(vkHash: Hex): bigint {
    return bindOf(hashWords(bytes32(tag("unbound")), bytes32(vkHash)));
}

/** bind of a proof that breaks a canary for its claimant. */
export function canaryBind(parts: { chainId: Uint; registry: Hex; vkHash: Hex; claimant: Hex }): bigint {
    return bindOf(
        hashWords(
            bytes32(tag("canary")),
            uint(parts.chainId),
            address(parts.registry),
            bytes32(parts.vkHash),
            address(parts.claimant),
        ),
    );
}
