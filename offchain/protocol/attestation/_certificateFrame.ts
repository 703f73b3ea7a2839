import type { Hex } from "../hex.ts";
import { bytesOf } from "./_bytes.ts";
import {
    type DerReader,
    derReader,
    enter,
    readElement,
    readExactly,
    readTime,
    readUnsigned,
    requireDerEnd,
    TAG,
} from "./_der.ts";
import { type Extensions, readExtensions } from "./_extensions.ts";

/** What every vendor's certificates have in common, read but not verified. */
export interface CertificateFrame<Key> {
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
    key: Key;
    extensions: Extensions;
    signature: Uint8Array;
}

/** What differs between vendors; each reader takes its part and leaves the rest. */
export interface CertificateParts<Key> {
    /** May refuse a serial number. */
    judgeSerial: (serial: Uint8Array) => void;
    readAlgorithm: (reader: DerReader) => void;
    readKey: (reader: DerReader) => Key;
    readSignature: (reader: DerReader) => Uint8Array;
    /** Identifiers (hex of the DER content) beside basicConstraints and keyUsage that may be critical. */
    understood: readonly Hex[];
}

const VERSION_3 = bytesOf("a003020102");
const SERIAL_BYTES = 20;

/** Reads one certificate front to back; the first fault in byte order decides. */
export function readCertificateFrame<Key>(bytes: Uint8Array, parts: CertificateParts<Key>): CertificateFrame<Key> {
    const outer = derReader(bytes);
    const certificate = enter(outer, TAG.sequence, "The certificate");
    requireDerEnd(outer, "The certificate");
    const { whole: tbs, content } = readElement(certificate, TAG.sequence, "The signed part");
    const fields = readFields(derReader(content), parts);
    parts.readAlgorithm(certificate);
    const signature = parts.readSignature(certificate);
    requireDerEnd(certificate, "The certificate");
    return { tbs, ...fields, signature };
}

function readFields<Key>(
    reader: DerReader,
    parts: CertificateParts<Key>,
): Omit<CertificateFrame<Key>, "tbs" | "signature"> {
    readExactly(reader, VERSION_3, "The version");
    const serial = readUnsigned(reader, SERIAL_BYTES, "The serial number");
    parts.judgeSerial(serial);
    parts.readAlgorithm(reader);
    const issuer = readElement(reader, TAG.sequence, "The issuer").whole;
    const validity = enter(reader, TAG.sequence, "The validity");
    const notBefore = readTime(validity, "The start of the validity");
    const notAfter = readTime(validity, "The end of the validity");
    requireDerEnd(validity, "The validity");
    const subject = readElement(reader, TAG.sequence, "The subject").whole;
    const key = parts.readKey(reader);
    const explicit = enter(reader, TAG.explicit3, "The extensions");
    requireDerEnd(reader, "The signed part");
    const list = enter(explicit, TAG.sequence, "The extensions");
    requireDerEnd(explicit, "The extensions");
    return { serial, issuer, subject, notBefore, notAfter, key, extensions: readExtensions(list, parts.understood) };
}
