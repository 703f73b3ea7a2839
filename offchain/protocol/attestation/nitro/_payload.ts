import { asciiOf, quoted } from "../_bytes.ts";
import { CBOR, type CborReader, MAX_MAP_ENTRIES, peekByte, readContent, readHead, skipItem } from "../_cbor.ts";
import { AttestationFault, requireThat } from "../_fault.ts";

/** What a Nitro document says; lengths and ranges are checked, nothing of it is shown to be true. */
export interface NitroPayload {
    /** ASCII in every genuine document. */
    moduleId: Uint8Array;
    digest: string;
    /** Milliseconds since 1970. */
    timestamp: number;
    /** 48 bytes each; 0, 1 and 2 are there. */
    pcrs: ReadonlyMap<number, Uint8Array>;
    /** The leaf. */
    certificate: Uint8Array;
    /** Root first. */
    cabundle: Uint8Array[];
    publicKey?: Uint8Array | undefined;
    userData?: Uint8Array | undefined;
    nonce?: Uint8Array | undefined;
}

const MAX_MODULE_ID_BYTES = 128;
const MAX_CERTIFICATE_BYTES = 1024;
const MAX_CERTIFICATES = 8;
const MAX_FREE_BYTES = 1024;
const PCR_COUNT = 32;
/** Of a SHA-384 register. */
export const PCR_BYTES = 48;

/** Registers that a document may have and how many bytes each has. */
export const NITRO_REGISTERS: Readonly<Record<string, number>> = Object.fromEntries(
    Array.from({ length: PCR_COUNT }, (_, index) => [`pcr${index}`, PCR_BYTES]),
);

const INDEFINITE_MAP = 0xbf;
const BREAK = 0xff;
/** Depth of nesting of the outer map's values. */
const VALUE_DEPTH = 2;

/**
 * Reads the payload front to back; the first fault in byte order decides. Faults: those of _cbor.ts, CborTrailing,
 * FieldInvalid, FieldMissing, NotAnEnclave.
 */
export function readPayload(payload: Uint8Array): NitroPayload {
    const reader: CborReader = { bytes: payload, position: 0 };
    const entries = readMapHead(reader);
    const keys = new Set<string>();
    const fields: Partial<NitroPayload> = {};
    while (entries === undefined ? hasNextKey(reader, keys.size) : keys.size < entries) {
        Object.assign(fields, readField(reader, readKey(reader, keys)));
    }
    requireThat(reader.position === payload.length, "CborTrailing", "Bytes follow the end of the payload's map.");
    return complete(fields);
}

function complete({ publicKey, userData, nonce, ...found }: Partial<NitroPayload>): NitroPayload {
    const {
        moduleId = missing("module_id"),
        digest = missing("digest"),
        timestamp = missing("timestamp"),
        pcrs = missing("pcrs"),
        certificate = missing("certificate"),
        cabundle = missing("cabundle"),
    } = found;
    return { moduleId, digest, timestamp, pcrs, certificate, cabundle, publicKey, userData, nonce };
}

/** How many entries the outer map has; undefined = up to a break, which no other item may use. */
function readMapHead(reader: CborReader): number | undefined {
    if (peekByte(reader) === INDEFINITE_MAP) {
        reader.position++;
        return undefined;
    }
    const { type, argument } = readHead(reader);
    requireThat(type === CBOR.map, "CborInvalid", "The payload is not a map.");
    return argument;
}

/** Whether another key follows in a map of indefinite length; passes the break otherwise. */
function hasNextKey(reader: CborReader, count: number): boolean {
    if (peekByte(reader) === BREAK) {
        reader.position++;
        return false;
    }
    requireThat(count < MAX_MAP_ENTRIES, "CborInvalid", `The payload's map has more than ${count} entries.`);
    return true;
}

function readKey(reader: CborReader, keys: Set<string>): string {
    const start = reader.position;
    const { type, argument } = readHead(reader);
    requireThat(type === CBOR.text, "CborInvalid", `The key at byte ${start} of the payload is no text.`);
    const bytes = readContent(reader, argument);
    const key = asciiOf(bytes);
    requireThat(!keys.has(key), "CborDuplicateKey", `The payload has ${quoted(bytes)} twice.`);
    keys.add(key);
    return key;
}

function readField(reader: CborReader, key: string): Partial<NitroPayload> {
    switch (key) {
        case "module_id":
            return { moduleId: readString({ reader, type: CBOR.text, key, most: MAX_MODULE_ID_BYTES }) };
        case "digest":
            return { digest: readDigest(reader) };
        case "timestamp":
            return { timestamp: readTimestamp(reader) };
        case "pcrs":
            return { pcrs: readPcrs(reader) };
        case "certificate":
            return { certificate: readString({ reader, type: CBOR.bytes, key, most: MAX_CERTIFICATE_BYTES }) };
        case "cabundle":
            return { cabundle: readCabundle(reader) };
        case "public_key":
            return { publicKey: readFree(reader, key) };
        case "user_data":
            return { userData: readFree(reader, key) };
        case "nonce":
            return { nonce: readFree(reader, key) };
        case "nitrotpm_pcrs":
            throw new AttestationFault({
                code: "NotAnEnclave",
                reason: "It is the document of a machine with NitroTPM.",
            });
        default:
            skipItem(reader, VALUE_DEPTH);
            return {};
    }
}

/** Reads a string of 1 to `most` bytes. */
function readString(wanted: { reader: CborReader; type: number; key: string; most: number }): Uint8Array {
    const { reader, type, key, most } = wanted;
    const head = readHead(reader);
    requireThat(head.type === type, "FieldInvalid", `${key} is of another type.`);
    const content = readContent(reader, head.argument);
    const isFitting = content.length > 0 && content.length <= most;
    requireThat(isFitting, "FieldInvalid", `${key} has ${content.length} bytes, not 1 to ${most}.`);
    return content;
}

function readDigest(reader: CborReader): string {
    const head = readHead(reader);
    requireThat(head.type === CBOR.text, "FieldInvalid", "digest is not a text.");
    const bytes = readContent(reader, head.argument);
    const digest = asciiOf(bytes);
    requireThat(digest === "SHA384", "FieldInvalid", `digest is ${quoted(bytes)}, not "SHA384".`);
    return digest;
}

function readTimestamp(reader: CborReader): number {
    const { type, argument } = readHead(reader);
    const isTime = type === CBOR.uint && argument > 0 && Number.isSafeInteger(argument);
    requireThat(isTime, "FieldInvalid", "timestamp is not a number from 1 to 2^53 - 1.");
    return argument;
}

function readPcrs(reader: CborReader): Map<number, Uint8Array> {
    const { type, argument: count } = readHead(reader);
    requireThat(type === CBOR.map && count > 0, "FieldInvalid", "pcrs is not a map of registers.");
    const pcrs = new Map<number, Uint8Array>();
    while (pcrs.size < count) {
        const index = readHead(reader);
        const isIndex = index.type === CBOR.uint && index.argument < PCR_COUNT;
        requireThat(isIndex, "FieldInvalid", `A register's index is not a number from 0 to ${PCR_COUNT - 1}.`);
        requireThat(!pcrs.has(index.argument), "CborDuplicateKey", `PCR ${index.argument} is there twice.`);
        const value = readHead(reader);
        requireThat(value.type === CBOR.bytes, "FieldInvalid", `PCR ${index.argument} is no byte string.`);
        const content = readContent(reader, value.argument);
        requireThat(content.length === PCR_BYTES, "FieldInvalid", `PCR ${index.argument} has ${content.length} bytes.`);
        pcrs.set(index.argument, content);
    }
    const hasImage = [0, 1, 2].every((index) => pcrs.has(index));
    requireThat(hasImage, "FieldInvalid", "One of PCR 0, 1 and 2, which measure the image, is not there.");
    return pcrs;
}

function readCabundle(reader: CborReader): Uint8Array[] {
    const { type, argument: count } = readHead(reader);
    const isBundle = type === CBOR.array && count > 0 && count <= MAX_CERTIFICATES;
    requireThat(isBundle, "FieldInvalid", `cabundle is not an array of 1 to ${MAX_CERTIFICATES} certificates.`);
    const wanted = { reader, type: CBOR.bytes, key: "A certificate of cabundle", most: MAX_CERTIFICATE_BYTES };
    return Array.from({ length: count }, () => readString(wanted));
}

/** Reads bytes that the enclave chose, or null. */
function readFree(reader: CborReader, key: string): Uint8Array | undefined {
    const { type, argument } = readHead(reader);
    if (type === CBOR.null) return undefined;
    requireThat(type === CBOR.bytes, "FieldInvalid", `${key} is no byte string.`);
    const content = readContent(reader, argument);
    requireThat(content.length <= MAX_FREE_BYTES, "FieldInvalid", `${key} has ${content.length} bytes.`);
    return content;
}

function missing(name: string): never {
    throw new AttestationFault({ code: "FieldMissing", reason: `There is no ${name}.` });
}
