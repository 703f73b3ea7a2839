import { concat } from "@assay/protocol";
import { cborArray, cborBytes, cborHead, cborMap, cborOptionalBytes, cborText, cborUint } from "./cborWriter.ts";
import type { SigningKey } from "./keys.ts";

/** What a document says. */
export interface NitroFields {
    moduleId: string;
    /** Milliseconds since 1970. */
    timestamp: number;
    /** 48 bytes each, by index. */
    pcrs: readonly (readonly [number, Uint8Array])[];
    /** The leaf, DER. */
    certificate: Uint8Array;
    /** Root first, DER. */
    cabundle: readonly Uint8Array[];
    publicKey?: Uint8Array | undefined;
    userData?: Uint8Array | undefined;
    nonce?: Uint8Array | undefined;
}

/** One entry of the payload's map: its name and its value as written. */
export type PayloadEntry = readonly [name: string, value: Uint8Array];

/** COSE's Sig_structure up to the payload: array(4), "Signature1", the protected header, no external data. */
const SIGNED_HEAD = Uint8Array.from([
    0x84,
    0x6a,
    ...new TextEncoder().encode("Signature1"),
    0x44,
    0xa1,
    0x01,
    0x38,
    0x22,
    0x40,
]);
/** array(4), the protected header {1: -35} = ES384, an empty unprotected header. */
const DOCUMENT_HEAD = Uint8Array.of(0x84, 0x44, 0xa1, 0x01, 0x38, 0x22, 0xa0);
const SIGN1_TAG = Uint8Array.of(0xd2);

/** The entries of the payload in the order that AWS writes them. */
export function nitroEntries(fields: NitroFields): PayloadEntry[] {
    const registers = fields.pcrs.map(([index, value]) => [cborUint(index), cborBytes(value)] as const);
    return [
        ["module_id", cborText(fields.moduleId)],
        ["digest", cborText("SHA384")],
        ["timestamp", cborUint(fields.timestamp)],
        ["pcrs", cborMap(registers)],
        ["certificate", cborBytes(fields.certificate)],
        ["cabundle", cborArray(fields.cabundle.map(cborBytes))],
        ["public_key", cborOptionalBytes(fields.publicKey)],
        ["user_data", cborOptionalBytes(fields.userData)],
        ["nonce", cborOptionalBytes(fields.nonce)],
    ];
}

/** The payload of entries: an indefinite map, as AWS writes it since December 2025, or a definite one, as before. */
export function nitroPayload(entries: readonly PayloadEntry[], { indefinite = true } = {}): Uint8Array {
    return cborMap(
        entries.map(([name, value]) => [cborText(name), value]),
        { indefinite },
    );
}

/** Signs a payload into a COSE_Sign1 document; AWS writes it without the tag. */
export function signNitroPayload(parts: { payload: Uint8Array; key: SigningKey; tagged?: boolean }): Uint8Array {
    const { payload, key, tagged = false } = parts;
    const wrapped = concat(cborHead(2, payload.length, 2), payload);
    const signature = key.sign(concat(SIGNED_HEAD, wrapped));
    const document = concat(DOCUMENT_HEAD, wrapped, cborBytes(signature));
    return tagged ? concat(SIGN1_TAG, document) : document;
}
