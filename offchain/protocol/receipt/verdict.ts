import type { ErrorCode } from "../errors/ProtocolError.ts";
import type { Hex } from "../hex.ts";

/** What makes something certain: a hash, a signature, a proof, or the chain as the caller read it. */
export type Ground = "hash" | "signature" | "proof" | "chain";

/** Something that is certain once the verdict is accepted. `subject` is the path in the receipt that it speaks of. */
export interface Proven {
    subject: string;
    by: Ground;
    text: string;
}

/** Something that the receipt only says; `text` names who has to be believed. */
export interface Claimed {
    subject: string;
    text: string;
}

/** Something the reader must know although nothing is refused. */
export interface Warning {
    code: ErrorCode;
    text: string;
}

/** What a receipt is worth. */
export interface Verdict {
    accepted: boolean;
    /** ACCEPTED, or the stable code of the first thing that is wrong. */
    code: "ACCEPTED" | ErrorCode;
    /** Why it was refused; empty when it was accepted. */
    reason: string;
    /** Undefined when the receipt could not even be read. */
    requestId: Hex | undefined;
    /** EIP-712 digest that all evidence commits to. */
    digest: Hex | undefined;
    receiptHash: Hex | undefined;
    /** 0 ok, else the coded failure that the executor answers for. */
    resultCode: number | undefined;
    /** Families whose evidence verified here, bit 14 for a development setup. */
    present: number;
    /** Whether the families present meet the policy; never for a failure. */
    policyMet: boolean;
    proven: Proven[];
    claimed: Claimed[];
    warnings: Warning[];
}

/** What one check of a receipt found. */
export interface Report {
    refusal?: { code: ErrorCode; reason: string };
    present?: number;
    policyMet?: boolean;
    proven?: Proven[];
    claimed?: Claimed[];
    warnings?: Warning[];
}

/** The report of a check that refuses. */
export function refuse(code: ErrorCode, reason: string): Report {
    return { refusal: { code, reason } };
}

/** One report that holds everything others found, up to the first refusal. */
export function merge(reports: Iterable<Report>): Report {
    const merged = { present: 0, policyMet: false, proven: [], claimed: [], warnings: [] } satisfies Report;
    let all: Required<Omit<Report, "refusal">> = merged;
    for (const report of reports) {
        all = {
            present: all.present | (report.present ?? 0),
            policyMet: all.policyMet || (report.policyMet ?? false),
            proven: [...all.proven, ...(report.proven ?? [])],
            claimed: [...all.claimed, ...(report.claimed ?? [])],
            warnings: [...all.warnings, ...(report.warnings ?? [])],
        };
        if (report.refusal) return { ...all, refusal: report.refusal };
    }
    return all;
}
