import { bytesToHex, type Hex } from "../../hex.ts";
import { bytesOf, sameBytes } from "../_bytes.ts";
import { isSignedBy } from "../_curve.ts";
import {
    type DerReader,
    derEnded,
    derReader,
    enter,
    peekTag,
    readBitString,
    readEcdsaSignature,
    readElement,
    readExactly,
    readTime,
    readUnsigned,
    requireDerEnd,
    TAG,
} from "../_der.ts";
import { readExtensions } from "../_extensions.ts";
import { requireThat } from "../_fault.ts";
import type { Certificate } from "../_x509.ts";
import { recoded, type Window } from "./_certificates.ts";

/** Which certificates an authority revoked, and from when to when the list counts. */
export interface RevocationList extends Window {
    /** Hex of the content bytes of the serial numbers. */
    serials: ReadonlySet<Hex>;
}

/** What is read of a list before its signature is checked. */
interface SignedList extends RevocationList {
    tbs: Uint8Array;
    /** DER of the issuer's name. */
    issuer: Uint8Array;
    signature: Uint8Array;
}

const VERSION_2 = bytesOf("020101");
const ECDSA_WITH_SHA256 = bytesOf("300a06082a8648ce3d040302");
const SERIAL_BYTES = 20;
const HALF_SIGNATURE_BYTES = 32;

/**
 * Reads a revocation list (DER) that this authority must have signed; the dates are left to the caller. Lists that count
 * only with others beside them (delta, indirect, partial) are marked critical by their makers and refused.
 * Fault: RevocationListInvalid.
 */
export function readRevocationList({ der, issuer }: { der: Uint8Array; issuer: Certificate }): RevocationList {
    const what = "A revocation list";
    const list = recoded({ code: "RevocationListInvalid", what }, () => readSignedList(der));
    const isOfIssuer = sameBytes(list.issuer, issuer.subject) && issuer.extensions.keyUsage?.crlSign === true;
    requireThat(isOfIssuer, "RevocationListInvalid", `${what} is not of the authority that it is needed of.`);
    const { tbs: message, signature } = list;
    const isSigned = isSignedBy({ curve: "P-256", key: issuer.publicKey, message, signature });
    requireThat(isSigned, "RevocationListInvalid", `${what} is not signed by its authority.`);
    return list;
}

/** Ends the verification when this certificate of the list's authority is revoked. */
export function requireNotRevoked({ serials }: RevocationList, { serial }: Certificate): void {
    const id = bytesToHex(serial);
    requireThat(!serials.has(id), "CertRevoked", `The certificate with serial number ${id} was revoked.`);
}

function readSignedList(der: Uint8Array): SignedList {
    const outer = derReader(der);
    const list = enter(outer, TAG.sequence, "The list");
    requireDerEnd(outer, "The list");
    const { whole: tbs, content } = readElement(list, TAG.sequence, "The signed part");
    const fields = readFields(derReader(content));
    readExactly(list, ECDSA_WITH_SHA256, "The signature's algorithm");
    const bits = derReader(readBitString(list, "The signature"));
    const signature = readEcdsaSignature(bits, HALF_SIGNATURE_BYTES);
    requireDerEnd(bits, "The signature");
    requireDerEnd(list, "The list");
    return { tbs, signature, ...fields };
}

function readFields(reader: DerReader): Omit<SignedList, "tbs" | "signature"> {
    readExactly(reader, VERSION_2, "The version");
    readExactly(reader, ECDSA_WITH_SHA256, "The signature's algorithm");
    const issuer = readElement(reader, TAG.sequence, "The issuer").whole;
    const notBefore = readTime(reader, "The time of the list");
    const notAfter = readTime(reader, "The time of the next list");
    const serials = peekTag(reader) === TAG.sequence ? readEntries(reader) : new Set<Hex>();
    if (!derEnded(reader)) {
        const explicit = enter(reader, TAG.explicit0, "The extensions");
        readExtensions(enter(explicit, TAG.sequence, "The extensions"), []);
        requireDerEnd(explicit, "The extensions");
    }
    requireDerEnd(reader, "The signed part");
    return { issuer, notBefore, notAfter, serials };
}

function readEntries(reader: DerReader): Set<Hex> {
    const serials = new Set<Hex>();
    const entries = enter(reader, TAG.sequence, "The entries");
    while (!derEnded(entries)) {
        const entry = enter(entries, TAG.sequence, "An entry");
        serials.add(bytesToHex(readUnsigned(entry, SERIAL_BYTES, "A serial number")));
        readTime(entry, "The time of a revocation");
        if (!derEnded(entry)) readExtensions(enter(entry, TAG.sequence, "An entry's extensions"), []);
        requireDerEnd(entry, "An entry");
    }
    return serials;
}
