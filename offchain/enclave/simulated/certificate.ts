import { concat } from "@assay/protocol";
import { der, derBits, derOctets, derOid, derSequence, derText, derTime, derUnsigned } from "./derWriter.ts";
import type { KeyCurve, SigningKey } from "./keys.ts";

/** Everything of one X.509 v3 certificate; nothing is filled in, so that malformed ones can be made too. */
export interface CertificateFields {
    /** Big-endian; positive and at most 20 bytes in a good certificate. */
    serial: Uint8Array;
    /** DER names. */
    issuer: Uint8Array;
    subject: Uint8Array;
    /** Unix seconds, inclusive. */
    notBefore: number;
    notAfter: number;
    /** Of the subject. */
    key: { curve: KeyCurve; publicKey: Uint8Array };
    /** Written extensions, in order. */
    extensions: readonly Uint8Array[];
    /** The issuer's key, whose curve decides the signature algorithm. */
    signer: SigningKey;
}

const SIGNATURE_OIDS = { "P-384": "1.2.840.10045.4.3.3", "P-256": "1.2.840.10045.4.3.2" };
const CURVE_OIDS = { "P-384": "1.3.132.0.34", "P-256": "1.2.840.10045.3.1.7" };
const TRUE = der(0x01, Uint8Array.of(0xff));

/** Writes and signs a certificate (DER). */
export function makeCertificate(fields: CertificateFields): Uint8Array {
    const algorithm = derSequence(derOid(SIGNATURE_OIDS[fields.signer.curve]));
    const body = derSequence(
        der(0xa0, der(0x02, Uint8Array.of(2))),
        derUnsigned(fields.serial),
        algorithm,
        fields.issuer,
        derSequence(derTime(fields.notBefore), derTime(fields.notAfter)),
        fields.subject,
        publicKeyInfo(fields.key),
        der(0xa3, derSequence(...fields.extensions)),
    );
    return derSequence(body, algorithm, derBits(derSignature(fields.signer.sign(body))));
}

/** SEQUENCE { r, s } of r‖s. */
export function derSignature(signature: Uint8Array): Uint8Array {
    const half = signature.length / 2;
    return derSequence(derUnsigned(signature.subarray(0, half)), derUnsigned(signature.subarray(half)));
}

/** Name with an organisation and a common name, as every certificate of the stand-ins has it. */
export function simulatedName(commonName: string): Uint8Array {
    const attribute = (oid: string, text: string) => der(0x31, derSequence(derOid(oid), derText(text)));
    return derSequence(
        attribute("2.5.4.10", "Assay development"),
        attribute("2.5.4.3", `SIMULATED-DO-NOT-TRUST ${commonName}`),
    );
}

/** One extension; `value` is what the OCTET STRING holds. */
export function extension(parts: { oid: Uint8Array; critical?: boolean; value: Uint8Array }): Uint8Array {
    const { oid, critical = false, value } = parts;
    return derSequence(oid, ...(critical ? [TRUE] : []), derOctets(value));
}

/** Critical basicConstraints: an authority with or without a path length, or not one. */
export function basicConstraints({ ca, pathLength }: { ca: boolean; pathLength?: number }): Uint8Array {
    const limit = pathLength === undefined ? [] : [derUnsigned(Uint8Array.of(pathLength))];
    return extension({ oid: derOid("2.5.29.19"), critical: true, value: derSequence(...(ca ? [TRUE, ...limit] : [])) });
}

/** keyUsage of named bits. */
export function keyUsage({ bits, critical }: { bits: readonly KeyUsageBit[]; critical: boolean }): Uint8Array {
    const byte = bits.reduce((sum, bit) => sum | (0x80 >> KEY_USAGE_BITS[bit]), 0);
    const unused = Math.min(...[...Array(8).keys()].filter((index) => (byte >> index) & 1));
    return extension({ oid: derOid("2.5.29.15"), critical, value: der(0x03, Uint8Array.of(unused, byte)) });
}

/** Bit numbers of keyUsage, from the first. */
export const KEY_USAGE_BITS = { digitalSignature: 0, nonRepudiation: 1, keyCertSign: 5, crlSign: 6 } as const;
export type KeyUsageBit = keyof typeof KEY_USAGE_BITS;

function publicKeyInfo({ curve, publicKey }: { curve: KeyCurve; publicKey: Uint8Array }): Uint8Array {
    const algorithm = derSequence(derOid("1.2.840.10045.2.1"), derOid(CURVE_OIDS[curve]));
    return derSequence(algorithm, derBits(concat(Uint8Array.of(4), publicKey)));
}
