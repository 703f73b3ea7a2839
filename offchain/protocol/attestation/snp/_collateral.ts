import { z } from "zod";
import { asciiOf, isZero } from "../_bytes.ts";
import { derEnded, derReader, readElement, TAG } from "../_der.ts";
import { AttestationFault, requireThat } from "../_fault.ts";
import { bytesOfBase64, bytesOfHex, pemCertificates } from "../_pem.ts";

/** Of one entry of a certificate table: GUID, offset from the table's start, length. */
const ENTRY_BYTES = 24;
const GUID_BYTES = 16;
/** No host hands out more; AMD's key service knows five kinds. */
const MOST_CERTIFICATES = 32;
const MOST_BYTES = 256 * 1024;
const MOST_DEPTH = 3;
/** SEQUENCE with a length of two bytes, as every certificate of AMD begins. */
const DER_HEAD = "\x30\x82";

const json = z.json();
type Json = z.output<typeof json>;

/**
 * All certificates (DER) of a collateral file, whatever they are called there: JSON with strings such as {vcek, ask, ark}
 * (PEM, base64 or hex), PEM in any order, DER one after another, hex or base64 of DER, or the certificate table of an
 * extended report. Fault: CollateralInvalid.
 */
export function certificatesOf(collateral: Uint8Array): Uint8Array[] {
    const isShort = collateral.length <= MOST_BYTES;
    requireThat(isShort, "CollateralInvalid", `The collateral has ${collateral.length} bytes.`);
    const text = asciiOf(collateral);
    const found = text.startsWith(DER_HEAD)
        ? splitDer(collateral)
        : (certificatesOfText(text) ?? readTable(collateral));
    requireThat(found.length > 0, "CollateralInvalid", "The collateral holds no certificate.");
    requireFew(found);
    return found;
}

/** The certificates of the table that follows an extended report; entries of other kinds are passed over. Fault: CollateralInvalid. */
export function readTable(table: Uint8Array): Uint8Array[] {
    const view = new DataView(table.buffer, table.byteOffset, table.length);
    const found: Uint8Array[] = [];
    for (let position = 0; position + ENTRY_BYTES <= table.length; position += ENTRY_BYTES) {
        if (isZero(table.subarray(position, position + ENTRY_BYTES))) return found;
        const start = view.getUint32(position + GUID_BYTES, true);
        const end = start + view.getUint32(position + GUID_BYTES + 4, true);
        requireThat(end <= table.length, "CollateralInvalid", "An entry of the certificate table lies beyond its end.");
        const entry = table.subarray(start, end);
        if (asciiOf(entry.subarray(0, 2)) === DER_HEAD) found.push(...splitDer(entry));
        requireFew(found);
    }
    throw new AttestationFault({ code: "CollateralInvalid", reason: "The collateral is in no form that is known." });
}

/** undefined = this is no text that could hold certificates. */
function certificatesOfText(text: string): Uint8Array[] | undefined {
    if (text.includes("-----BEGIN CERTIFICATE-----") && !/^\s*[[{"]/.test(text)) return pemCertificates(text);
    const bytes = bytesOfHex(text) ?? bytesOfBase64(text);
    if (bytes !== undefined) return asciiOf(bytes.subarray(0, 2)) === DER_HEAD ? splitDer(bytes) : undefined;
    return /^\s*[[{"]/.test(text) ? certificatesOfJson(text) : undefined;
}

function certificatesOfJson(text: string): Uint8Array[] {
    try {
        return stringsOf(json.parse(JSON.parse(text)), MOST_DEPTH).flatMap((value) => {
            const found = value.includes("-----BEGIN") ? pemCertificates(value) : certificatesOfText(value);
            return found ?? [];
        });
    } catch (error) {
        if (error instanceof AttestationFault) throw error;
        throw new AttestationFault({ code: "CollateralInvalid", reason: "The collateral is no JSON of certificates." });
    }
}

function stringsOf(value: Json, depth: number): string[] {
    if (typeof value === "string") return [value];
    if (typeof value !== "object" || value === null) return [];
    requireThat(depth > 0, "CollateralInvalid", "The collateral's JSON is too deep.");
    return Object.values(value).flatMap((inner) => stringsOf(inner, depth - 1));
}

function splitDer(bytes: Uint8Array): Uint8Array[] {
    const reader = derReader(bytes);
    const found: Uint8Array[] = [];
    while (!derEnded(reader)) {
        found.push(readElement(reader, TAG.sequence, "The collateral").whole);
        requireFew(found);
    }
    return found;
}

function requireFew({ length }: Uint8Array[]): void {
    requireThat(
        length <= MOST_CERTIFICATES,
        "CollateralInvalid",
        `The collateral holds more than ${MOST_CERTIFICATES} certificates.`,
    );
}
