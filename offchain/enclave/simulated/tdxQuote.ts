import { concat } from "@assay/protocol";
import { sha256 } from "@noble/hashes/sha2.js";
import type { SigningKey } from "./keys.ts";

/** Header of a quote; every field as it stands, so that wrong ones can be written. */
export interface QuoteHeader {
    version: number;
    attestationKeyType: number;
    teeType: number;
    /** 16 bytes. */
    vendorId: Uint8Array;
    /** 20 bytes. */
    userData: Uint8Array;
}

/** Report of a TDX 1.0 domain, in the order and with the lengths in which it is written. */
export interface TdFields {
    /** 16 bytes. */
    teeTcbSvn: Uint8Array;
    /** 48 bytes each. */
    mrSeam: Uint8Array;
    mrSignerSeam: Uint8Array;
    /** 8 bytes each. */
    seamAttributes: Uint8Array;
    tdAttributes: Uint8Array;
    xfam: Uint8Array;
    /** 48 bytes each. */
    mrTd: Uint8Array;
    mrConfigId: Uint8Array;
    mrOwner: Uint8Array;
    mrOwnerConfig: Uint8Array;
    rtmr0: Uint8Array;
    rtmr1: Uint8Array;
    rtmr2: Uint8Array;
    rtmr3: Uint8Array;
    /** 64 bytes. */
    reportData: Uint8Array;
}

/** Everything that a quote is signed with and carries. */
export interface QuoteParts {
    header: Uint8Array;
    body: Uint8Array;
    /** Of the quoting enclave; signs header and body. */
    attestationKey: SigningKey;
    /** Signs the quoting enclave's report; the PCK certificate's. */
    platformKey: SigningKey;
    /** Any bytes, beside the attestation key in what the quoting enclave reports. */
    authData: Uint8Array;
    /** Report of the quoting enclave over its report data (64 bytes). */
    qeReport?: (reportData: Uint8Array) => Uint8Array;
    /** Leaf, intermediate, root (DER). */
    chain: readonly Uint8Array[];
}

/** What Intel's quoting enclaves put into a header of version 4 for a TDX domain. */
export const TDX_HEADER: QuoteHeader = {
    version: 4,
    attestationKeyType: 2,
    teeType: 0x81,
    vendorId: Uint8Array.from([
        0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07,
    ]),
    userData: new Uint8Array(20),
};

const CERTIFICATION_QE_REPORT = 6;
const CERTIFICATION_PEM_CHAIN = 5;
const REPORT_BYTES = 384;
const REPORT_OFFSETS = {
    cpuSvn: 0,
    attributes: 48,
    mrEnclave: 64,
    mrSigner: 128,
    isvProdId: 256,
    isvSvn: 258,
    reportData: 320,
};

/** Writes a header (48 bytes). */
export function quoteHeader({ version, attestationKeyType, teeType, vendorId, userData }: QuoteHeader): Uint8Array {
    return concat(
        little(version, 2),
        little(attestationKeyType, 2),
        little(teeType, 4),
        little(0, 4),
        vendorId,
        userData,
    );
}

/** Writes the report of a domain (584 bytes). */
export function tdBody(fields: TdFields): Uint8Array {
    const { teeTcbSvn, mrSeam, mrSignerSeam, seamAttributes, tdAttributes, xfam, mrTd } = fields;
    const { mrConfigId, mrOwner, mrOwnerConfig, rtmr0, rtmr1, rtmr2, rtmr3, reportData } = fields;
    return concat(
        ...[teeTcbSvn, mrSeam, mrSignerSeam, seamAttributes, tdAttributes, xfam, mrTd],
        ...[mrConfigId, mrOwner, mrOwnerConfig, rtmr0, rtmr1, rtmr2, rtmr3, reportData],
    );
}

/** Report of a simulated quoting enclave (384 bytes): its name where Intel's has measurements. */
export function simulatedQeReport(reportData: Uint8Array): Uint8Array {
    const report = new Uint8Array(REPORT_BYTES);
    report.set([0x15, 0, 0, 0, 0, 0, 0, 0, 0xe7], REPORT_OFFSETS.attributes);
    report.set(sha256(new TextEncoder().encode("assay-simulated-quoting-enclave")), REPORT_OFFSETS.mrEnclave);
    report.set(sha256(new TextEncoder().encode("assay-simulated-signer")), REPORT_OFFSETS.mrSigner);
    report.set(little(2, 2), REPORT_OFFSETS.isvProdId);
    report.set(little(6, 2), REPORT_OFFSETS.isvSvn);
    report.set(reportData, REPORT_OFFSETS.reportData);
    return report;
}

/** Signs a quote of version 4, nested as Intel nests it. */
export function signQuote(parts: QuoteParts): Uint8Array {
    const { header, body, attestationKey, platformKey, authData, qeReport = simulatedQeReport } = parts;
    const report = qeReport(concat(sha256(concat(attestationKey.publicKey, authData)), new Uint8Array(32)));
    const pem = new TextEncoder().encode(parts.chain.map(pemOf).join(""));
    const inner = concat(
        report,
        platformKey.sign(report),
        little(authData.length, 2),
        authData,
        little(CERTIFICATION_PEM_CHAIN, 2),
        little(pem.length, 4),
        pem,
    );
    const signed = concat(header, body);
    const outer = concat(
        attestationKey.sign(signed),
        attestationKey.publicKey,
        little(CERTIFICATION_QE_REPORT, 2),
        little(inner.length, 4),
        inner,
    );
    return concat(signed, little(outer.length, 4), outer);
}

/** PEM of a certificate. */
export function pemOf(certificate: Uint8Array): string {
    const lines = btoa(String.fromCharCode(...certificate)).match(/.{1,64}/g) ?? [];
    return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** Little-endian bytes of a number below 2^32. */
function little(value: number, bytes: number): Uint8Array {
    return Uint8Array.from({ length: bytes }, (_, index) => value >>> (8 * index));
}
