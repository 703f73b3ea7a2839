import { constants, createPublicKey, type KeyObject, sign } from "node:crypto";
import { concat, hexToBytes } from "@assay/protocol";
import {
    der,
    derBits,
    derOctets,
    derOid,
    derSequence,
    derText,
    derTime,
    derUnsigned,
} from "../../../offchain/enclave/simulated/derWriter.ts";

/** One extension: dotted identifier, content of its OCTET STRING. */
export type AmdExtension = { id: string; critical?: boolean; value: Uint8Array };

/** Everything that a certificate of AMD says; every field may be wrong on purpose. */
export type AmdCertificateParts = {
    subject: string;
    issuer: string;
    serial: number;
    notBefore: number;
    notAfter: number;
    key: KeyObject;
    signer: KeyObject;
    extensions: AmdExtension[];
};

/** RSASSA-PSS with SHA-384, as AMD writes it. */
const ALGORITHM = hexToBytes(
    "0x304606092a864886f70d01010a3039a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130a303020101",
);
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 };

export const AUTHORITY: AmdExtension[] = [
    { id: "2.5.29.19", critical: true, value: hexToBytes("0x30030101ff") },
    { id: "2.5.29.15", critical: true, value: hexToBytes("0x03020104") },
];

/** A certificate (DER) in AMD's form. */
export function amdCertificate(parts: AmdCertificateParts): Uint8Array {
    const tbs = derSequence(
        hexToBytes("0xa003020102"),
        derUnsigned(Uint8Array.of(parts.serial >> 16, (parts.serial >> 8) & 0xff, parts.serial & 0xff)),
        ALGORITHM,
        nameOf(parts.issuer),
        derSequence(derTime(parts.notBefore), derTime(parts.notAfter)),
        nameOf(parts.subject),
        new Uint8Array(createPublicKey(parts.key).export({ type: "spki", format: "der" })),
        der(0xa3, derSequence(...parts.extensions.map(extension))),
    );
    const signature = sign("sha384", tbs, { key: parts.signer, ...PSS });
    return derSequence(tbs, ALGORITHM, derBits(new Uint8Array(signature)));
}

function extension({ id, critical = false, value }: AmdExtension): Uint8Array {
    const flag = critical ? hexToBytes("0x0101ff") : new Uint8Array();
    return derSequence(derOid(id), concat(flag, derOctets(value)));
}

function nameOf(commonName: string): Uint8Array {
    return derSequence(der(0x31, derSequence(derOid("2.5.4.3"), derText(commonName))));
}
