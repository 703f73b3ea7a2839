import { basicConstraints, keyUsage, makeCertificate, simulatedName } from "./certificate.ts";
import { developmentKey, type KeyCurve, type SigningKey } from "./keys.ts";
import { simulatedMark } from "./mark.ts";

/** The forms of evidence that have a stand-in. */
export type SimulatedForm = "nitro" | "tdx";

/** A development root: what anybody can sign with, and the certificate that names it. */
export interface DevelopmentRoot {
    key: SigningKey;
    /** DER name. */
    subject: Uint8Array;
    /** DER; always the same bytes, since signatures are deterministic (RFC 6979) and the dates are fixed. */
    certificate: Uint8Array;
    /** Unix seconds, inclusive. */
    notBefore: number;
    notAfter: number;
}

/** 2020-01-01T00:00:00Z to 2049-12-31T23:59:59Z: every genuine vector and every clock of a test lies between. */
const ROOT_NOT_BEFORE = 1577836800;
const ROOT_NOT_AFTER = 2524607999;
const CURVES: Record<SimulatedForm, KeyCurve> = { nitro: "P-384", tdx: "P-256" };
const NAMES: Record<SimulatedForm, string> = { nitro: "Nitro form root", tdx: "TDX form root" };

/** The development root of a form. */
export function developmentRoot(form: SimulatedForm): DevelopmentRoot {
    const key = developmentKey({ curve: CURVES[form], name: `${form}/root` });
    const subject = simulatedName(NAMES[form]);
    const certificate = makeCertificate({
        serial: Uint8Array.of(1),
        issuer: subject,
        subject,
        notBefore: ROOT_NOT_BEFORE,
        notAfter: ROOT_NOT_AFTER,
        key,
        extensions: [
            basicConstraints({ ca: true }),
            keyUsage({ bits: ["digitalSignature", "keyCertSign", "crlSign"], critical: true }),
            simulatedMark(),
        ],
        signer: key,
    });
    return { key, subject, certificate, notBefore: ROOT_NOT_BEFORE, notAfter: ROOT_NOT_AFTER };
}
