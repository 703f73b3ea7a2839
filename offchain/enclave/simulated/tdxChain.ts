import { hexToBytes, keccak256 } from "@assay/protocol";
import { sha256 } from "@noble/hashes/sha2.js";
import { basicConstraints, type CertificateFields, keyUsage, makeCertificate, simulatedName } from "./certificate.ts";
import { authorityKeyId, subjectKeyId } from "./keyIds.ts";
import { developmentKey, type SigningKey } from "./keys.ts";
import { simulatedMark } from "./mark.ts";
import { type DevelopmentRoot, developmentRoot } from "./roots.ts";
import { type PlatformFields, sgxExtension } from "./sgxExtension.ts";
import { validityAt } from "./validity.ts";

/** Which platform a chain is of, and when it is used. */
export interface TdxChainOptions {
    /** Any text: PPID and keys come from it. */
    platform: string;
    /** Unix seconds. */
    at: number;
    root?: Pick<DevelopmentRoot, "key" | "subject" | "certificate">;
    /** Extensions that every certificate carries beside its own. */
    marks?: readonly Uint8Array[];
}

/** The certificates below the root, ready to be made or changed, and the key of the leaf. */
export interface TdxChainPlan {
    /** DER. */
    root: Uint8Array;
    intermediate: CertificateFields;
    leaf: CertificateFields;
    /** Signs reports of the quoting enclave. */
    leafKey: SigningKey;
}

const DAY = 24 * 3600;
const INTERMEDIATE_LIFETIME_SECONDS = 2 * 365 * DAY;
const LEAF_LIFETIME_SECONDS = 30 * DAY;

/** Plans a chain of the shape of Intel's: root, platform CA, PCK certificate. */
export function planTdxChain({ platform, at, ...options }: TdxChainOptions): TdxChainPlan {
    const { root = developmentRoot("tdx"), marks = [simulatedMark()] } = options;
    const upper = {
        subject: simulatedName("PCK platform CA"),
        key: developmentKey({ curve: "P-256", name: "tdx/platform-ca" }),
    };
    const lower = {
        subject: simulatedName(`PCK of ${platform}`),
        key: developmentKey({ curve: "P-256", name: `tdx/pck/${platform}` }),
    };
    return {
        root: root.certificate,
        intermediate: {
            ...common({ issuer: root, ...upper }),
            ...validityAt({ at, lifetimeSeconds: INTERMEDIATE_LIFETIME_SECONDS }),
            extensions: [
                authorityKeyId(root.key.publicKey),
                subjectKeyId(upper.key.publicKey),
                keyUsage({ bits: ["keyCertSign", "crlSign"], critical: true }),
                basicConstraints({ ca: true, pathLength: 0 }),
                ...marks,
            ],
        },
        leaf: {
            ...common({ issuer: upper, ...lower }),
            ...validityAt({ at, lifetimeSeconds: LEAF_LIFETIME_SECONDS }),
            extensions: [
                authorityKeyId(upper.key.publicKey),
                subjectKeyId(lower.key.publicKey),
                keyUsage({ bits: ["digitalSignature", "nonRepudiation"], critical: true }),
                basicConstraints({ ca: false }),
                sgxExtension(simulatedPlatform(platform)),
                ...marks,
            ],
        },
        leafKey: lower.key,
    };
}

/** Makes the certificates of a plan (DER). */
export function makeTdxChain(plan: TdxChainPlan): { root: Uint8Array; intermediate: Uint8Array; leaf: Uint8Array } {
    return { root: plan.root, intermediate: makeCertificate(plan.intermediate), leaf: makeCertificate(plan.leaf) };
}

/** What the PCK certificate of a simulated platform says of it. */
export function simulatedPlatform(platform: string): PlatformFields {
    const id = hexToBytes(keccak256(new TextEncoder().encode(`assay-simulated-platform/${platform}`)));
    return {
        ppid: id.subarray(0, 16),
        componentSvns: [3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
        pceSvn: 11,
        pceId: new Uint8Array(2),
        fmspc: new TextEncoder().encode("SIMULA"),
        platformInstance: id.subarray(16),
    };
}

function common(parts: { issuer: { subject: Uint8Array; key: SigningKey }; subject: Uint8Array; key: SigningKey }) {
    const { issuer, subject, key } = parts;
    const serial = sha256(key.publicKey).subarray(0, 20);
    serial[0] = (serial[0] ?? 0) & 0x7f;
    return { serial, issuer: issuer.subject, subject, key, signer: issuer.key };
}
