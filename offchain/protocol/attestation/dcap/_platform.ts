import { bytesToHex, type Hex } from "../../hex.ts";
import { asciiOf } from "../_bytes.ts";
import {
    type DerReader,
    derEnded,
    derReader,
    enter,
    peekTag,
    readElement,
    readUnsigned,
    requireDerEnd,
    TAG,
} from "../_der.ts";
import { AttestationFault, requireThat } from "../_fault.ts";
import type { Certificate } from "../_x509.ts";
import { verifyChain } from "./_certificates.ts";
import { uintOf } from "./_cursor.ts";
import { readPemChain } from "./_pem.ts";
import type { DcapProfile } from "./profile.ts";

/** What Intel certified of a platform, in the extension of its certificate. */
export interface PlatformFacts {
    /** 16 bytes: the one machine. */
    ppid: Uint8Array;
    /** 6 bytes: its model. */
    fmspc: Uint8Array;
    /** 2 bytes. */
    pceId: Uint8Array;
    /** 16 security versions of its parts, 0 to 255 each, and the one of the provisioning enclave. */
    components: number[];
    pceSvn: number;
}

/** A platform whose certificates chain to the root; their dates are not judged yet. */
export interface Platform extends PlatformFacts {
    root: Certificate;
    intermediate: Certificate;
    leaf: Certificate;
}

const SGX_EXTENSION: Hex = "0x2a864886f84d010d01";
const COMPONENTS = 16;
/** Last parts of the identifiers below SGX_EXTENSION, and below its TCB. */
const PART = { ppid: "01", tcb: "02", pceId: "03", fmspc: "04" } as const;
const PCE_SVN = "11";

/** Reads and verifies the PEM chain of a quote: leaf, intermediate, root. */
export function readPlatform({ pem, profile }: { pem: Uint8Array; profile: DcapProfile }): Platform {
    const certificates = readPemChain({ text: asciiOf(pem), code: "QuoteInvalid" });
    requireThat(certificates.length === 3, "QuoteInvalid", `The quote has ${certificates.length} certificates, not 3.`);
    const [root, intermediate, leaf] = verifyChain({ certificates, role: "leaf", profile });
    if (root === undefined || intermediate === undefined || leaf === undefined) {
        throw new AttestationFault({ code: "QuoteInvalid", reason: "The quote's chain is not complete." });
    }
    return { root, intermediate, leaf, ...readSgxExtension(leaf) };
}

/** Reads the SGX extension of a platform's certificate. Fault: DerInvalid. */
export function readSgxExtension({ extensions }: Certificate): PlatformFacts {
    const extension = extensions.all.get(SGX_EXTENSION);
    if (extension === undefined) throw missing("The SGX extension");
    const parts = readParts(derReader(extension.value), SGX_EXTENSION);
    const tcb = readParts(partOf(parts, PART.tcb), `${SGX_EXTENSION}${PART.tcb}`);
    return {
        ppid: readOctets(partOf(parts, PART.ppid), 16),
        fmspc: readOctets(partOf(parts, PART.fmspc), 6),
        pceId: readOctets(partOf(parts, PART.pceId), 2),
        components: Array.from({ length: COMPONENTS }, (_, index) => readSvn(partOf(tcb, hexByte(index + 1)), 1)),
        pceSvn: readSvn(partOf(tcb, PCE_SVN), 2),
    };
}

/** Reads SEQUENCE { SEQUENCE { identifier, value } … } into its values by the last byte of their identifiers. */
function readParts(outer: DerReader, prefix: string): Map<string, Uint8Array> {
    const parts = new Map<string, Uint8Array>();
    const list = enter(outer, TAG.sequence, "The SGX extension");
    requireDerEnd(outer, "The SGX extension");
    while (!derEnded(list)) {
        const pair = enter(list, TAG.sequence, "A part of the SGX extension");
        const id = bytesToHex(readElement(pair, TAG.oid, "A part's identifier").content);
        const last = id.slice(prefix.length);
        requireThat(id.startsWith(prefix) && last.length === 2, "DerInvalid", `${id} is no part of ${prefix}.`);
        requireThat(!parts.has(last), "DerInvalid", `${id} is there twice.`);
        parts.set(last, readElement(pair, peekTag(pair) ?? 0, "A part's value").whole);
        requireDerEnd(pair, "A part of the SGX extension");
    }
    return parts;
}

function partOf(parts: Map<string, Uint8Array>, last: string): DerReader {
    const whole = parts.get(last);
    if (whole === undefined) throw missing(`Part ${last} of the SGX extension`);
    return derReader(whole);
}

function readOctets(reader: DerReader, bytes: number): Uint8Array {
    const { content } = readElement(reader, TAG.octetString, "A part of the SGX extension");
    requireThat(content.length === bytes, "DerInvalid", `A part has ${content.length} bytes, not ${bytes}.`);
    return content;
}

function readSvn(reader: DerReader, bytes: number): number {
    return uintOf(readUnsigned(reader, bytes, "A security version").toReversed());
}

function hexByte(value: number): string {
    return value.toString(16).padStart(2, "0");
}

function missing(what: string): AttestationFault {
    return new AttestationFault({ code: "DerInvalid", reason: `${what} is missing.` });
}
