import { bytesToHex } from "../../hex.ts";
import { isZero, sameBytes } from "../_bytes.ts";
import type { AttestationWarning } from "../verdict.ts";
import type { SnpReport } from "./_report.ts";

/** What the reader of an accepted report must know. */
export function warningsOf({ report, hasMinimum }: { report: SnpReport; hasMinimum: boolean }): AttestationWarning[] {
    const { bytes, policy, platformInfo, signingKey } = report;
    const isFirmwareCommitted =
        sameBytes(bytes.currentTcb, bytes.committedTcb) && sameBytes(bytes.currentFirmware, bytes.committedFirmware);
    const found: [boolean, string, string][] = [
        [
            !hasMinimum,
            "TCB_NOT_CHECKED",
            `No patch level was asked for; the reported TCB is ${bytesToHex(bytes.reportedTcb)}.`,
        ],
        [
            true,
            "REVOCATION_NOT_CHECKED",
            "No current revocation list of AMD was looked at, only what was known at release.",
        ],
        [
            signingKey === "VLEK",
            "PROVIDER_KEY",
            "Signed by a key that AMD lent to the cloud provider, not by the chip's own.",
        ],
        [isZero(bytes.chipId), "CHIP_HIDDEN", "The report does not say of which chip it is."],
        [hasBit(policy, 16n), "SMT_ALLOWED", "The guest may share a core with other threads of the host."],
        [
            hasBit(policy, 18n),
            "MIGRATION_ALLOWED",
            "A migration agent may read the guest's memory and move it elsewhere.",
        ],
        [hasBit(policy, 21n), "CXL_ALLOWED", "The guest's memory may be on CXL devices."],
        [
            !hasBit(platformInfo, 5n),
            "ALIASES_NOT_CHECKED",
            "The firmware does not say that it looked for memory aliases (BadRAM).",
        ],
        [
            !isFirmwareCommitted,
            "FIRMWARE_NOT_COMMITTED",
            "The firmware is provisional: the host can go back to an older one.",
        ],
    ];
    return found.flatMap(([holds, code, text]) => (holds ? [{ code, text }] : []));
}

function hasBit(bits: bigint, index: bigint): boolean {
    return ((bits >> index) & 1n) === 1n;
}
