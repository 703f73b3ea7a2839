import { certificateTraitOf, measurementIdOf, platformTraitOf, rootIdOf } from "../../enclave.ts";
import { bytesToHex, concat } from "../../hex.ts";
import { asciiOf, bytesOf, sameBytes } from "../_bytes.ts";
import { refused, requireThat, withAttestation } from "../_fault.ts";
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
import { evaluateTcb, type TcbVerdict } from "./_tcb.ts";
import { type DcapProfile, INTEL_DCAP } from "./profile.ts";

export { DCAP_REGISTERS } from "./_layouts.ts";
export type { ExpectedRegisters, TcbAllowance } from "./_policy.ts";
export { ALLOWABLE_STATUSES } from "./_statuses.ts";

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

const SIMULATED: AttestationWarning = {
    code: "SIMULATED",
    text: "Signed under a development root whose key everybody has: it proves nothing.",
};

const UP_TO_DATE_ONLY: TcbAllowance = { statuses: [], advisories: [] };

/**
 * Says what an Intel TDX or SGX quote is worth. The first fault decides, in this order: structure, certificates to the
 * root key, quoting enclave, signature, debug, configuration, presence of collateral (so far nothing depends on time);
 * dates of the certificates, collateral with its dates and revocation lists, platform model, identity of the quoting
 * enclave, patch level, the caller's allowance, the caller's registers.
 * A quote carries no time: only a challenge in its report data shows that it is fresh.
 * Throws VALUE_OUT_OF_RANGE for a time that is not whole seconds; everything else is in the verdict.
 *
 * @example
 * verifyDcap({ kind: "tdx", quote: new Uint8Array(), at: 1751624191 }).code; // "QuoteInvalid"
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

/** Faults after the certificates come with what the quote says. */
function judge(input: Judged): { attestation: Attestation; warnings: AttestationWarning[] } {
    const { read, collateral, at, allow, expect, profile } = input;
    const platform = readPlatform({ pem: read.certificates, profile });
    const said = attestationOf(read, platform);
    const tcb = withAttestation(said, () => {
        verifySignatures(read, platform.leaf.publicKey);
        requireNoDebug(read.report);
        requireConfiguration(read.report, expect);
        const isMissing = profile.tier === "hardware" && (collateral === undefined || collateral === null);
        requireThat(!isMissing, "CollateralMissing", `The quote came without collateral: ${wantedOf(platform)}.`);
        const windows = [platform.root, platform.intermediate, platform.leaf];
        requireOpen({ windows, at, what: "A certificate", early: "CertNotYetValid", late: "CertExpired" });
        return profile.tier === "hardware" ? judgePlatform(input, platform) : undefined;
    });
    if (tcb === undefined) return { attestation: withExpected(said, expect), warnings: [SIMULATED] };
    const { status: tcbStatus, advisories } = tcb;
    const attestation = { ...said, notAfter: Math.min(said.notAfter, tcb.notAfter), tcbStatus, advisories };
    const warnings = withAttestation(attestation, () => requireAllowedTcb(tcb, allow));
    return { attestation: withExpected(attestation, expect), warnings };
}

/** What Intel's provisioning service is asked for; the authority is a hint, by the name that Intel gives it. */
function wantedOf({ fmspc, intermediate }: Platform): string {
    const authority = asciiOf(intermediate.subject).includes("Platform") ? "platform" : "processor";
    return `it takes that of FMSPC ${bytesToHex(fmspc).slice(2)} (CA ${authority})`;
}

/** Judges the platform by its collateral; `notAfter` is when the first part of that ends, unix seconds. */
function judgePlatform(input: Judged, platform: Platform): TcbVerdict & { notAfter: number } {
    const { read, at, profile } = input;
    const collateral = verifyCollateral({ collateral: readCollateral(input.collateral), platform, at, profile });
    const { tcbInfo, qeIdentity, notAfter } = collateral;
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
    return { ...tcb, notAfter };
}

function withExpected(attestation: Attestation, expect: ExpectedRegisters): Attestation {
    withAttestation(attestation, () => requireExpected(attestation, expect));
    return attestation;
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
