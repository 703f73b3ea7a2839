import { sha256 } from "@noble/hashes/sha2.js";
import {
    basicConstraints,
    type CertificateFields,
    type KeyUsageBit,
    keyUsage,
    makeCertificate,
    simulatedName,
} from "./certificate.ts";
import { authorityKeyId, subjectKeyId } from "./keyIds.ts";
import { developmentKey, type SigningKey } from "./keys.ts";
import { simulatedMark } from "./mark.ts";
import { type DevelopmentRoot, developmentRoot } from "./roots.ts";
import { type Validity, validityAt } from "./validity.ts";

/** Which machine and enclave a chain is of, and when it is used. */
export interface NitroChainOptions {
    /** Hex digits, as in module_id. */
    instance: string;
    /** 16 hex digits: 8 bytes, which begin the leaf's serial number. */
    enclave: string;
    /** Unix seconds. */
    at: number;
    root?: Pick<DevelopmentRoot, "key" | "subject" | "certificate">;
    /** Extensions that every certificate carries beside its own. */
    marks?: readonly Uint8Array[];
}

/** The certificates below the root, ready to be made or changed, and the key of the leaf. */
export interface NitroChainPlan {
    /** DER. */
    root: Uint8Array;
    regional: CertificateFields;
    zonal: CertificateFields;
    instance: CertificateFields;
    leaf: CertificateFields;
    leafKey: SigningKey;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
/** As AWS renews them. */
const LIFETIMES = { regional: 20 * DAY, zonal: 6 * DAY, instance: DAY, leaf: 3 * HOUR };

/** Plans a chain of the shape of AWS's: root, regional, zonal, instance, leaf. */
export function planNitroChain(options: NitroChainOptions): NitroChainPlan {
    const { instance, enclave, at, marks = [simulatedMark()] } = options;
    const root = options.root ?? developmentRoot("nitro");
    const authority = (level: "regional" | "zonal" | "instance", parts: { name: string; pathLength: number }) => {
        const validity = validityAt({ at, lifetimeSeconds: LIFETIMES[level] });
        const key = keyOf(`${level}/${parts.name}`, validity);
        const bits: KeyUsageBit[] = ["keyCertSign", ...(level === "instance" ? [] : (["crlSign"] as const))];
        const own = [
            basicConstraints({ ca: true, pathLength: parts.pathLength }),
            keyUsage({ bits, critical: true }),
            subjectKeyId(key.publicKey),
        ];
        return { subject: simulatedName(parts.name), key, validity, own };
    };
    const regional = authority("regional", { name: "regional", pathLength: 2 });
    const zonal = authority("zonal", { name: "zonal", pathLength: 1 });
    const host = authority("instance", { name: `sim-${instance}`, pathLength: 0 });
    const leaf = leafOf({ instance, enclave, at });
    return {
        root: root.certificate,
        regional: below(root, regional, marks),
        zonal: below(regional, zonal, marks),
        instance: below(zonal, host, marks),
        leaf: { ...below(host, leaf, marks), serial: leafSerial(enclave, leaf.validity) },
        leafKey: leaf.key,
    };
}

/** Makes the certificates of a plan: cabundle (root first) and leaf. */
export function makeNitroChain(plan: NitroChainPlan): { cabundle: Uint8Array[]; leaf: Uint8Array } {
    const authorities = [plan.regional, plan.zonal, plan.instance].map(makeCertificate);
    return { cabundle: [plan.root, ...authorities], leaf: makeCertificate(plan.leaf) };
}

interface Subject {
    subject: Uint8Array;
    key: SigningKey;
    validity: Validity;
    own: Uint8Array[];
}

function leafOf({ instance, enclave, at }: { instance: string; enclave: string; at: number }): Subject {
    const name = `sim-${instance}-enc${enclave}`;
    const validity = validityAt({ at, lifetimeSeconds: LIFETIMES.leaf });
    const usage = keyUsage({ bits: ["digitalSignature", "nonRepudiation"], critical: false });
    return {
        subject: simulatedName(name),
        key: keyOf(`leaf/${name}`, validity),
        validity,
        own: [basicConstraints({ ca: false }), usage],
    };
}

function below(
    parent: { subject: Uint8Array; key: SigningKey },
    { subject, key, validity, own }: Subject,
    marks: readonly Uint8Array[],
): CertificateFields {
    return {
        serial: sha256(key.publicKey).subarray(0, 16),
        issuer: parent.subject,
        subject,
        ...validity,
        key,
        extensions: [...own, authorityKeyId(parent.key.publicKey), ...marks],
        signer: parent.key,
    };
}

/** A renewed certificate has a new key, as on real machines. */
function keyOf(name: string, { notBefore }: Validity): SigningKey {
    return developmentKey({ curve: "P-384", name: `nitro/${name}/${notBefore}` });
}

/** Enclave id, four zero bytes, time of issue: as AWS numbers leaves. */
function leafSerial(enclave: string, { notBefore }: Validity): Uint8Array {
    const digits = `${enclave}00000000${notBefore.toString(16).padStart(8, "0")}`;
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
