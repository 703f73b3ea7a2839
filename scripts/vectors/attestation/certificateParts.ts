import { concat, hexToBytes } from "@assay/protocol";
import {
    basicConstraints,
    extension,
    keyUsage,
    simulatedName,
} from "../../../offchain/enclave/simulated/certificate.ts";
import {
    der,
    derBits,
    derOctets,
    derOid,
    derSequence,
    derUnsigned,
} from "../../../offchain/enclave/simulated/derWriter.ts";
import { developmentKey } from "../../../offchain/enclave/simulated/keys.ts";

/** Every element of a certificate as written, so that each one can be wrong alone. */
export interface CertificateParts {
    version: Uint8Array;
    serial: Uint8Array;
    algorithm: Uint8Array;
    issuer: Uint8Array;
    /** Two times. */
    validity: Uint8Array[];
    subject: Uint8Array;
    key: Uint8Array;
    /** Between the key and the extensions. */
    beforeExtensions: Uint8Array;
    extensions: Uint8Array[];
    /** The whole of [3]; by default from the list. */
    wrapped?: Uint8Array;
    /** After the extensions. */
    afterExtensions: Uint8Array;
    outerAlgorithm: Uint8Array;
    /** Of the numbers of the signature. */
    numbers: Uint8Array[];
    /** The whole BIT STRING; by default from the numbers. */
    signature?: Uint8Array;
    /** After the signature. */
    afterSignature: Uint8Array;
}

/** secp384r1, uncompressed point: SubjectPublicKeyInfo up to x. */
const KEY_HEAD = hexToBytes("0x3076301006072a8648ce3d020106052b8104002203620004");

/** Bytes of plain hex. */
export function hex(digits: string): Uint8Array {
    return hexToBytes(`0x${digits}`);
}

/** A time as written: tag 17 UTCTime, 18 GeneralizedTime. */
export function time(tag: 0x17 | 0x18, text: string): Uint8Array {
    return der(tag, new TextEncoder().encode(text));
}

/** SubjectPublicKeyInfo of x‖y. */
export function keyInfo(point: Uint8Array): Uint8Array {
    return concat(KEY_HEAD, point);
}

/** A point of P-384. */
export const GOOD_POINT = developmentKey({ curve: "P-384", name: "vectors/certificate" }).publicKey;

/** ecdsa-with-SHA384. */
const ALGORITHM = derSequence(derOid("1.2.840.10045.4.3.3"));

/** A good certificate of an authority; its signature is of the right form and of nothing. */
export const GOOD_PARTS: CertificateParts = {
    version: hex("a003020102"),
    serial: derUnsigned(Uint8Array.of(0x5a, 1)),
    algorithm: ALGORITHM,
    issuer: simulatedName("vectors issuer"),
    validity: [time(0x17, "260101000000Z"), time(0x17, "261231235959Z")],
    subject: simulatedName("vectors subject"),
    key: keyInfo(GOOD_POINT),
    beforeExtensions: new Uint8Array(),
    extensions: [
        basicConstraints({ ca: true, pathLength: 2 }),
        keyUsage({ bits: ["keyCertSign", "crlSign"], critical: true }),
        extension({ oid: derOid("2.5.29.14"), value: derOctets(hex("0123456789abcdef")) }),
    ],
    afterExtensions: new Uint8Array(),
    outerAlgorithm: ALGORITHM,
    numbers: [derUnsigned(new Uint8Array(48).fill(0xaa)), derUnsigned(new Uint8Array(48).fill(0x11))],
    afterSignature: new Uint8Array(),
};

/** Writes a certificate of parts, the good ones unless told. */
export function writeCertificate(change: Partial<CertificateParts> = {}): Uint8Array {
    const parts = { ...GOOD_PARTS, ...change };
    const body = derSequence(
        parts.version,
        parts.serial,
        parts.algorithm,
        parts.issuer,
        derSequence(...parts.validity),
        parts.subject,
        parts.key,
        parts.beforeExtensions,
        parts.wrapped ?? der(0xa3, derSequence(...parts.extensions)),
        parts.afterExtensions,
    );
    const signature = parts.signature ?? derBits(derSequence(...parts.numbers));
    return derSequence(body, parts.outerAlgorithm, signature, parts.afterSignature);
}
