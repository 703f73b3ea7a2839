/** What Intel says of a platform's patches, and what its rule makes of several of them. */
export type TcbStatus =
    | (typeof PLATFORM_STATUSES)[number]
    | "TDRelaunchAdvised"
    | "TDRelaunchAdvisedConfigurationNeeded";

/** What TCB info may say of a platform. */
export const PLATFORM_STATUSES = [
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "Revoked",
] as const;

/** Statuses that a caller may find good enough; UpToDate always is, and Revoked never. */
export const ALLOWABLE_STATUSES = [
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "TDRelaunchAdvised",
    "TDRelaunchAdvisedConfigurationNeeded",
] as const satisfies readonly TcbStatus[];

/** What it may say of one part of it: a quoting enclave or a TDX module. */
export const PART_STATUSES = ["UpToDate", "OutOfDate", "Revoked"] as const;

export type PartStatus = (typeof PART_STATUSES)[number];

const CONFIGURATION: readonly TcbStatus[] = [
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDateConfigurationNeeded",
];
const OUT_OF_DATE: readonly TcbStatus[] = ["OutOfDate", "OutOfDateConfigurationNeeded"];

/** The status of a platform of which some parts are out of date or revoked. */
export function convergedStatus(platform: TcbStatus, parts: readonly PartStatus[]): TcbStatus {
    if (platform === "Revoked" || parts.includes("Revoked")) return "Revoked";
    if (!parts.includes("OutOfDate")) return platform;
    return CONFIGURATION.includes(platform) ? "OutOfDateConfigurationNeeded" : "OutOfDate";
}

/**
 * The status of a trusted domain that was launched under one TDX module and runs under another: when only the former is
 * out of date, launching it again is enough. Intel's rule, and what the module that it runs under now is worth where that
 * is less: revoked meanwhile, or taken back to an old one.
 */
export function relaunchStatus({ launch, current }: { launch: TcbStatus; current: TcbStatus }): TcbStatus {
    if (current === "Revoked") return "Revoked";
    const needsConfiguration = CONFIGURATION.includes(launch) || CONFIGURATION.includes(current);
    const isLaunchOld = OUT_OF_DATE.includes(launch);
    if (isLaunchOld === OUT_OF_DATE.includes(current) || launch === "Revoked") return launch;
    if (!isLaunchOld) return needsConfiguration ? "OutOfDateConfigurationNeeded" : "OutOfDate";
    return needsConfiguration ? "TDRelaunchAdvisedConfigurationNeeded" : "TDRelaunchAdvised";
}
