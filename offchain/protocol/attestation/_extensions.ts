import { bytesToHex, type Hex } from "../hex.ts";
import { bytesOf } from "./_bytes.ts";
import {
    type DerReader,
    derEnded,
    derReader,
    enter,
    peekTag,
    readElement,
    readExactly,
    requireDerEnd,
    TAG,
} from "./_der.ts";
import { AttestationFault, requireThat } from "./_fault.ts";

/** One extension of a certificate or revocation list. */
export interface Extension {
    critical: boolean;
    value: Uint8Array;
}

/** Whether a certificate may issue others, and how many more may follow below it; undefined = any number. */
export interface BasicConstraints {
    critical: boolean;
    isAuthority: boolean;
    pathLength: number | undefined;
}

/** What a certificate's key may be used for, as far as it matters here. */
export interface KeyUsage {
    digitalSignature: boolean;
    keyCertSign: boolean;
    crlSign: boolean;
}

/** Object identifiers, as the hex of their DER content. */
export const OID = {
    basicConstraints: "0x551d13",
    keyUsage: "0x551d0f",
} as const;

const MAX_EXTENSIONS = 16;
const TRUE = bytesOf("0101ff");

/** All extensions of one list, by the hex of their identifier, with those that are read here. */
export interface Extensions {
    all: ReadonlyMap<Hex, Extension>;
    basicConstraints: BasicConstraints | undefined;
    keyUsage: KeyUsage | undefined;
}

/**
 * Reads the list of a certificate's extensions, which is never empty.
 *
 * @param understood Identifiers beside basicConstraints and keyUsage that may be critical: the caller judges them.
 */
export function readExtensions(list: DerReader, understood: readonly Hex[]): Extensions {
    const all = new Map<Hex, Extension>();
    let basicConstraints: BasicConstraints | undefined;
    let keyUsage: KeyUsage | undefined;
    do {
        requireThat(all.size < MAX_EXTENSIONS, "DerInvalid", `There are more than ${MAX_EXTENSIONS} extensions.`);
        const { id, extension } = readExtension(list);
        requireThat(!all.has(id), "ExtensionDuplicate", `Extension ${id} is there twice.`);
        all.set(id, extension);
        if (id === OID.basicConstraints) basicConstraints = readBasicConstraints(extension);
        else if (id === OID.keyUsage) keyUsage = readKeyUsage(extension);
        else if (extension.critical && !understood.includes(id)) {
            throw new AttestationFault({
                code: "UnknownCriticalExtension",
                reason: `Extension ${id} is critical and unknown.`,
            });
        }
    } while (!derEnded(list));
    return { all, basicConstraints, keyUsage };
}

function readExtension(list: DerReader): { id: Hex; extension: Extension } {
    const reader = enter(list, TAG.sequence, "An extension");
    const id = readElement(reader, TAG.oid, "An extension's identifier").content;
    requireThat(id.length > 0, "DerInvalid", "An extension's identifier is empty.");
    const critical = readFlag(reader, "An extension's critical flag");
    const value = readElement(reader, TAG.octetString, "An extension's value").content;
    requireDerEnd(reader, "An extension");
    return { id: bytesToHex(id), extension: { critical, value } };
}

function readBasicConstraints({ critical, value }: Extension): BasicConstraints {
    const outer = derReader(value);
    const reader = enter(outer, TAG.sequence, "basicConstraints");
    requireDerEnd(outer, "basicConstraints");
    const isAuthority = readFlag(reader, "The authority flag");
    const pathLength = isAuthority && !derEnded(reader) ? readPathLength(reader) : undefined;
    requireDerEnd(reader, "basicConstraints");
    return { critical, isAuthority, pathLength };
}

function readPathLength(reader: DerReader): number {
    const { content } = readElement(reader, TAG.integer, "The path length");
    const [length = 0x80] = content;
    requireThat(content.length === 1 && length < 0x80, "DerInvalid", "The path length is not from 0 to 127.");
    return length;
}

function readKeyUsage({ value }: Extension): KeyUsage {
    const reader = derReader(value);
    const { content } = readElement(reader, TAG.bitString, "keyUsage");
    requireDerEnd(reader, "keyUsage");
    const [unused = 8, first = 0, last = first] = content;
    const hasBytes = content.length === 2 || content.length === 3;
    const isWhole = hasBytes && unused < 8 && (last & ((1 << unused) - 1)) === 0;
    requireThat(isWhole, "DerInvalid", "keyUsage is not a bit string of one or two bytes.");
    return {
        digitalSignature: (first & 0x80) !== 0,
        keyCertSign: (first & 0x04) !== 0,
        crlSign: (first & 0x02) !== 0,
    };
}

/** Reads an optional BOOLEAN whose default is FALSE, so that DER allows TRUE only. */
function readFlag(reader: DerReader, what: string): boolean {
    if (peekTag(reader) !== TAG.boolean) return false;
    readExactly(reader, TRUE, what);
    return true;
}
