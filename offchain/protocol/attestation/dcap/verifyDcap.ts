import { certificateTraitOf, measurementIdOf, platformTraitOf, rootIdOf } from "../../enclave.ts";
import { bytesToHex, concat } from "../../hex.ts";
import { bytesOf, sameBytes } from "../_bytes.ts";
import { AttestationFault, refused, requireThat } from "../_fault.ts";
import { requireSeconds } from "../_time.ts";
import type { Attestation, AttestationVerdict, AttestationWarning } from "../verdict.ts";
import { requireOpen } from "./_certificates.ts";
import { readCollateral } from "./_collateral.ts";
import { verifyCollateral } from "./_documents.ts";
import { fieldOf, registersOf, reportDataOf } from "./_layouts.ts";
import { type Platform, readPlatform } from "./_platform.ts";
import {
    type ExpectedRegisters,
    requireAllowedTcb,
    requireConfiguration,
    requireExpected,
    requireNoDebug,
    type TcbAllowance,
} from "./_policy.ts";
import { type Quote, readQuote } from "./_quote.ts";
import { requireIntelEnclave, verifySignatures } from "./_quotingEnclave.ts";
import { evaluateTcb } from "./_tcb.ts";
import { type DcapProfile, INTEL_DCAP } from "./profile.ts";

export type { ExpectedRegisters, TcbAllowance } from "./_policy.ts";

/** What a quote is judged by. */
export interface DcapInput {
    /** Which kind of enclave the caller thinks it is. */
    kind: "tdx" | "sgx";
    /** Binary, version 3, 4 or 5. */
    quote: Uint8Array;
    /** Parsed JSON of the provisioning service's answers for the platform of the quote; undefined = none. */
    collateral?: unknown;
    /** Unix seconds: the time for which the question is asked. */
    at: number;
    /** Only platforms that are up to date unless told. */
    allow?: TcbAllowance;
    /** Values of registers, by name (mrTd, rtmr0 …, mrEnclave …); mrServiceTd must be zero unless it is named here. */
    expect?: ExpectedRegisters;
    /** Under whose root; Intel's unless told. */
    profile?: DcapProfile;
}

type Judged = Required<Omit<DcapInput, "kind" | "quote" | "collateral">> & { read: Quote; collateral: unknown };

/** Names of the documents that fit a kind of enclave. */
const KINDS = {
    sgx: { tcbInfo: "SGX", qeIdentity: "QE" },
    tdx: { tcbInfo: "TDX", qeIdentity: "TD_QE" },
} as const;

const UP_TO_DATE_ONLY: TcbAllowance = { statuses: [], advisories: [] };

/**
 * Says what an Intel TDX or SGX quote is worth. The first fault decides, in this order: structure, certificates to the
 * root key, quoting enclave, signature, debug, configuration, presence of collateral (so far nothing depends on time);
 * dates of the certificates, collateral with its dates and revocation lists, platform model, identity of the quoting
 * enclave, patch level, the caller's allowance, the caller's registers.
 * A quote carries no time: only a challenge in its report data shows that it is fresh.
 * Throws VALUE_OUT_OF_RANGE for a time that is not whole seconds; everything else is in the verdict.
 */
export function verifyDcap(input: DcapInput): AttestationVerdict {
    const { kind, quote, collateral, at, allow = UP_TO_DATE_ONLY, expect = {}, profile = INTEL_DCAP } = input;
    requireSeconds({ name: "at", value: at });
    try {
        const read = readQuote(quote);
        const found = read.report.layout.kind;
        requireThat(found === kind, "QuoteInvalid", `The quote is of kind ${found}, not ${kind}.`);
        const { attestation, warnings } = judge({ read, collateral, at, allow, expect, profile });
        return { accepted: true, code: "ACCEPTED", kind, tier: profile.tier, attestation, warnings };
    } catch (error) {
        return refused({ kind, error });
    }
}

/** Faults from here on come with what the quote says. */
function judge(input: Judged): { attestation: Attestation; warnings: AttestationWarning[] } {
    const platform = readPlatform({ pem: input.read.certificates, profile: input.profile });
    const attestation = attestationOf(input.read, platform);
    try {
        return judgeEvidence({ ...input, platform, attestation });
    } catch (error) {
        if (!(error instanceof AttestationFault)) throw error;
        const { code, message: reason } = error;
        throw new AttestationFault({ code, reason, attestation: error.attestation ?? attestation });
    }
}

type Evidence = Judged & { platform: Platform; attestation: Attestation };

function judgeEvidence(input: Evidence): { attestation: Attestation; warnings: AttestationWarning[] } {
    const { read, platform, collateral, at, expect, profile } = input;
    verifySignatures(read, platform.leaf.publicKey);
    requireNoDebug(read.report);
    requireConfiguration(read.report, expect);
    const isMissing = profile.needsCollateral && (collateral === undefined || collateral === null);
    requireThat(!isMissing, "CollateralMissing", "The quote came without collateral.");
    const { root, intermediate, leaf } = platform;
    const windows = [root, intermediate, leaf];
    requireOpen({ windows, at, what: "A certificate", early: "CertNotYetValid", late: "CertExpired" });
    const judged = profile.needsCollateral ? judgePlatform(input) : { attestation: input.attestation, warnings: [] };
    requireExpected(judged.attestation, expect);
    return judged;
}

/** Judges the platform by its collateral; the attestation ends with the first part of it that ends. */
function judgePlatform(input: Evidence): { attestation: Attestation; warnings: AttestationWarning[] } {
    const { read, platform, at, allow, profile } = input;
    const collateral = verifyCollateral({ collateral: readCollateral(input.collateral), platform, at, profile });
    const { tcbInfo, qeIdentity } = collateral;
    const { kind } = read.report.layout;
    const isOfPlatform =
        tcbInfo.id === KINDS[kind].tcbInfo &&
        sameBytes(bytesOf(tcbInfo.fmspc), platform.fmspc) &&
        sameBytes(bytesOf(tcbInfo.pceId), platform.pceId);
    const model = `${bytesToHex(platform.fmspc)}, ${bytesToHex(platform.pceId)}`;
    requireThat(isOfPlatform, "CollateralMismatch", `The TCB info is not of the ${kind} platform of model ${model}.`);
    const isOfKind = qeIdentity.id === KINDS[kind].qeIdentity;
    requireThat(isOfKind, "CollateralMismatch", `The identity is of ${qeIdentity.id}, not ${KINDS[kind].qeIdentity}.`);
    requireIntelEnclave(read, qeIdentity);
    const tcb = evaluateTcb({ report: read.report, qeReport: read.qeReport, platform, tcbInfo, qeIdentity });
    const attestation = {
        ...input.attestation,
        notAfter: Math.min(input.attestation.notAfter, collateral.notAfter),
        tcbStatus: tcb.status,
        advisories: tcb.advisories,
    };
    return { attestation, warnings: requireAllowedTcb({ tcb, allow, attestation }) };
}

/** What a quote says; nothing of it is shown to be true yet. */
function attestationOf({ report }: Quote, { root, intermediate, leaf, ppid, fmspc }: Platform): Attestation {
    const registers = report.layout.measurement.map((name) => fieldOf(report, name));
    const rootId = rootIdOf(root.publicKey);
    return {
        rootId,
        measurementId: measurementIdOf({ kind: report.layout.kind, registers }),
        registers: registersOf(report),
        userData: bytesToHex(reportDataOf(report)),
        issuedAt: 0,
        notAfter: Math.min(root.notAfter, intermediate.notAfter, leaf.notAfter),
        traits: [
            rootId,
            certificateTraitOf(intermediate),
            certificateTraitOf(leaf),
            platformTraitOf(concat(ppid, fmspc)),
        ],
    };
}
