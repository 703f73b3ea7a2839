import { isZero } from "../_bytes.ts";
import { AttestationFault, requireThat } from "../_fault.ts";

/** The key that signed a report: the chip's own, or one that AMD lent to a cloud provider. */
export type SigningKey = "VCEK" | "VLEK";

/** One attestation report of SEV-SNP as it stands: nothing of it is shown to be true. Numbers are little-endian in it. */
export interface SnpReport {
    version: number;
    /** Bits: 16 SMT allowed, 18 migration agent allowed, 19 debugging allowed, 21 CXL allowed. */
    policy: bigint;
    /** 0 the most privileged level of the guest, to 3. */
    vmpl: number;
    /** Bit 0 SMT enabled, bit 5 memory was checked for aliases. */
    platformInfo: bigint;
    signingKey: SigningKey;
    /** CPUID; undefined before version 3. */
    cpu: { family: number; model: number } | undefined;
    /** Fields that are bytes, as they stand. */
    bytes: Record<keyof typeof FIELDS, Uint8Array>;
    signed: Uint8Array;
    /** r‖s, big-endian, 48 bytes each. */
    signature: Uint8Array;
}

export const REPORT_BYTES = 1184;
const SIGNED_BYTES = 0x2a0;
/** r and s stand there little-endian in 72 bytes each. */
const NUMBER_BYTES = 72;
const COORDINATE_BYTES = 48;

/** Where the fields of every version are: first byte, length. */
const FIELDS = {
    guestSvn: [0x004, 4],
    policy: [0x008, 8],
    familyId: [0x010, 16],
    imageId: [0x020, 16],
    vmpl: [0x030, 4],
    currentTcb: [0x038, 8],
    reportData: [0x050, 64],
    measurement: [0x090, 48],
    hostData: [0x0c0, 32],
    idKeyDigest: [0x0e0, 48],
    authorKeyDigest: [0x110, 48],
    reportId: [0x140, 32],
    reportedTcb: [0x180, 8],
    chipId: [0x1a0, 64],
    committedTcb: [0x1e0, 8],
    currentFirmware: [0x1e8, 3],
    committedFirmware: [0x1ec, 3],
    launchTcb: [0x1f0, 8],
} as const;

/** Registers of a report and how many bytes each has. */
export const SNP_REGISTERS: Readonly<Record<string, number>> = Object.fromEntries(
    Object.entries(FIELDS).flatMap(([name, [, bytes]]) => (name === "reportData" ? [] : [[name, bytes]])),
);

/** What must be zero, by the first version that gave it a meaning; the end is exclusive. */
const RESERVED: Record<number, readonly (readonly [number, number])[]> = {
    2: [
        [0x188, 0x1a0],
        [0x1f8, 0x2a0],
    ],
    3: [
        [0x18b, 0x1a0],
        [0x1f8, 0x2a0],
    ],
    5: [
        [0x18b, 0x1a0],
        [0x208, 0x2a0],
    ],
};
const ALWAYS_RESERVED = [
    [0x04c, 0x050],
    [0x1eb, 0x1ec],
    [0x1ef, 0x1f0],
    [0x330, REPORT_BYTES],
] as const;

const POLICY_ALWAYS_SET = 1n << 17n;
const POLICY_KNOWN_BITS = 26n;
const SIGNING_KEYS: readonly (SigningKey | undefined)[] = ["VCEK", "VLEK"];

/** Reads a report of 1184 bytes, version 2, 3 or 5; anything that no such report has is ReportInvalid. */
export function readReport(report: Uint8Array): SnpReport {
    requireThat(report.length === REPORT_BYTES, "ReportInvalid", `A report has 1184 bytes, not ${report.length}.`);
    const view = new DataView(report.buffer, report.byteOffset, report.length);
    const version = view.getUint32(0, true);
    const policy = view.getBigUint64(0x008, true);
    const vmpl = view.getUint32(0x030, true);
    const hash = view.getUint32(0x034, true);
    requireReserved(report, version);
    const isPolicy = (policy & POLICY_ALWAYS_SET) !== 0n && policy >> POLICY_KNOWN_BITS === 0n;
    requireThat(
        isPolicy,
        "ReportInvalid",
        `The guest policy 0x${policy.toString(16)} has bits that nobody here knows.`,
    );
    requireThat(vmpl <= 3, "ReportInvalid", `There is no privilege level ${vmpl}.`);
    requireThat(hash === 1, "ReportInvalid", `Signature algorithm ${hash} is not ECDSA on P-384 with SHA-384.`);
    return {
        version,
        policy,
        vmpl,
        platformInfo: view.getBigUint64(0x040, true),
        signingKey: readSigningKey(view.getUint32(0x048, true)),
        cpu: version < 3 ? undefined : { family: view.getUint8(0x188), model: view.getUint8(0x189) },
        bytes: readFields(report),
        signed: report.subarray(0, SIGNED_BYTES),
        signature: readSignature(report),
    };
}

function requireReserved(report: Uint8Array, version: number): void {
    const reserved = RESERVED[version];
    if (reserved === undefined) {
        throw new AttestationFault({
            code: "ReportInvalid",
            reason: `Version ${version} of the report is not 2, 3 or 5.`,
        });
    }
    for (const [start, end] of [...reserved, ...ALWAYS_RESERVED]) {
        const what = `Bytes ${start} to ${end - 1} are reserved in version ${version} and not zero.`;
        requireThat(isZero(report.subarray(start, end)), "ReportInvalid", what);
    }
}

function readSigningKey(flags: number): SigningKey {
    const isKnown = flags >>> 5 === 0;
    const key = SIGNING_KEYS[(flags >>> 2) & 7];
    if (isKnown && key !== undefined) return key;
    throw new AttestationFault({
        code: "ReportInvalid",
        reason: `The flags 0x${flags.toString(16)} name no key that signed.`,
    });
}

function readFields(report: Uint8Array): SnpReport["bytes"] {
    const fields = Object.entries(FIELDS).map(([name, [start, length]]) => [
        name,
        report.subarray(start, start + length),
    ]);
    return Object.fromEntries(fields);
}

function readSignature(report: Uint8Array): Uint8Array {
    const signature = new Uint8Array(2 * COORDINATE_BYTES);
    for (const index of [0, 1]) {
        const start = SIGNED_BYTES + index * NUMBER_BYTES;
        const number = report.subarray(start, start + NUMBER_BYTES);
        const isShort = isZero(number.subarray(COORDINATE_BYTES));
        requireThat(isShort, "ReportInvalid", "A number of the signature has more than 384 bits.");
        signature.set(number.subarray(0, COORDINATE_BYTES).toReversed(), index * COORDINATE_BYTES);
    }
    return signature;
}
