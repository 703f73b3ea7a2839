import type { AttestationCode } from "../../errors/ProtocolError.ts";
import { bytesToHex } from "../../hex.ts";
import { type ChainEnd, extendChain } from "../_chain.ts";
import { AttestationFault, requireThat } from "../_fault.ts";
import { secondsText } from "../_time.ts";
import { type Certificate, readCertificate } from "../_x509.ts";
import type { DcapProfile } from "./profile.ts";

const CURVE = "P-256";

/** A chain as it is sent: DER, root last. */
export interface SentChain {
    certificates: readonly Uint8Array[];
    /** What the first certificate is for. */
    role: "authority" | "leaf";
    profile: DcapProfile;
}

/**
 * Verifies a chain down from the profile's root key, without its dates, so that what is wrong at any time is found
 * first; returns the certificates root first. Faults: UntrustedRoot or NotSimulated, those of readCertificate and of
 * extendChain.
 */
export function verifyChain({ certificates, role, profile }: SentChain): Certificate[] {
    const marker = profile.tier === "simulated" ? profile.marker : undefined;
    const verified: Certificate[] = [];
    let parent: ChainEnd | undefined;
    for (const [index, der] of certificates.toReversed().entries()) {
        const certificate = readCertificate(der, { curve: CURVE, understood: marker === undefined ? [] : [marker] });
        parent = extendChain({
            parent: parent ?? trustAnchor(certificate, profile),
            certificate,
            role: index === certificates.length - 1 ? role : "authority",
            curve: CURVE,
            at: certificate.notBefore, // the caller judges the dates by requireDates
            marker,
        });
        verified.push(certificate);
    }
    return verified;
}

/** The root is recognised by its key; its name and dates are its own, under its own signature. */
function trustAnchor({ subject, publicKey, notAfter }: Certificate, { rootKey, tier }: DcapProfile): ChainEnd {
    const code = tier === "simulated" ? "NotSimulated" : "UntrustedRoot";
    requireThat(bytesToHex(publicKey) === rootKey, code, "The chain does not end in the root key.");
    return { subject, publicKey, pathLength: undefined, notAfter };
}

/** A time from which and until which something is valid: unix seconds, both inclusive. */
export interface Window {
    notBefore: number;
    notAfter: number;
}

/** Ends the verification with `early` or `late` unless all windows are open; returns the end of the first that closes. */
export function requireOpen({
    windows,
    at,
    what,
    early,
    late,
}: {
    windows: readonly Window[];
    at: number;
    what: string;
    early: AttestationCode;
    late: AttestationCode;
}): number {
    for (const { notBefore, notAfter } of windows) {
        const now = `and it is ${secondsText(at)}.`;
        requireThat(notBefore <= at, early, `${what} is valid from ${secondsText(notBefore)}, ${now}`);
        requireThat(at <= notAfter, late, `${what} was valid until ${secondsText(notAfter)}, ${now}`);
    }
    return Math.min(...windows.map(({ notAfter }) => notAfter));
}

/** Runs a reader whose faults all mean one thing to the caller. */
export function recoded<T>({ code, what }: { code: AttestationCode; what: string }, read: () => T): T {
    try {
        return read();
    } catch (error) {
        if (!(error instanceof AttestationFault)) throw error;
        throw new AttestationFault({ code, reason: `${what}: ${error.message}` });
    }
}
