import { bytesToHex, type Hex } from "../../hex.ts";
import { isZero } from "../_bytes.ts";
import { requireThat } from "../_fault.ts";
import type { Attestation, AttestationWarning } from "../verdict.ts";
import { fieldOf, type Report } from "./_layouts.ts";
import type { TcbVerdict } from "./_tcb.ts";

/** Which platforms that are not up to date are good enough. */
export interface TcbAllowance {
    /** Statuses by Intel's names; UpToDate always is, Revoked never. */
    statuses: readonly string[];
    /** Advisories that do not concern the caller: every one of a platform must be here, unless "any". */
    advisories: readonly string[] | "any";
}

/** Registers that must have exactly these values, by name. */
export type ExpectedRegisters = Readonly<Record<string, Hex>>;

/** Bits of an SGX enclave's attributes. */
const SGX_DEBUG = 1;

/** Bits of a trusted domain's attributes: the whole first byte is for debugging and profiling. */
const TD_DEBUG_BITS = 8;
const SEPT_VE_DISABLE = 28;
/** Features of the domain's own processor that tell nobody outside anything: LASS, PKS, KL, PERFMON. */
const TD_HARMLESS = [27, 30, 31, 63];

/** Ends with DebugEnclave when whoever runs the machine can read the enclave. */
export function requireNoDebug(report: Report): void {
    const isDebug =
        report.layout.kind === "sgx"
            ? hasBit(fieldOf(report, "attributes"), SGX_DEBUG)
            : bitsOf(fieldOf(report, "tdAttributes")).some((bit) => bit < TD_DEBUG_BITS);
    requireThat(!isDebug, "DebugEnclave", "The enclave may be debugged from outside.");
}

/**
 * Ends with PlatformConfigInvalid unless a trusted domain runs under Intel's module, cannot be moved to another machine,
 * and cannot be made to fault on its own memory. A service domain must be expected by name, and so must tdAttributes
 * where that last protection is off, as on some clouds whose guests cannot do with it.
 */
export function requireConfiguration(report: Report, expect: ExpectedRegisters): void {
    if (report.layout.kind === "sgx") return;
    const code = "PlatformConfigInvalid";
    const isIntelModule = isZero(fieldOf(report, "mrSignerSeam")) && isZero(fieldOf(report, "seamAttributes"));
    requireThat(isIntelModule, code, "The TDX module is not one of Intel for production.");
    const attributes = fieldOf(report, "tdAttributes");
    const isOwnFault = hasBit(attributes, SEPT_VE_DISABLE) || expect.tdAttributes !== undefined;
    requireThat(
        isOwnFault,
        code,
        `The domain can be made to fault on its own memory; tdAttributes ${bytesToHex(attributes)} must be expected by value.`,
    );
    const others = bitsOf(attributes).filter((bit) => bit !== SEPT_VE_DISABLE && !TD_HARMLESS.includes(bit));
    requireThat(
        others.length === 0,
        code,
        `The domain has attributes that are not allowed: bits ${others.join(", ")}.`,
    );
    const isAlone = isZero(fieldOf(report, "mrServiceTd")) || expect.mrServiceTd !== undefined;
    requireThat(isAlone, code, "The domain is bound to a service domain that nobody expected (mrServiceTd).");
}

/** Ends with TcbStatusNotAllowed unless the platform's patches are good enough for the caller. */
export function requireAllowedTcb({ status, advisories }: TcbVerdict, allow: TcbAllowance): AttestationWarning[] {
    if (status === "UpToDate") return [];
    const code = "TcbStatusNotAllowed";
    requireThat(status !== "Revoked", code, "The platform is Revoked, which never is allowed.");
    const concerns = advisories.filter((id) => allow.advisories !== "any" && !allow.advisories.includes(id));
    const named = concerns.join(", ");
    const rest = named === "" ? "this status was not allowed." : `neither this status nor ${named} was allowed.`;
    requireThat(allow.statuses.includes(status), code, `The platform is ${status}: ${rest}`);
    requireThat(named === "", code, `The platform is ${status}, which was allowed, but not ${named}.`);
    const text = `The platform's status is ${status} (${advisories.join(", ") || "no advisories"}), which was allowed.`;
    return [{ code: "TCB_NOT_UP_TO_DATE", text }];
}

/** Ends with MeasurementNotAllowed unless every expected register is there with its value. */
export function requireExpected({ registers }: Attestation, expect: ExpectedRegisters): void {
    for (const [name, wanted] of Object.entries(expect)) {
        const found = Object.hasOwn(registers, name) ? registers[name] : undefined;
        const isExpected = found === wanted.toLowerCase();
        requireThat(
            isExpected,
            "MeasurementNotAllowed",
            `${name} is ${found ?? "not in the document"}, not ${wanted}.`,
        );
    }
}

function bitsOf(attributes: Uint8Array): number[] {
    return Array.from({ length: 8 * attributes.length }, (_, bit) => bit).filter((bit) => hasBit(attributes, bit));
}

function hasBit(attributes: Uint8Array, bit: number): boolean {
    return ((attributes[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}
