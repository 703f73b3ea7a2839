import type { Hex } from "../hex.ts";
import { bytesOf } from "./_bytes.ts";
import { COORDINATE_BYTES, type CurveName, isPoint } from "./_curve.ts";
import {
    type DerReader,
    derReader,
    enter,
    readBitString,
    readEcdsaSignature,
    readElement,
    readExactly,
    readTime,
    readUnsigned,
    requireDerEnd,
    TAG,
} from "./_der.ts";
import { type Extensions, readExtensions } from "./_extensions.ts";
import { requireThat } from "./_fault.ts";

/** What certificates of one vendor look like: one curve, its hash, and which critical extensions its reader judges itself. */
export interface CertificateProfile {
    curve: CurveName;
    /** Identifiers (hex of the DER content) beside basicConstraints and keyUsage that may be critical. */
    understood: readonly Hex[];
}

/** One certificate, read but not verified. */
export interface Certificate {
    /** The bytes that the issuer signed. */
    tbs: Uint8Array;
    /** Content bytes of the INTEGER. */
    serial: Uint8Array;
    /** Names as they stand, with their DER head. */
    issuer: Uint8Array;
    subject: Uint8Array;
    /** Unix seconds, both inclusive. */
    notBefore: number;
    notAfter: number;
    /** x‖y, a point of the profile's curve. */
    publicKey: Uint8Array;
    extensions: Extensions;
    /** r‖s; r and s may still be out of range. */
    signature: Uint8Array;
}

const VERSION_3 = bytesOf("a003020102");
const SERIAL_BYTES = 20;

/** SEQUENCE { ecdsa-with-SHA256 or SHA384 }, and SubjectPublicKeyInfo up to the coordinates of an uncompressed point. */
const FIXED: Record<CurveName, { algorithm: Uint8Array; keyHead: Uint8Array }> = {
    "P-256": {
        algorithm: bytesOf("300a06082a8648ce3d040302"),
        keyHead: bytesOf("3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
    },
    "P-384": {
        algorithm: bytesOf("300a06082a8648ce3d040303"),
        keyHead: bytesOf("3076301006072a8648ce3d020106052b8104002203620004"),
    },
};

/**
 * Reads one certificate front to back; the first fault in byte order decides (contracts/libraries/X509.sol reads the same).
 * Faults: DerInvalid, PublicKeyInvalid, ExtensionDuplicate, UnknownCriticalExtension.
 */
export function readCertificate(bytes: Uint8Array, profile: CertificateProfile): Certificate {
    const { algorithm } = FIXED[profile.curve];
    const outer = derReader(bytes);
    const certificate = enter(outer, TAG.sequence, "The certificate");
    requireDerEnd(outer, "The certificate");
    const { whole: tbs, content } = readElement(certificate, TAG.sequence, "The signed part");
    const fields = readFields(derReader(content), profile);
    readExactly(certificate, algorithm, "The signature's algorithm");
    const signature = readSignature(certificate, COORDINATE_BYTES[profile.curve]);
    requireDerEnd(certificate, "The certificate");
    return { tbs, ...fields, signature };
}

type Fields = Omit<Certificate, "tbs" | "signature">;

function readFields(reader: DerReader, { curve, understood }: CertificateProfile): Fields {
    readExactly(reader, VERSION_3, "The version");
    const serial = readUnsigned(reader, SERIAL_BYTES, "The serial number");
    requireThat(serial.length > 1 || serial[0] !== 0, "DerInvalid", "The serial number is zero.");
    readExactly(reader, FIXED[curve].algorithm, "The signature's algorithm");
    const issuer = readElement(reader, TAG.sequence, "The issuer").whole;
    const validity = enter(reader, TAG.sequence, "The validity");
    const notBefore = readTime(validity, "The start of the validity");
    const notAfter = readTime(validity, "The end of the validity");
    requireDerEnd(validity, "The validity");
    const subject = readElement(reader, TAG.sequence, "The subject").whole;
    const publicKey = readPublicKey(reader, curve);
    const explicit = enter(reader, TAG.explicit3, "The extensions");
    requireDerEnd(reader, "The signed part");
    const list = enter(explicit, TAG.sequence, "The extensions");
    requireDerEnd(explicit, "The extensions");
    const extensions = readExtensions(list, understood);
    return { serial, issuer, subject, notBefore, notAfter, publicKey, extensions };
}

function readPublicKey(reader: DerReader, curve: CurveName): Uint8Array {
    readExactly(reader, FIXED[curve].keyHead, "The head of the public key");
    const start = reader.position;
    const end = start + 2 * COORDINATE_BYTES[curve];
    requireThat(end <= reader.end, "DerInvalid", "The public key reaches beyond the signed part.");
    reader.position = end;
    const key = reader.bytes.subarray(start, end);
    requireThat(isPoint(curve, key), "PublicKeyInvalid", `The public key is not a point of ${curve}.`);
    return key;
}

function readSignature(certificate: DerReader, halfBytes: number): Uint8Array {
    const bits = derReader(readBitString(certificate, "The signature"));
    const signature = readEcdsaSignature(bits, halfBytes);
    requireDerEnd(bits, "The signature");
    return signature;
}
