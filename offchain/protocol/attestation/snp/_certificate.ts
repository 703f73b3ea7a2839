import { bytesOf, sameBytes } from "../_bytes.ts";
import { type CertificateFrame, readCertificateFrame } from "../_certificateFrame.ts";
import { COORDINATE_BYTES, isPoint } from "../_curve.ts";
import {
    type DerReader,
    derReader,
    enter,
    peekTag,
    readBitString,
    readElement,
    readExactly,
    readUnsigned,
    requireDerEnd,
    TAG,
} from "../_der.ts";
import { requireThat } from "../_fault.ts";

/** AMD's authorities have RSA keys of 4096 bits, its chips keys on P-384. */
export type AmdKey =
    | {
          kind: "RSA";
          /** SubjectPublicKeyInfo, DER. */
          info: Uint8Array;
          /** 512 bytes, big-endian. */
          modulus: Uint8Array;
      }
    | {
          kind: "P-384";
          /** x‖y, a point of the curve. */
          point: Uint8Array;
      };

/** One certificate of AMD, read but not verified; always signed by RSASSA-PSS with SHA-384 and a salt of 48 bytes. */
export type AmdCertificate = CertificateFrame<AmdKey>;

export const RSA_BYTES = 512;
const P384_HEAD = bytesOf("3076301006072a8648ce3d020106052b8104002203620004");
const RSA_ALGORITHM = bytesOf("300d06092a864886f70d0101010500");
const EXPONENT_65537 = bytesOf("0203010001");

/** RSASSA-PSS, SHA-384, MGF1 with SHA-384, salt of 48 bytes: as AMD writes it, with a default that DER leaves out, and as DER has it. */
const PSS_PARAMETERS =
    "a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130";
const PSS_ALGORITHMS = [
    bytesOf(`304606092a864886f70d01010a3039${PSS_PARAMETERS}a303020101`),
    bytesOf(`304106092a864886f70d01010a3034${PSS_PARAMETERS}`),
];

/** Reads one certificate front to back. Faults: DerInvalid, PublicKeyInvalid, ExtensionDuplicate, UnknownCriticalExtension. */
export function readAmdCertificate(bytes: Uint8Array): AmdCertificate {
    return readCertificateFrame(bytes, {
        // Those of chips are 0.
        judgeSerial: () => {},
        readAlgorithm,
        readKey: (reader) => readKey(readElement(reader, TAG.sequence, "The public key").whole),
        readSignature,
        understood: [],
    });
}

function readSignature(reader: DerReader): Uint8Array {
    const signature = readBitString(reader, "The signature");
    requireThat(signature.length === RSA_BYTES, "DerInvalid", `The signature has ${signature.length} bytes, not 512.`);
    return signature;
}

function readAlgorithm(reader: DerReader): void {
    const { whole } = readElement(reader, TAG.sequence, "The signature's algorithm");
    const isPss = PSS_ALGORITHMS.some((algorithm) => sameBytes(whole, algorithm));
    requireThat(isPss, "DerInvalid", "The signature's algorithm is not RSASSA-PSS with SHA-384.");
}

function readKey(info: Uint8Array): AmdKey {
    if (sameBytes(info.subarray(0, P384_HEAD.length), P384_HEAD)) {
        const point = info.subarray(P384_HEAD.length);
        const isOnCurve = point.length === 2 * COORDINATE_BYTES["P-384"] && isPoint("P-384", point);
        requireThat(isOnCurve, "PublicKeyInvalid", "The public key is not a point of P-384.");
        return { kind: "P-384", point };
    }
    const reader = enter(derReader(info), TAG.sequence, "The public key");
    readExactly(reader, RSA_ALGORITHM, "The public key's algorithm");
    const bits = derReader(readBitString(reader, "The public key"));
    requireDerEnd(reader, "The public key");
    const pair = enter(bits, TAG.sequence, "The public key");
    requireDerEnd(bits, "The public key");
    return { kind: "RSA", info, modulus: readModulus(pair) };
}

function readModulus(pair: DerReader): Uint8Array {
    requireThat(peekTag(pair) === TAG.integer, "DerInvalid", "The public key has no modulus.");
    const number = readUnsigned(pair, RSA_BYTES, "The modulus");
    const modulus = number[0] === 0 ? number.subarray(1) : number;
    const [first = 0] = modulus;
    const isWhole = modulus.length === RSA_BYTES && first >= 0x80 && ((modulus.at(-1) ?? 0) & 1) === 1;
    requireThat(isWhole, "PublicKeyInvalid", "The modulus is not an odd number of 4096 bits.");
    readExactly(pair, EXPONENT_65537, "The public exponent");
    requireDerEnd(pair, "The public key");
    return modulus;
}
