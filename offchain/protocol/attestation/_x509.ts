import type { Hex } from "../hex.ts";
import { bytesOf } from "./_bytes.ts";
import { type CertificateFrame, readCertificateFrame } from "./_certificateFrame.ts";
import { COORDINATE_BYTES, type CurveName, isPoint } from "./_curve.ts";
import { type DerReader, derReader, readBitString, readEcdsaSignature, readExactly, requireDerEnd } from "./_der.ts";
import { requireThat } from "./_fault.ts";

/** What certificates of one vendor look like: one curve, its hash, and which critical extensions its reader judges itself. */
export interface CertificateProfile {
    curve: CurveName;
    /** Identifiers (hex of the DER content) beside basicConstraints and keyUsage that may be critical. */
    understood: readonly Hex[];
}

/** One certificate, read but not verified; r and s of its signature r‖s may still be out of range. */
export type Certificate = Omit<CertificateFrame<never>, "key"> & {
    /** x‖y, a point of the profile's curve. */
    publicKey: Uint8Array;
};

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
export function readCertificate(bytes: Uint8Array, { curve, understood }: CertificateProfile): Certificate {
    const { key, ...frame } = readCertificateFrame(bytes, {
        judgeSerial: (serial) =>
            requireThat(serial.length > 1 || serial[0] !== 0, "DerInvalid", "The serial number is zero."),
        readAlgorithm: (reader) => readExactly(reader, FIXED[curve].algorithm, "The signature's algorithm"),
        readKey: (reader) => readPublicKey(reader, curve),
        readSignature: (reader) => readSignature(reader, COORDINATE_BYTES[curve]),
        understood,
    });
    return { ...frame, publicKey: key };
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
