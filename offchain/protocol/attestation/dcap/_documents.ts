import type { z } from "zod";
import { isSignedBy } from "../_curve.ts";
import { AttestationFault, requireThat } from "../_fault.ts";
import type { Certificate } from "../_x509.ts";
import { recoded, requireOpen, verifyChain, type Window } from "./_certificates.ts";
import type { Collateral, SignedText } from "./_collateral.ts";
import { parseStrictJson } from "./_json.ts";
import { commonNameOf } from "./_names.ts";
import { readPemChain } from "./_pem.ts";
import type { Platform } from "./_platform.ts";
import { readRevocationList, requireNotRevoked } from "./_revocationList.ts";
import { type QeIdentity, qeIdentityJson, type TcbInfo, tcbInfoJson } from "./_tcbInfo.ts";
import type { DcapProfile } from "./profile.ts";

/** Intel's word on a platform, all of it signed, current and of this platform's authorities. */
export interface VerifiedCollateral {
    tcbInfo: TcbInfo;
    qeIdentity: QeIdentity;
    /** Unix seconds, inclusive: when the first part of it ends. */
    notAfter: number;
}

/** A signed document with everything whose dates it depends on. */
interface VerifiedDocument<T> {
    value: T;
    signer: Certificate;
    windows: Window[];
}

const SIGNER_NAME = "SGX TCB Signing";
const CODE = "CollateralInvalid";

/**
 * Verifies collateral: both documents and their signers, their dates, then both revocation lists, without which nothing
 * shows that a platform was not revoked. Faults, in this order: CollateralInvalid, CollateralExpired,
 * RevocationListInvalid, CertRevoked.
 */
export function verifyCollateral({
    collateral,
    platform,
    at,
    profile,
}: {
    collateral: Collateral;
    platform: Platform;
    at: number;
    profile: DcapProfile;
}): VerifiedCollateral {
    const tcbInfo = verifyDocument({
        document: collateral.tcbInfo,
        chain: collateral.tcbInfoChain,
        schema: tcbInfoJson,
        what: "The TCB info",
        profile,
    });
    const qeIdentity = verifyDocument({
        document: collateral.qeIdentity,
        chain: collateral.qeIdentityChain,
        schema: qeIdentityJson,
        what: "The identity of the quoting enclave",
        profile,
    });
    const listChain = verifyListChain(collateral.platformListChain, profile);
    const windows = [...tcbInfo.windows, ...qeIdentity.windows, ...listChain];
    const what = "A part of the collateral";
    const end = requireOpen({ windows, at, what, early: "CollateralExpired", late: "CollateralExpired" });
    const signers = [tcbInfo.signer, qeIdentity.signer];
    const listsEnd = verifyLists({ collateral, platform, at, signers });
    return { tcbInfo: tcbInfo.value, qeIdentity: qeIdentity.value, notAfter: Math.min(end, listsEnd) };
}

/** Verifies one document: its signer directly below the root and of the signers' name, its signature, then its content. */
function verifyDocument<T extends { issueDate: number; nextUpdate: number }>({
    document: { text, signature },
    chain,
    schema,
    what,
    profile,
}: {
    document: SignedText;
    chain: string;
    schema: z.ZodType<T>;
    what: string;
    profile: DcapProfile;
}): VerifiedDocument<T> {
    const certificates = verifyPair({ chain, role: "leaf", what, profile });
    const [, signer] = certificates;
    const name = recoded({ code: CODE, what }, () => commonNameOf(signer.subject));
    requireThat(
        name?.endsWith(SIGNER_NAME) === true,
        CODE,
        `${what} comes with a certificate that is not for signing it.`,
    );
    const message = new TextEncoder().encode(text);
    const isSigned = isSignedBy({ curve: "P-256", key: signer.publicKey, message, signature });
    requireThat(isSigned, CODE, `${what} is not signed.`);
    const parsed = schema.safeParse(parseStrictJson(text, what));
    if (!parsed.success) throw new AttestationFault({ code: CODE, reason: `${what} is of no known form.` });
    const { issueDate, nextUpdate } = parsed.data;
    const windows = [...certificates, { notBefore: issueDate, notAfter: nextUpdate }];
    return { value: parsed.data, signer, windows };
}

/** A chain of root and one certificate below it. */
function verifyPair({
    chain,
    role,
    what,
    profile,
}: {
    chain: string;
    role: "authority" | "leaf";
    what: string;
    profile: DcapProfile;
}): [Certificate, Certificate] {
    const certificates = readPemChain({ text: chain, code: CODE });
    const verified = recoded({ code: CODE, what }, () => verifyChain({ certificates, role, profile }));
    const [root, below, ...others] = verified;
    if (root === undefined || below === undefined || others.length > 0) {
        throw new AttestationFault({
            code: CODE,
            reason: `${what} comes with ${verified.length} certificates, not 2.`,
        });
    }
    return [root, below];
}

/** The list's chain adds nothing to the quote's own, but when it is there it must be right. */
function verifyListChain(chain: string | undefined, profile: DcapProfile): Certificate[] {
    if (chain === undefined) return [];
    return verifyPair({ chain, role: "authority", what: "The platform's revocation list", profile });
}

function verifyLists({
    collateral: { rootList, platformList },
    platform: { root, intermediate, leaf },
    at,
    signers,
}: {
    collateral: Collateral;
    platform: Platform;
    at: number;
    signers: Certificate[];
}): number {
    const code = "RevocationListInvalid";
    if (rootList === undefined || platformList === undefined) {
        throw new AttestationFault({ code, reason: "The revocation lists of root and platform are both needed." });
    }
    const ofRoot = readRevocationList({ der: rootList, issuer: root });
    const ofPlatform = readRevocationList({ der: platformList, issuer: intermediate });
    const end = requireOpen({ windows: [ofRoot, ofPlatform], at, what: "A revocation list", early: code, late: code });
    for (const certificate of [intermediate, ...signers]) requireNotRevoked(ofRoot, certificate);
    requireNotRevoked(ofPlatform, leaf);
    return end;
}
