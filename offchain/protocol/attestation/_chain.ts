import type { Hex } from "../hex.ts";
import { sameBytes } from "./_bytes.ts";
import { type CurveName, isSignedBy } from "./_curve.ts";
import { AttestationFault, requireThat } from "./_fault.ts";
import { secondsText } from "./_time.ts";
import type { Certificate } from "./_x509.ts";

/** The lower end of a chain that was verified so far. */
export interface ChainEnd {
    /** DER of its name, and its key x‖y. */
    subject: Uint8Array;
    publicKey: Uint8Array;
    /** How many authorities may follow below it; undefined = any number. */
    pathLength: number | undefined;
    /** Unix seconds, inclusive: the earliest end of every certificate down to here. */
    notAfter: number;
}

/** Starts a chain at a root that the caller already recognised; only its dates are judged here. */
export function startChain({ root, at }: { root: Certificate; at: number }): ChainEnd {
    requireDates(root, at);
    return {
        subject: root.subject,
        publicKey: root.publicKey,
        pathLength: root.extensions.basicConstraints?.pathLength,
        notAfter: root.notAfter,
    };
}

/** What to check of the next certificate of a chain. */
export interface NextCertificate {
    parent: ChainEnd;
    certificate: Certificate;
    /** Authorities issue certificates; the leaf signs documents and issues nothing. */
    role: "authority" | "leaf";
    curve: CurveName;
    /** Unix seconds. */
    at: number;
    /** Identifier of an extension that must be there and critical, as on every certificate under a development root. */
    marker?: Hex | undefined;
}

/**
 * Verifies the next certificate of a chain under its parent, in this order: IssuerMismatch, CertNotYetValid, CertExpired,
 * NotACertificateAuthority or LeafIsAuthority, KeyUsageInvalid, PathTooLong, NotSimulated, BadCertSignature.
 */
export function extendChain({ parent, certificate, role, curve, at, marker }: NextCertificate): ChainEnd {
    requireThat(sameBytes(certificate.issuer, parent.subject), "IssuerMismatch", "A certificate names another issuer.");
    requireDates(certificate, at);
    const pathLength = role === "authority" ? authorityPathLength({ certificate, parent }) : requireLeaf(certificate);
    const isMarked = marker === undefined || certificate.extensions.all.get(marker)?.critical === true;
    requireThat(isMarked, "NotSimulated", "A certificate lacks the mark of the development root.");
    const { tbs: message, signature } = certificate;
    const isSigned = isSignedBy({ curve, key: parent.publicKey, message, signature });
    requireThat(isSigned, "BadCertSignature", "A certificate is not signed by the key above it.");
    return {
        subject: certificate.subject,
        publicKey: certificate.publicKey,
        pathLength,
        notAfter: Math.min(certificate.notAfter, parent.notAfter),
    };
}

function requireDates({ notBefore, notAfter }: Certificate, at: number): void {
    const now = `and it is ${secondsText(at)}.`;
    requireThat(notBefore <= at, "CertNotYetValid", `A certificate is valid from ${secondsText(notBefore)}, ${now}`);
    requireThat(at <= notAfter, "CertExpired", `A certificate was valid until ${secondsText(notAfter)}, ${now}`);
}

/** How many authorities may follow below this one. */
function authorityPathLength({
    certificate,
    parent,
}: {
    certificate: Certificate;
    parent: ChainEnd;
}): number | undefined {
    const { basicConstraints, keyUsage } = certificate.extensions;
    if (!basicConstraints?.isAuthority || !basicConstraints.critical) {
        throw new AttestationFault({
            code: "NotACertificateAuthority",
            reason: "A certificate in the middle of the chain is not an authority.",
        });
    }
    requireThat(keyUsage?.keyCertSign === true, "KeyUsageInvalid", "An authority's key may not sign certificates.");
    requireThat(parent.pathLength !== 0, "PathTooLong", "An authority stands below one that allows none.");
    const left = parent.pathLength === undefined ? Number.POSITIVE_INFINITY : parent.pathLength - 1;
    const least = Math.min(left, basicConstraints.pathLength ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(least) ? least : undefined;
}

/** A leaf allows nothing below it. */
function requireLeaf({ extensions: { basicConstraints, keyUsage } }: Certificate): 0 {
    requireThat(basicConstraints?.isAuthority !== true, "LeafIsAuthority", "The leaf certificate is an authority.");
    requireThat(keyUsage?.digitalSignature === true, "KeyUsageInvalid", "The leaf's key may not sign documents.");
    return 0;
}
