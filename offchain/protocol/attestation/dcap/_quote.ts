import { bytesOf, isZero, sameBytes } from "../_bytes.ts";
import { AttestationFault, requireThat } from "../_fault.ts";
import { type Cursor, take, takeUint } from "./_cursor.ts";
import { type BodyLayout, type Report, SGX_BODY, TD10_BODY, TD15_BODY } from "./_layouts.ts";

/** The parts of a quote; their lengths are right, nothing of them is shown to be true. */
export interface Quote {
    /** What the processor says of the enclave or trusted domain. */
    report: Report;
    /** What the attestation key signed: header and body. */
    signed: Uint8Array;
    /** r‖s, 32 bytes each; s may be in the upper half. */
    signature: Uint8Array;
    /** x‖y; not yet shown to be a point. */
    attestationKey: Uint8Array;
    /** The quoting enclave's own SGX report, the signature of the platform's key under it, and what it says beside its key. */
    qeReport: Report;
    qeReportSignature: Uint8Array;
    qeAuthData: Uint8Array;
    /** PEM text of the platform's certificates; outside of every signature but those of the certificates. */
    certificates: Uint8Array;
}

/** Bounds the work that somebody's bytes can cause; genuine quotes have 4 to 6 KB. */
const MAX_QUOTE_BYTES = 65_536;
const ECDSA_P256 = 2;
const TEE_TYPES = { sgx: 0, tdx: 0x81 } as const;
const INTEL_VENDOR_ID = bytesOf("939a7233f79c4ca9940a0db3957f0607");
const USER_DATA_BYTES = 20;
const SVN_BYTES = 4;
const KEY_BYTES = 64;
const SIGNATURE_BYTES = 64;
const QE_CERTIFICATION = 6;
const PEM_CHAIN = 5;

/** Layouts of version 5 by the body type that its header names. */
const BODY_TYPES = new Map([
    [1, SGX_BODY],
    [2, TD10_BODY],
    [3, TD15_BODY],
]);

/** Takes a quote of version 3, 4 or 5 apart, front to back; only zero bytes may follow it. Fault: QuoteInvalid. */
export function readQuote(bytes: Uint8Array): Quote {
    requireThat(bytes.length <= MAX_QUOTE_BYTES, "QuoteInvalid", `A quote of ${bytes.length} bytes is too long.`);
    const cursor: Cursor = { bytes, position: 0 };
    const layout = readHead(cursor);
    const body = take(cursor, layout.bytes, "The report");
    const signed = bytes.subarray(0, cursor.position);
    const authentication = take(cursor, takeUint(cursor, 4, "A length"), "The authentication data");
    requireThat(isZero(bytes.subarray(cursor.position)), "QuoteInvalid", "Bytes other than zero follow the quote.");
    return { report: { layout, body }, signed, ...readAuthentication(authentication, signed[0] ?? 0) };
}

/** Reads the header, and in version 5 the body's type and size. */
function readHead(cursor: Cursor): BodyLayout {
    const version = takeUint(cursor, 2, "The version");
    requireThat(version >= 3 && version <= 5, "QuoteInvalid", `Quotes of version ${version} are not known.`);
    const keyType = takeUint(cursor, 2, "The key type");
    requireThat(keyType === ECDSA_P256, "QuoteInvalid", `Attestation keys of type ${keyType} are not known.`);
    const teeType = takeUint(cursor, 4, "The kind of enclave");
    take(cursor, SVN_BYTES, "The versions of the quoting enclave");
    const isIntel = sameBytes(take(cursor, INTEL_VENDOR_ID.length, "The vendor"), INTEL_VENDOR_ID);
    requireThat(isIntel, "QuoteInvalid", "The quoting enclave is not of Intel.");
    take(cursor, USER_DATA_BYTES, "The user data");
    const layout = version === 5 ? readBodyType(cursor) : teeType === TEE_TYPES.sgx ? SGX_BODY : TD10_BODY;
    const isKnown = teeType === TEE_TYPES[layout.kind] && (version > 3 || layout.kind === "sgx");
    requireThat(isKnown, "QuoteInvalid", `Enclaves of kind ${teeType} do not fit version ${version} and its report.`);
    return layout;
}

function readBodyType(cursor: Cursor): BodyLayout {
    const type = takeUint(cursor, 2, "The type of the report");
    const size = takeUint(cursor, 4, "The size of the report");
    const layout = BODY_TYPES.get(type);
    if (layout?.bytes === size) return layout;
    throw new AttestationFault({
        code: "QuoteInvalid",
        reason: `A report of type ${type} with ${size} bytes is not known.`,
    });
}

type Authentication = Omit<Quote, "report" | "signed">;

/** Reads signature, key and certification data, which from version 4 on stands in a wrapper of its own. */
function readAuthentication(bytes: Uint8Array, version: number): Authentication {
    const cursor: Cursor = { bytes, position: 0 };
    const signature = take(cursor, SIGNATURE_BYTES, "The signature");
    const attestationKey = take(cursor, KEY_BYTES, "The attestation key");
    if (version > 3) enterCertification(cursor, QE_CERTIFICATION);
    const qeReport = { layout: SGX_BODY, body: take(cursor, SGX_BODY.bytes, "The quoting enclave's report") };
    const qeReportSignature = take(cursor, SIGNATURE_BYTES, "The signature of the quoting enclave's report");
    const qeAuthData = take(cursor, takeUint(cursor, 2, "A length"), "The quoting enclave's data");
    enterCertification(cursor, PEM_CHAIN);
    const certificates = bytes.subarray(cursor.position);
    return { signature, attestationKey, qeReport, qeReportSignature, qeAuthData, certificates };
}

/** Reads the head of certification data, which must be of this type and fill the rest. */
function enterCertification(cursor: Cursor, wanted: number): void {
    const type = takeUint(cursor, 2, "The type of the certification data");
    requireThat(type === wanted, "QuoteInvalid", `Certification data is of type ${type}, not ${wanted}.`);
    const size = takeUint(cursor, 4, "The size of the certification data");
    const left = cursor.bytes.length - cursor.position;
    requireThat(size === left, "QuoteInvalid", `Certification data says ${size} bytes and has ${left}.`);
}
