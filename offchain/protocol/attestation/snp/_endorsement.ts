import type { Hex } from "../../hex.ts";
import { bytesToHex } from "../../hex.ts";
import { isZero, sameBytes } from "../_bytes.ts";
import { derReader, readElement, readUnsigned, requireDerEnd, TAG } from "../_der.ts";
import { requireThat } from "../_fault.ts";
import type { AmdCertificate } from "./_certificate.ts";
import type { SigningKey, SnpReport } from "./_report.ts";
import { type AmdProduct, hasKnownParts, productOf, type SnpTcbPart, TCB_LAYOUT, tcbOf } from "./_tcb.ts";

/** Object identifiers (hex of their DER content) of what AMD says of a chip's key, 1.3.6.1.4.1.3704.1.*. */
const HARDWARE_ID: Hex = "0x2b060104019c780104";
const PROVIDER_ID: Hex = "0x2b060104019c780105";
const LEVELS: Record<SnpTcbPart, Hex> = {
    bootloader: "0x2b060104019c78010301",
    tee: "0x2b060104019c78010302",
    snp: "0x2b060104019c78010303",
    microcode: "0x2b060104019c78010308",
    fmc: "0x2b060104019c78010309",
};

/** Whether a certificate is of a key that AMD lent to a provider (VLEK) rather than of a chip's own (VCEK). */
export function signingKeyOf({ extensions: { all } }: AmdCertificate): SigningKey {
    return all.has(PROVIDER_ID) ? "VLEK" : "VCEK";
}

/** Ends the verification with ReportKeyMismatch unless this key signs reports of this chip, product line and reported TCB. */
export function requireEndorsed(parts: { certificate: AmdCertificate; report: SnpReport; product: AmdProduct }): void {
    const { certificate, report, product } = parts;
    const { cpu, bytes } = report;
    if (cpu !== undefined) {
        const isProduct = productOf(cpu) === product;
        const what = `The report is of a processor of family ${cpu.family}, model ${cpu.model}, the key of ${product}.`;
        requireThat(isProduct, "ReportKeyMismatch", what);
    }
    requireLevels({ certificate, product, version: bytes.reportedTcb });
    const id = certificate.extensions.all.get(HARDWARE_ID);
    if (report.signingKey === "VLEK") {
        requireThat(id === undefined, "ReportKeyMismatch", "A provider's key names a chip.");
        return;
    }
    requireThat(id !== undefined, "ReportKeyMismatch", "The certificate does not say whose chip's key it is of.");
    if (isZero(bytes.chipId)) return;
    const chip = paddedChipId(hardwareIdOf(id.value));
    const what = `The report is of chip ${bytesToHex(bytes.chipId)}, the key of ${bytesToHex(chip)}.`;
    requireThat(sameBytes(chip, bytes.chipId), "ReportKeyMismatch", what);
}

/** The chip of a report, as 64 bytes: the one its key is of where the host hides it; undefined with a provider's key. */
export function chipOf({
    certificate,
    report,
}: {
    certificate: AmdCertificate;
    report: SnpReport;
}): Uint8Array | undefined {
    const { chipId } = report.bytes;
    if (!isZero(chipId)) return chipId;
    const id = certificate.extensions.all.get(HARDWARE_ID);
    return id === undefined ? undefined : paddedChipId(hardwareIdOf(id.value));
}

function requireLevels(parts: { certificate: AmdCertificate; product: AmdProduct; version: Uint8Array }): void {
    const { certificate, product, version } = parts;
    requireThat(hasKnownParts({ product, version }), "ReportKeyMismatch", "The reported TCB has parts nobody knows.");
    const reported = new Map(Object.entries(tcbOf({ product, version })));
    for (const [part, id] of Object.entries(LEVELS)) {
        if (!(part in TCB_LAYOUT[product])) continue;
        const level = levelOf(certificate, id);
        const what = `The report has ${part} ${reported.get(part)}, its key is of ${part} ${level ?? "unknown"}.`;
        requireThat(level !== undefined && level === reported.get(part), "ReportKeyMismatch", what);
    }
}

function levelOf({ extensions: { all } }: AmdCertificate, id: Hex): number | undefined {
    const value = all.get(id)?.value;
    if (value === undefined) return undefined;
    const reader = derReader(value);
    const level = readUnsigned(reader, 1, "A patch level").at(-1);
    requireDerEnd(reader, "A patch level");
    return level;
}

/** 64 bytes, from Turin on 8; AMD leaves out the head of the OCTET STRING, which is accepted with it too. */
function hardwareIdOf(value: Uint8Array): Uint8Array {
    if (value.length === 64 || value.length === 8) return value;
    const reader = derReader(value);
    const { content } = readElement(reader, TAG.octetString, "The hardware id");
    requireDerEnd(reader, "The hardware id");
    requireThat(content.length === 64 || content.length === 8, "DerInvalid", "The hardware id is not 8 or 64 bytes.");
    return content;
}

/** In a report 64 bytes are reserved for it. */
function paddedChipId(id: Uint8Array): Uint8Array {
    const chip = new Uint8Array(64);
    chip.set(id);
    return chip;
}
