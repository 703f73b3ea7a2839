import type { Evidence } from "../evidence.ts";
import { type Hex, hexToBytes } from "../hex.ts";
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
    /** The policy that was asked for. */
    policy: bigint;
    /** Who may answer; a gateway request names its executor. */
    signers: { executors: readonly Hex[]; minStakeWei: bigint };
    chain: ChainState | undefined;
}

/** Takes a parsed receipt apart. */
export function caseOf({ receipt, chain }: { receipt: Receipt; chain: ChainState | undefined }): Case {
    const { chainId, gate } = receipt;
    const statement = statementFromJson(receipt.statement);
    return {
        receipt,
        statement,
        digest: statementDigest({ chainId, gate, statement }),
        evidence: evidenceFromJson(receipt.evidence),
        input: receipt.input === undefined ? undefined : hexToBytes(receipt.input),
        output: receipt.output === undefined ? undefined : hexToBytes(receipt.output),
        policy: BigInt(receipt.origin === "hub" ? receipt.request.terms.policy : receipt.request.policy),
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
