import { certificateTraitOf, rootIdOf } from "../../enclave.ts";
import { type Hex, keccak256 } from "../../hex.ts";
import { extendChain, startChain } from "../_chain.ts";
import { requireThat } from "../_fault.ts";
import { type CertificateProfile, readCertificate } from "../_x509.ts";
import type { NitroProfile } from "./profile.ts";

/** What a document's certificates show. */
export interface NitroChain {
    rootId: Hex;
    /** x‖y of the key that signs the document. */
    leafKey: Uint8Array;
    /** Unix seconds, inclusive: the earliest end of all certificates. */
    notAfter: number;
    /** The root and every certificate below it, in the order of the chain. */
    traits: Hex[];
}

/**
 * Verifies the certificates of a document from the root down, each one wholly before the next one is read. Faults:
 * UntrustedRoot or (under a development root) NotSimulated, and those of _x509.ts and ../_chain.ts.
 */
export function verifyChain(chain: {
    /** Root first. */
    cabundle: readonly Uint8Array[];
    leaf: Uint8Array;
    profile: NitroProfile;
    /** Unix seconds. */
    at: number;
}): NitroChain {
    const { cabundle, leaf, profile, at } = chain;
    const marker = profile.tier === "simulated" ? profile.marker : undefined;
    const format: CertificateProfile = { curve: "P-384", understood: marker === undefined ? [] : [marker] };
    const [rootBytes = new Uint8Array(), ...authorities] = cabundle;
    requireThat(
        keccak256(rootBytes) === profile.rootHash,
        profile.tier === "simulated" ? "NotSimulated" : "UntrustedRoot",
        "The first certificate of cabundle is not the root.",
    );
    const root = readCertificate(rootBytes, format);
    const rootId = rootIdOf(root.publicKey);
    const traits = [rootId];
    let end = startChain({ root, at });
    for (const [index, bytes] of [...authorities, leaf].entries()) {
        const certificate = readCertificate(bytes, format);
        const role = index < authorities.length ? "authority" : "leaf";
        end = extendChain({ parent: end, certificate, role, curve: format.curve, at, marker });
        traits.push(certificateTraitOf(certificate));
    }
    return { rootId, leafKey: end.publicKey, notAfter: end.notAfter, traits };
}
