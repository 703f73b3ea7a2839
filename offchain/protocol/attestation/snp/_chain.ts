import { certificateTraitOf, rootIdOf } from "../../enclave.ts";
import { bytesToHex, type Hex } from "../../hex.ts";
import { sameBytes } from "../_bytes.ts";
import { AttestationFault, requireThat } from "../_fault.ts";
import { secondsText } from "../_time.ts";
import { type AmdCertificate, readAmdCertificate } from "./_certificate.ts";
import { signingKeyOf } from "./_endorsement.ts";
import { isSignedByAuthority } from "./_pss.ts";
import type { SigningKey } from "./_report.ts";
import type { AmdProduct } from "./_tcb.ts";
import type { AmdRoot } from "./amdRoots.ts";

/** What the certificates of a report show. */
export interface AmdChain {
    product: AmdProduct;
    rootId: Hex;
    leaf: AmdCertificate;
    /** x‖y of the key that signs the report. */
    leafKey: Uint8Array;
    /** Unix seconds, inclusive: the earliest end of all three certificates. */
    notAfter: number;
    /** The root and both certificates below it. */
    traits: Hex[];
}

/**
 * Verifies ARK, ASK and VCEK (or VLEK) from the root down. Roots are those of the caller, never of the collateral; an ASK
 * comes from the collateral or, without one, from the roots. Faults: CollateralMissing, CollateralInvalid, UntrustedRoot,
 * CertRevoked, those of _certificate.ts, dates, NotACertificateAuthority, LeafIsAuthority, KeyUsageInvalid, BadCertSignature.
 */
export async function verifyAmdChain(parts: {
    /** DER, in any order. */
    certificates: readonly Uint8Array[];
    roots: readonly AmdRoot[];
    signingKey: SigningKey;
    /** The certificate that the report needs, in words. */
    wanted: string;
    /** Unix seconds. */
    at: number;
}): Promise<AmdChain> {
    const { roots, signingKey, wanted, at } = parts;
    const certificates = parts.certificates.map(readAmdCertificate);
    requireKnownRoots({ certificates, roots });
    const leaf = leafOf({ certificates, signingKey, wanted });
    const authority = authorityOf({ certificates, roots, leaf });
    const root = roots.find(({ ark }) => sameBytes(readAmdCertificate(ark).subject, authority.issuer));
    if (root === undefined) throw untrusted("The certificate of the signing key names no root of AMD as its issuer.");
    const ark = readAmdCertificate(root.ark);
    requireDates(ark, at);
    await requireAuthority({ certificate: authority, issuer: ark, root, at });
    await requireLeaf({ certificate: leaf, issuer: authority, at });
    const rootId = rootIdOf(modulusOf(ark));
    return {
        product: root.product,
        rootId,
        leaf,
        leafKey: pointOf(leaf),
        notAfter: Math.min(ark.notAfter, authority.notAfter, leaf.notAfter),
        traits: [rootId, certificateTraitOf(authority), certificateTraitOf(leaf)],
    };
}

function requireKnownRoots({
    certificates,
    roots,
}: {
    certificates: AmdCertificate[];
    roots: readonly AmdRoot[];
}): void {
    const known = roots.map(({ ark }) => readAmdCertificate(ark));
    for (const certificate of certificates.filter(isSelfIssued)) {
        const isKnown = known.some(({ tbs, signature }) => {
            return sameBytes(tbs, certificate.tbs) && sameBytes(signature, certificate.signature);
        });
        if (!isKnown) throw untrusted("The root certificate of the collateral is not one of AMD's.");
    }
}

function leafOf({
    certificates,
    signingKey,
    wanted,
}: {
    certificates: AmdCertificate[];
    signingKey: SigningKey;
    wanted: string;
}): AmdCertificate {
    const leaves = certificates.filter(({ key }) => key.kind === "P-384");
    const [leaf, second] = leaves.filter((candidate) => signingKeyOf(candidate) === signingKey);
    if (leaf !== undefined) {
        requireThat(second === undefined, "CollateralInvalid", `The collateral holds more than one ${signingKey}.`);
        return leaf;
    }
    throw new AttestationFault({
        code: leaves.length === 0 ? "CollateralMissing" : "ReportKeyMismatch",
        reason: `The report is signed by a ${signingKey}, and the collateral holds none: ${wanted} is needed.`,
    });
}

function authorityOf(parts: {
    certificates: AmdCertificate[];
    roots: readonly AmdRoot[];
    leaf: AmdCertificate;
}): AmdCertificate {
    const brought = parts.certificates.filter((certificate) => !isSelfIssued(certificate));
    const pinned = parts.roots.flatMap(({ authorities }) => authorities.map(readAmdCertificate));
    const found = [...brought, ...pinned].find(({ key, subject }) => {
        return key.kind === "RSA" && sameBytes(subject, parts.leaf.issuer);
    });
    if (found === undefined)
        throw untrusted("Neither the collateral nor AMD's known authorities issued the signing key.");
    return found;
}

type Step = { certificate: AmdCertificate; issuer: AmdCertificate; at: number };

async function requireAuthority({ certificate, issuer, root, at }: Step & { root: AmdRoot }): Promise<void> {
    requireDates(certificate, at);
    const { basicConstraints, keyUsage } = certificate.extensions;
    const isAuthority = basicConstraints?.isAuthority === true && basicConstraints.critical;
    requireThat(isAuthority, "NotACertificateAuthority", "The issuer of the signing key is not an authority.");
    requireThat(keyUsage?.keyCertSign === true, "KeyUsageInvalid", "An authority's key may not sign certificates.");
    const serial = bytesToHex(certificate.serial);
    const isRevoked = root.revokedSerials.includes(serial);
    requireThat(!isRevoked, "CertRevoked", `AMD revoked the authority with serial number ${serial}.`);
    await requireSigned({ certificate, issuer, at });
}

async function requireLeaf({ certificate, issuer, at }: Step): Promise<void> {
    requireDates(certificate, at);
    const { basicConstraints, keyUsage } = certificate.extensions;
    requireThat(
        basicConstraints?.isAuthority !== true,
        "LeafIsAuthority",
        "The signing key's certificate is an authority.",
    );
    requireThat(keyUsage?.digitalSignature !== false, "KeyUsageInvalid", "The signing key may not sign reports.");
    await requireSigned({ certificate, issuer, at });
}

async function requireSigned({ certificate, issuer: { key } }: Step): Promise<void> {
    const isSigned = await isSignedByAuthority({ certificate, key });
    requireThat(isSigned, "BadCertSignature", "A certificate is not signed by the key above it.");
}

function requireDates({ notBefore, notAfter }: AmdCertificate, at: number): void {
    const now = `and it is ${secondsText(at)}.`;
    requireThat(notBefore <= at, "CertNotYetValid", `A certificate is valid from ${secondsText(notBefore)}, ${now}`);
    requireThat(at <= notAfter, "CertExpired", `A certificate was valid until ${secondsText(notAfter)}, ${now}`);
}

function isSelfIssued({ issuer, subject }: AmdCertificate): boolean {
    return sameBytes(issuer, subject);
}

function modulusOf({ key }: AmdCertificate): Uint8Array {
    if (key.kind === "RSA") return key.modulus;
    throw untrusted("The root's key is not an RSA key.");
}

function pointOf({ key }: AmdCertificate): Uint8Array {
    if (key.kind === "P-384") return key.point;
    throw untrusted("The signing key is not on P-384.");
}

function untrusted(reason: string): AttestationFault {
    return new AttestationFault({ code: "UntrustedRoot", reason });
}
