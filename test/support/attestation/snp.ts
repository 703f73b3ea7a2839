import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type AmdProduct, type AmdRoot, concat } from "@assay/protocol";
import { derSmall } from "../../../offchain/enclave/simulated/derWriter.ts";
import { type AmdCertificateParts, type AmdExtension, AUTHORITY, amdCertificate } from "./amdCertificate.ts";

/** Inside the validity of every test certificate. */
export const NOW = 1_800_000_000;
const NOT_BEFORE = NOW - 1000;
const NOT_AFTER = NOW + 1000;
const EXTENSION_ROOT = "1.3.6.1.4.1.3704.1";

/** Made once per run: keys of 4096 bits take seconds. */
const keys = new Map<string, KeyObject>();

/** A private key by its name: "leaf…" on P-384, anything else RSA of 4096 bits. */
export function testKey(name: string): KeyObject {
    const known = keys.get(name);
    if (known !== undefined) return known;
    const { privateKey } = name.startsWith("leaf")
        ? generateKeyPairSync("ec", { namedCurve: "P-384" })
        : generateKeyPairSync("rsa", { modulusLength: 4096 });
    keys.set(name, privateKey);
    return privateKey;
}

/** Patch levels as the certificate of a signing key names them. */
export type Levels = { bootloader: number; tee: number; snp: number; microcode: number; fmc?: number };

export const LEVELS: Levels = { bootloader: 4, tee: 0, snp: 24, microcode: 219 };
export const CHIP_ID = Uint8Array.from({ length: 64 }, (_, index) => index + 1);
const LEVEL_IDS: Record<keyof Levels, number> = { bootloader: 1, tee: 2, snp: 3, microcode: 8, fmc: 9 };

/** What AMD says of a key of a chip (VCEK), or with `provider` of one that it lent (VLEK). */
export function endorsement({
    levels = LEVELS,
    chipId = CHIP_ID,
    provider,
}: {
    levels?: Levels;
    chipId?: Uint8Array;
    provider?: string;
} = {}): AmdExtension[] {
    const owner =
        provider === undefined
            ? { id: `${EXTENSION_ROOT}.4`, value: chipId }
            : { id: `${EXTENSION_ROOT}.5`, value: concat(Uint8Array.of(0x16, provider.length), ascii(provider)) };
    const named = Object.entries(levels).map(([part, level]) => ({
        id: `${EXTENSION_ROOT}.3.${new Map(Object.entries(LEVEL_IDS)).get(part)}`,
        value: derSmall(level),
    }));
    return [{ id: `${EXTENSION_ROOT}.1`, value: derSmall(1) }, ...named, owner];
}

const base = { serial: 0, notBefore: NOT_BEFORE, notAfter: NOT_AFTER };

/** Root certificate of a product line of the test authority. */
export function anArk(changes: Partial<AmdCertificateParts> = {}): Uint8Array {
    const key = testKey("ark");
    const name = "ARK-Test";
    return amdCertificate({
        ...{ ...base, serial: 0x010000, subject: name, issuer: name, key, signer: key, extensions: AUTHORITY },
        ...changes,
    });
}

export function anAsk(changes: Partial<AmdCertificateParts> = {}): Uint8Array {
    return amdCertificate({
        ...{ ...base, serial: 0x010001, subject: "SEV-Test", issuer: "ARK-Test", extensions: AUTHORITY },
        ...{ key: testKey("ask"), signer: testKey("ark") },
        ...changes,
    });
}

export function aVcek(changes: Partial<AmdCertificateParts> = {}): Uint8Array {
    return amdCertificate({
        ...{ ...base, subject: "SEV-VCEK", issuer: "SEV-Test", extensions: endorsement() },
        ...{ key: testKey("leaf"), signer: testKey("ask") },
        ...changes,
    });
}

let genuineRoot: Uint8Array | undefined;
let genuineAuthority: Uint8Array | undefined;

/** The roots that test reports are verified against: RSA-PSS is randomised, so its certificates are made once. */
export function testRoots(product: AmdProduct = "Milan", revokedSerials: AmdRoot["revokedSerials"] = []): AmdRoot[] {
    genuineRoot ??= anArk();
    genuineAuthority ??= anAsk();
    return [{ product, ark: genuineRoot, authorities: [genuineAuthority], revokedSerials }];
}

/** Fields of a report that tests change; everything else is zero. */
export type ReportParts = {
    version?: number;
    policy?: bigint;
    vmpl?: number;
    /** Bits 2 to 4: 0 VCEK, 1 VLEK, 7 none. */
    flags?: number;
    tcb?: readonly number[];
    cpu?: readonly [family: number, model: number];
    chipId?: Uint8Array;
    reportData?: Uint8Array;
    measurement?: Uint8Array;
    /** Bytes by offset, written before the report is signed. */
    bytes?: Readonly<Record<number, number>>;
    key?: KeyObject;
};

const MILAN_TCB = [4, 0, 0, 0, 0, 0, 24, 219];
const MILAN_CPU = [0x19, 0x01] as const;

/** A signed report; without changes one of version 3 of a Milan processor that is accepted. */
export function aReport(parts: ReportParts = {}): Uint8Array {
    const { version = 3, policy = 0x30000n, vmpl = 0, flags = 0, tcb = MILAN_TCB, chipId = CHIP_ID } = parts;
    const { reportData = Uint8Array.of(7), measurement = Uint8Array.of(9), cpu = MILAN_CPU, bytes = {} } = parts;
    const report = new Uint8Array(1184);
    const view = new DataView(report.buffer);
    view.setUint32(0x000, version, true);
    view.setBigUint64(0x008, policy, true);
    view.setUint32(0x030, vmpl, true);
    view.setUint32(0x034, 1, true);
    view.setUint32(0x048, flags, true);
    report.set(reportData, 0x050);
    report.set(measurement, 0x090);
    for (const offset of [0x038, 0x180, 0x1e0, 0x1f0]) report.set(tcb, offset);
    if (version > 2) report.set(cpu, 0x188);
    report.set(chipId, 0x1a0);
    for (const [offset, byte] of Object.entries(bytes)) report[Number(offset)] = byte;
    return signReport(report, parts.key ?? testKey("leaf"));
}

/** A copy of a report with the signature of this key. */
export function signReport(report: Uint8Array, key: KeyObject): Uint8Array {
    const signed = Uint8Array.from(report);
    const signature = sign("sha384", signed.subarray(0, 0x2a0), { key, dsaEncoding: "ieee-p1363" });
    signed.fill(0, 0x2a0, 0x330);
    signed.set(Uint8Array.from(signature.subarray(0, 48)).toReversed(), 0x2a0);
    signed.set(Uint8Array.from(signature.subarray(48)).toReversed(), 0x2a0 + 72);
    return signed;
}

/** The table of certificates that follows an extended report. */
export function certificateTable(certificates: readonly Uint8Array[]): Uint8Array {
    const head = new Uint8Array((certificates.length + 1) * 24);
    const view = new DataView(head.buffer);
    let offset = head.length;
    for (const [index, { length }] of certificates.entries()) {
        head.fill(index + 1, index * 24, index * 24 + 16);
        view.setUint32(index * 24 + 16, offset, true);
        view.setUint32(index * 24 + 20, length, true);
        offset += length;
    }
    return concat(head, ...certificates);
}

/** PEM of one certificate. */
export function pem(certificate: Uint8Array): string {
    const lines =
        Buffer.from(certificate)
            .toString("base64")
            .match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

export function ascii(text: string): Uint8Array {
    return new TextEncoder().encode(text);
}
