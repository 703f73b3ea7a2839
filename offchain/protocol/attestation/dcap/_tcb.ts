import { bytesOf, sameBytes } from "../_bytes.ts";
import { AttestationFault, requireThat } from "../_fault.ts";
import { uintOf } from "./_cursor.ts";
import { fieldOf, type Report } from "./_layouts.ts";
import type { PlatformFacts } from "./_platform.ts";
import { convergedStatus, relaunchStatus, type TcbStatus } from "./_statuses.ts";
import type { PartLevels, QeIdentity, TcbInfo, TcbLevel } from "./_tcbInfo.ts";

/** What a platform's patches are worth. */
export interface TcbVerdict {
    status: TcbStatus;
    /** Intel's advisories that concern it, each once. */
    advisories: string[];
}

/** What the patch level of a quote is judged by. */
export interface TcbInputs {
    report: Report;
    qeReport: Report;
    platform: PlatformFacts;
    tcbInfo: TcbInfo;
    qeIdentity: QeIdentity;
}

/** Among the security versions of a domain: the TDX module's own one, and its major version, which names its identity. */
const MODULE_SVN = 0;
const MODULE_VERSION = 1;

/**
 * Finds the patch level of a platform by the rule of Intel's quote verification library: the first level that nothing of
 * the platform is below, made worse by the levels of quoting enclave and TDX module. A domain of TDX 1.5 is judged by
 * the module that launched it and by the one that it runs under. Faults: TcbLevelUnknown, CollateralMismatch.
 */
export function evaluateTcb(inputs: TcbInputs): TcbVerdict {
    const { report } = inputs;
    if (report.layout.kind === "sgx") return evaluate(inputs, undefined);
    const launch = evaluate(inputs, fieldOf(report, "teeTcbSvn"));
    const later = fieldOf(report, "teeTcbSvn2");
    if (later.length === 0) return launch;
    const current = evaluate(inputs, later);
    return {
        status: relaunchStatus({ launch: launch.status, current: current.status }),
        advisories: unique([...launch.advisories, ...current.advisories]),
    };
}

function evaluate(inputs: TcbInputs, svns: Uint8Array | undefined): TcbVerdict {
    const { qeReport, platform, tcbInfo, qeIdentity } = inputs;
    const level = tcbInfo.tcbLevels.find(({ tcb }) => isReached({ tcb, platform, svns }));
    if (level === undefined) throw unknownLevel("platform");
    const qeSvn = uintOf(fieldOf(qeReport, "isvSvn"));
    const parts = [partLevel({ levels: qeIdentity.tcbLevels, svn: qeSvn, what: "quoting enclave" })];
    if (svns !== undefined) parts.push(...moduleLevels(inputs, svns));
    const partStatuses = parts.map(({ tcbStatus }) => tcbStatus);
    return {
        status: convergedStatus(level.tcbStatus, partStatuses),
        advisories: unique([level, ...parts].flatMap(({ advisoryIDs }) => advisoryIDs)),
    };
}

/** Whether no part of the platform is below the level. */
function isReached({
    tcb,
    platform,
    svns,
}: {
    tcb: TcbLevel["tcb"];
    platform: PlatformFacts;
    svns: Uint8Array | undefined;
}): boolean {
    const isSgxReached = tcb.sgx.every((least, index) => (platform.components[index] ?? -1) >= least);
    if (!isSgxReached || platform.pceSvn < tcb.pceSvn) return false;
    if (svns === undefined) return true;
    // From version 1 on a TDX module has an identity of its own, whose levels judge the first two.
    const first = svns[MODULE_VERSION] === 0 ? 0 : 2;
    return tcb.tdx?.every((least, index) => index < first || (svns[index] ?? -1) >= least) ?? false;
}

/** The level of the TDX module by its own identity; none for modules that are judged with the platform. */
function moduleLevels({ report, tcbInfo }: TcbInputs, svns: Uint8Array): PartLevels {
    const version = svns[MODULE_VERSION] ?? 0;
    const id = `TDX_${version.toString(16).padStart(2, "0").toUpperCase()}`;
    const identity = tcbInfo.tdxModuleIdentities.find((candidate) => candidate.id === id);
    if (version !== 0 && identity === undefined) throw unknownLevel(`TDX module ${id}`);
    const signer = version === 0 ? tcbInfo.tdxModule : identity;
    const isExpected =
        signer !== undefined &&
        sameBytes(fieldOf(report, "mrSignerSeam"), bytesOf(signer.mrsigner)) &&
        isMasked(fieldOf(report, "seamAttributes"), signer);
    requireThat(isExpected, "CollateralMismatch", "The collateral names another TDX module than the quote.");
    if (version === 0 || identity === undefined) return [];
    return [partLevel({ levels: identity.tcbLevels, svn: svns[MODULE_SVN] ?? 0, what: `TDX module ${id}` })];
}

function partLevel({ levels, svn, what }: { levels: PartLevels; svn: number; what: string }): PartLevels[number] {
    const level = levels.find(({ tcb }) => svn >= tcb.isvsvn);
    if (level === undefined) throw unknownLevel(`${what} of security version ${svn}`);
    return level;
}

/** Whether the attributes are, where the mask has ones, what Intel says; where it has none Intel says zero. */
export function isMasked(
    attributes: Uint8Array,
    { attributes: wanted, attributesMask }: { attributes: string; attributesMask: string },
): boolean {
    const mask = bytesOf(attributesMask);
    return sameBytes(
        attributes.map((byte, index) => byte & (mask[index] ?? 0)),
        bytesOf(wanted),
    );
}

function unique(list: readonly string[]): string[] {
    return [...new Set(list)];
}

function unknownLevel(what: string): AttestationFault {
    return new AttestationFault({ code: "TcbLevelUnknown", reason: `No patch level fits the ${what}.` });
}
