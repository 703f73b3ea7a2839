import { measurementIdOf, platformTraitOf } from "../../enclave.ts";
import { bytesToHex, type Hex } from "../../hex.ts";
import { isSignedBy } from "../_curve.ts";
import { AttestationFault, refused, requireThat, withAttestation } from "../_fault.ts";
import { requireSeconds } from "../_time.ts";
import type { Attestation, AttestationVerdict } from "../verdict.ts";
import { type AmdChain, verifyAmdChain } from "./_chain.ts";
import { certificatesOf, readTable } from "./_collateral.ts";
import { chipOf, requireEndorsed } from "./_endorsement.ts";
import { REPORT_BYTES, readReport, type SigningKey, type SnpReport } from "./_report.ts";
import { requireMinimum, type SnpTcb, tcbOf } from "./_tcb.ts";
import { wantedKey } from "./_wanted.ts";
import { warningsOf } from "./_warnings.ts";
import { AMD_ROOTS, type AmdRoot } from "./amdRoots.ts";

export { SNP_REGISTERS } from "./_report.ts";

const POLICY_DEBUG = 1n << 19n;

/** What to verify, and what to hold it to. */
export interface SnpVerification {
    /** The report (1184 bytes), or an extended report: the same with a certificate table behind it. */
    report: Uint8Array;
    /** Certificate of the signing key, alone or with those above it: whole files in any form of _collateral.ts; an extended report may bring it. */
    collateral?: Uint8Array | readonly Uint8Array[] | undefined;
    /** The time to judge the certificates at, unix seconds; the report itself carries none. */
    at: number;
    /** Patch levels that the reported TCB must reach: TcbTooLow. */
    minimumTcb?: SnpTcb;
    /** Registers by name (measurement, hostData, …): MeasurementNotAllowed when one differs or is unknown. */
    expect?: Readonly<Record<string, Hex>>;
    /** The privilege level that must have asked for the report (0 unless told): PlatformConfigInvalid. */
    vmpl?: number;
    /** Whose keys may sign: PlatformConfigInvalid. A VLEK is one that AMD lent to a cloud provider. */
    signingKeys?: readonly SigningKey[];
    /** Whose roots count: those of AMD unless told. */
    roots?: readonly AmdRoot[];
}

/**
 * Verifies an AMD SEV-SNP attestation report, in this order: form (ReportInvalid), collateral and its chain of certificates
 * (_chain.ts), the key's chip and patch levels (ReportKeyMismatch), signature (BadSignature), debugging (DebugEnclave), kind of
 * key and privilege level (PlatformConfigInvalid), patch levels asked for (TcbTooLow), expected registers
 * (MeasurementNotAllowed). The first fault decides. Nothing in a report shows when it was made: compare `userData` with a
 * challenge. Throws VALUE_OUT_OF_RANGE for a time that is none, and CRYPTO_UNAVAILABLE without Web Crypto.
 *
 * @example
 * (await verifySnp({ report: new Uint8Array(10), at: 1781658304 })).code; // "ReportInvalid"
 */
export async function verifySnp(verification: SnpVerification): Promise<AttestationVerdict> {
    requireSeconds({ name: "at", value: verification.at });
    try {
        return await judge(verification);
    } catch (error) {
        return refused({ kind: "snp", error });
    }
}

async function judge(verification: SnpVerification): Promise<AttestationVerdict> {
    const {
        at,
        minimumTcb = {},
        expect = {},
        vmpl = 0,
        signingKeys = ["VCEK", "VLEK"],
        roots = AMD_ROOTS,
    } = verification;
    const report = readReport(verification.report.subarray(0, REPORT_BYTES));
    const { signingKey, signed, signature } = report;
    const wanted = wantedKey(report);
    const certificates = certificatesFor(verification, wanted);
    const chain = await verifyAmdChain({ certificates, roots, signingKey, wanted, at });
    const { product, leaf: certificate, leafKey } = chain;
    requireEndorsed({ certificate, report, product });
    const attestation = attestationOf({ report, chain });
    const tcb = tcbOf({ product, version: report.bytes.reportedTcb });
    withAttestation(attestation, () => {
        const isSigned = isSignedBy({ curve: "P-384", key: leafKey, message: signed, signature });
        requireThat(isSigned, "BadSignature", "The report is not signed by the key of the certificate.");
        requireThat((report.policy & POLICY_DEBUG) === 0n, "DebugEnclave", "The guest's policy allows debugging.");
        requireThat(
            signingKeys.includes(signingKey),
            "PlatformConfigInvalid",
            `The report is signed by a ${signingKey}.`,
        );
        const what = `The report was asked for at privilege level ${report.vmpl}, not ${vmpl}.`;
        requireThat(report.vmpl === vmpl, "PlatformConfigInvalid", what);
        requireMinimum({ tcb, minimum: minimumTcb });
        requireExpected({ registers: attestation.registers, expect });
    });
    const warnings = warningsOf({ report, hasMinimum: Object.keys(minimumTcb).length > 0 });
    return { accepted: true, code: "ACCEPTED", kind: "snp", tier: "hardware", attestation, warnings };
}

function certificatesFor({ report, collateral }: SnpVerification, wanted: string): Uint8Array[] {
    const table = report.subarray(REPORT_BYTES);
    const files = collateral instanceof Uint8Array ? [collateral] : (collateral ?? []);
    const brought = files.flatMap(certificatesOf);
    const appended = table.length === 0 ? [] : readTable(table);
    const unique = new Map([...brought, ...appended].map((certificate) => [bytesToHex(certificate), certificate]));
    if (unique.size > 0) return [...unique.values()];
    throw new AttestationFault({
        code: "CollateralMissing",
        reason: `No certificate of the signing key was given: ${wanted} is needed.`,
    });
}

function requireExpected({
    registers,
    expect,
}: Pick<Attestation, "registers"> & { expect: Readonly<Record<string, Hex>> }): void {
    const found = new Map(Object.entries(registers));
    for (const [name, value] of Object.entries(expect)) {
        const what = `${name} is ${found.get(name) ?? "absent"}, not ${value}.`;
        requireThat(found.get(name) === value.toLowerCase(), "MeasurementNotAllowed", what);
    }
}

function attestationOf({ report, chain }: { report: SnpReport; chain: AmdChain }): Attestation {
    const { measurement, hostData, policy, vmpl, idKeyDigest, reportData } = report.bytes;
    const chip = chipOf({ certificate: chain.leaf, report });
    return {
        rootId: chain.rootId,
        measurementId: measurementIdOf({ kind: "snp", registers: [measurement, hostData, policy, vmpl, idKeyDigest] }),
        registers: registersOf(report),
        userData: bytesToHex(reportData),
        issuedAt: 0,
        notAfter: chain.notAfter,
        traits: [...chain.traits, ...(chip === undefined ? [] : [platformTraitOf(chip)])],
    };
}

/** All fields as they stand in the report, numbers little-endian; report_data is `userData`. */
function registersOf({ bytes: { reportData: _, ...fields } }: SnpReport): Record<string, Hex> {
    return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, bytesToHex(value)]));
}
