import { isProtocolError } from "../errors/ProtocolError.ts";
import type { Evidence } from "../evidence.ts";
import { type Hex, hexToBytes, ZERO_BYTES32 } from "../hex.ts";
import { decodeIoSpec, type IoSpec } from "../ioSpec.ts";
import { type Statement, statementDigest } from "../statement.ts";
import type { ChainState } from "./chainState.ts";
import { evidenceFromJson, statementFromJson } from "./json.ts";
import type { Receipt } from "./schema.ts";

/** A receipt under examination: parsed, taken apart, with what the caller read from its chain. */
export interface Case {
    receipt: Receipt;
    statement: Statement;
    digest: Hex;
    evidence: Evidence[];
    input: Uint8Array | undefined;
    output: Uint8Array | undefined;
    /** Of a model version with a key; undefined when it has none, or a word that is no ioSpec. */
    ioSpec: IoSpec | undefined;
    /** The policy that was asked for, or that the caller judges by. */
    policy: bigint;
    /** Who may answer; a gateway request names its executor. */
    signers: { executors: readonly Hex[]; minStakeWei: bigint };
    chain: ChainState | undefined;
}

/** Takes a parsed receipt apart. */
export function caseOf({
    receipt,
    chain,
    policy,
}: {
    receipt: Receipt;
    chain: ChainState | undefined;
    /** What to judge by instead of what the receipt says. */
    policy?: bigint | undefined;
}): Case {
    const { chainId, gate } = receipt;
    const { vkHash, ioSpec } = receipt.registry.model;
    const statement = statementFromJson(receipt.statement);
    return {
        receipt,
        statement,
        digest: statementDigest({ chainId, gate, statement }),
        evidence: evidenceFromJson(receipt.evidence),
        input: receipt.input === undefined ? undefined : hexToBytes(receipt.input),
        output: receipt.output === undefined ? undefined : hexToBytes(receipt.output),
        ioSpec: vkHash === ZERO_BYTES32 ? undefined : readIoSpec(BigInt(ioSpec)),
        policy: policy ?? BigInt(receipt.origin === "hub" ? receipt.request.terms.policy : receipt.request.policy),
        signers: signersOf(receipt),
        chain,
    };
}

function signersOf(receipt: Receipt): Case["signers"] {
    switch (receipt.origin) {
        case "hub": {
            const { executors, minStakeWei } = receipt.request.terms;
            return { executors, minStakeWei: BigInt(minStakeWei) };
        }
        case "pull": {
            const { executors, minStakeWei } = receipt.request.signers;
            return { executors, minStakeWei: BigInt(minStakeWei) };
        }
        case "gateway":
            return { executors: [receipt.statement.executor], minStakeWei: 0n };
    }
}

/** Takes an ioSpec word apart; undefined when it is none. */
export function readIoSpec(word: bigint): IoSpec | undefined {
    try {
        return decodeIoSpec(word);
    } catch (error) {
        if (isProtocolError(error, "IO_SPEC_INVALID") || isProtocolError(error, "DTYPE_UNKNOWN")) return undefined;
        throw error;
    }
}
