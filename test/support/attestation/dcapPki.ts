import { bytesToHex } from "@assay/protocol";
import {
    basicConstraints,
    type CertificateFields,
    derSignature,
    keyUsage,
    makeCertificate,
} from "../../../offchain/enclave/simulated/certificate.ts";
import {
    der,
    derBits,
    derOid,
    derSequence,
    derText,
    derTime,
    derUnsigned,
} from "../../../offchain/enclave/simulated/derWriter.ts";
import { developmentKey, type SigningKey } from "../../../offchain/enclave/simulated/keys.ts";
import { type PlatformFields, sgxExtension } from "../../../offchain/enclave/simulated/sgxExtension.ts";
import { pemOf } from "../../../offchain/enclave/simulated/tdxQuote.ts";

/** A time at which everything made here is valid, unix seconds. */
export const AT = 1_770_919_000;
/** How long before and after AT the parts are valid: the platform's list ends first. */
export const DAY = 86_400;

/** A certificate to be made, with the key that belongs to it. */
export type Certified = CertificateFields & { key: SigningKey };

/** Everything of one revocation list. */
export interface ListFields {
    issuer: Uint8Array;
    thisUpdate: number;
    nextUpdate: number;
    serials: Uint8Array[];
    /** Written extensions. */
    extensions: Uint8Array[];
    signer: SigningKey;
}

const ECDSA_WITH_SHA256 = derSequence(derOid("1.2.840.10045.4.3.2"));

/** Another key for every name, always the same. */
export function testKey(name: string): SigningKey {
    return developmentKey({ curve: "P-256", name: `tests/dcap/${name}` });
}

/** A name with nothing but a common name. */
export function nameOf(commonName: string): Uint8Array {
    return derSequence(der(0x31, derSequence(derOid("2.5.4.3"), derText(commonName))));
}

/** A certificate that may issue others. */
export function anAuthority(parts: {
    name: string;
    issuer?: Certified;
    pathLength: number;
    serial: number;
}): Certified {
    return {
        ...certified(parts),
        extensions: [
            keyUsage({ bits: ["keyCertSign", "crlSign"], critical: true }),
            basicConstraints({ ca: true, pathLength: parts.pathLength }),
        ],
    };
}

/** A certificate that signs documents; of a platform when it says which. */
export function aLeaf(parts: {
    name: string;
    issuer: Certified;
    serial: number;
    platform?: PlatformFields;
}): Certified {
    return {
        ...certified(parts),
        extensions: [
            keyUsage({ bits: ["digitalSignature", "nonRepudiation"], critical: true }),
            basicConstraints({ ca: false }),
            ...(parts.platform === undefined ? [] : [sgxExtension(parts.platform)]),
        ],
    };
}

function certified({ name, issuer, serial }: { name: string; issuer?: Certified; serial: number }) {
    const key = testKey(name);
    const subject = nameOf(name);
    return {
        serial: Uint8Array.of(0x90, serial),
        issuer: issuer?.subject ?? subject,
        subject,
        notBefore: AT - 300 * DAY,
        notAfter: AT + 300 * DAY,
        key,
        signer: issuer?.key ?? key,
    };
}

/** A list of an authority on which nothing stands. */
export function aList(issuer: Certified): ListFields {
    return {
        issuer: issuer.subject,
        thisUpdate: AT - DAY,
        nextUpdate: AT + 29 * DAY,
        serials: [],
        extensions: [extensionOf("2.5.29.20", derUnsigned(Uint8Array.of(1)))],
        signer: issuer.key,
    };
}

/** Writes and signs a list (DER). */
export function makeList(fields: ListFields): Uint8Array {
    const reason = derSequence(extensionOf("2.5.29.21", der(0x0a, Uint8Array.of(1))));
    const entries = fields.serials.map((serial) => derSequence(derUnsigned(serial), derTime(AT - DAY), reason));
    const tbs = derSequence(
        derUnsigned(Uint8Array.of(1)),
        ECDSA_WITH_SHA256,
        fields.issuer,
        derTime(fields.thisUpdate),
        derTime(fields.nextUpdate),
        ...(entries.length > 0 ? [derSequence(...entries)] : []),
        ...(fields.extensions.length > 0 ? [der(0xa0, derSequence(...fields.extensions))] : []),
    );
    return derSequence(tbs, ECDSA_WITH_SHA256, derBits(derSignature(fields.signer.sign(tbs))));
}

/** An extension that is not critical unless told. */
export function extensionOf(oid: string, value: Uint8Array, critical = false): Uint8Array {
    const flag = critical ? [der(0x01, Uint8Array.of(0xff))] : [];
    return derSequence(derOid(oid), ...flag, der(0x04, value));
}

/** PEM of certificates, in the order given. */
export function pemChain(...certificates: readonly Certified[]): string {
    return certificates.map((fields) => pemOf(makeCertificate(fields))).join("");
}

/** Hex without a prefix. */
export function digits(bytes: Uint8Array): string {
    return bytesToHex(bytes).slice(2);
}
