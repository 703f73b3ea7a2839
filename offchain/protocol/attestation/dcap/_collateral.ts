import { z } from "zod";
import { AttestationFault } from "../_fault.ts";
import { bytesOfBase64, bytesOfHex } from "../_pem.ts";
import { withoutZeros } from "./_pem.ts";

/** A document of Intel's provisioning service: the very text that was signed, and r‖s. */
export interface SignedText {
    text: string;
    signature: Uint8Array;
}

/** What must come with a quote, taken apart but not verified. */
export interface Collateral {
    tcbInfo: SignedText;
    /** PEM, the signer first and the root last. */
    tcbInfoChain: string;
    qeIdentity: SignedText;
    qeIdentityChain: string;
    /** DER; undefined = not given, or in no known form. */
    rootList: Uint8Array | undefined;
    platformList: Uint8Array | undefined;
    /** PEM of the authority that issued the platform's list, and the root. */
    platformListChain: string | undefined;
}

/** Intel's libraries end text with a zero byte, which is no part of what was signed. */
const text = z
    .string()
    .max(1 << 20)
    .transform(withoutZeros);
/** Judged as one value: a fault for each of a million elements takes longer than everything else together. */
const byteList = z.custom<number[]>((value) => Array.isArray(value) && value.length <= 1 << 20 && value.every(isByte));
const bytesJson = z.union([text, byteList]);

/** The names of the quote verification library; each is also known in camel case. */
const collateralJson = z.object({
    tcb_info: text,
    tcb_info_signature: bytesJson.optional(),
    tcb_info_issuer_chain: text,
    qe_identity: text,
    qe_identity_signature: bytesJson.optional(),
    qe_identity_issuer_chain: text,
    root_ca_crl: bytesJson.optional(),
    pck_crl: bytesJson.optional(),
    pck_crl_issuer_chain: text.optional(),
});

/** In a form that is not the provisioning service's own answers the signatures are needed too. */
const NEEDED = [
    "tcb_info",
    "tcb_info_issuer_chain",
    "qe_identity",
    "qe_identity_issuer_chain",
    "root_ca_crl",
    "pck_crl",
];
const SIGNATURE_BYTES = 64;
/** What a provisioning service answers: one document and its signature. */
const ANSWER =
    /^\s*\{\s*"(?:tcbInfo|enclaveIdentity)"\s*:\s*(\{.*\})\s*,\s*"signature"\s*:\s*"([0-9a-fA-F]{128})"\s*\}\s*$/s;
const PEM_LIST = /^\s*-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----\s*$/;

/** Reads parsed JSON of a known form. Fault: CollateralInvalid. */
export function readCollateral(json: unknown): Collateral {
    const members = inSnakeCase(json);
    const parsed = collateralJson.safeParse(members);
    if (!parsed.success) throw invalid(faultsOf(parsed.error, members));
    const found = parsed.data;
    return {
        tcbInfo: signedText("tcb_info", found.tcb_info, found.tcb_info_signature),
        tcbInfoChain: chainText(found.tcb_info_issuer_chain),
        qeIdentity: signedText("qe_identity", found.qe_identity, found.qe_identity_signature),
        qeIdentityChain: chainText(found.qe_identity_issuer_chain),
        rootList: bytesOfAny(found.root_ca_crl),
        platformList: bytesOfAny(found.pck_crl),
        platformListChain: found.pck_crl_issuer_chain && chainText(found.pck_crl_issuer_chain),
    };
}

/** What is wrong with the members; the revocation lists are named with the others although they are judged later. */
function faultsOf({ issues }: z.ZodError, members: object): string {
    const missing = NEEDED.filter((name) => !Object.hasOwn(members, name));
    const wrong = issues.map(({ path: [name] }) => String(name)).filter((name) => Object.hasOwn(members, name));
    return [
        ...(missing.length === 0 ? [] : [`The collateral lacks ${missing.join(", ")}.`]),
        ...(wrong.length === 0 ? [] : [`Neither text nor bytes, of at most 1 MiB: ${wrong.join(", ")}.`]),
    ].join(" ");
}

function inSnakeCase(json: unknown): object {
    if (typeof json !== "object" || json === null || Array.isArray(json))
        throw invalid("The collateral is no JSON object.");
    const names = Object.entries(json).map(([name, value]): [string, unknown] => [
        name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        value,
    ]);
    if (new Set(names.map(([name]) => name)).size !== names.length) throw invalid("A member stands there twice.");
    return Object.fromEntries(names);
}

/** The signed text is a part of the answer, cut out and never written anew. */
function signedText(name: string, document: string, signature: z.infer<typeof bytesJson> | undefined): SignedText {
    const [, inner, digits] = signature === undefined ? (ANSWER.exec(document) ?? []) : [];
    const bytes = bytesOfAny(signature ?? digits);
    const what = `${name} has no signature of 64 bytes, in ${name}_signature or in the service's own answer.`;
    if (bytes?.length !== SIGNATURE_BYTES) throw invalid(what);
    return { text: inner ?? document, signature: bytes };
}

/** Header fields of the provisioning service are percent-encoded. */
function chainText(pem: string): string {
    if (!pem.includes("%")) return pem;
    try {
        return decodeURIComponent(pem);
    } catch {
        throw invalid("A certificate chain of the collateral is not percent-encoded.");
    }
}

/** Bytes given as hex, base64, PEM or numbers. */
function bytesOfAny(value: z.infer<typeof bytesJson> | undefined): Uint8Array | undefined {
    if (typeof value !== "string") return value && Uint8Array.from(value);
    return bytesOfHex(value) ?? bytesOfBase64(PEM_LIST.exec(value)?.[1] ?? value);
}

function isByte(value: unknown): boolean {
    return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255;
}

function invalid(reason: string): AttestationFault {
    return new AttestationFault({ code: "CollateralInvalid", reason });
}
