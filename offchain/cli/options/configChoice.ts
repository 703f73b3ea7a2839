import { type Hex, ZERO_BYTES32 } from "@assay/protocol";
import { type ConfigName, configVersion, type Deployment } from "@assay/sdk";
import type { Provider } from "ethers";
import { z } from "zod";
import { address, count, hash32 } from "../values.ts";
import type { OptionSpec } from "../verb.ts";

const VERSION_AT_END = /^(.+)@(\d+)$/s;

/** OWNER/NAME, or OWNER/NAME@VERSION; the name itself may have slashes in it. */
const namedConfig = z.string().transform((text, context): ConfigName & { version?: number } => {
    const slash = text.indexOf("/");
    const owner = address.safeParse(text.slice(0, Math.max(slash, 0)));
    const [, head, digits] = VERSION_AT_END.exec(text.slice(slash + 1)) ?? [];
    const version = digits === undefined ? undefined : count.safeParse(digits);
    const name = head ?? text.slice(slash + 1);
    if (slash === -1 || !owner.success || name === "" || version?.success === false) {
        context.addIssue({ code: "custom", message: "not OWNER/NAME, OWNER/NAME@VERSION or a configHash" });
        return z.NEVER;
    }
    return { owner: owner.data, name, ...(version === undefined ? {} : { version: version.data }) };
});

/** Which configuration a request pins. */
export const configOptions: readonly OptionSpec[] = [
    {
        flags: "--config <owner/name>",
        about: "configuration that must be in force: OWNER/NAME (its newest version), OWNER/NAME@VERSION or its hash",
    },
    { flags: "--config-hash <hash>", about: "the same by its hash alone" },
];

/** What `configOptions` are parsed into. */
export const configShape = {
    config: z.union([hash32, namedConfig], "not OWNER/NAME, OWNER/NAME@VERSION or a configHash").optional(),
    configHash: hash32.optional(),
};

type ConfigChoice = { [K in keyof typeof configShape]?: z.output<(typeof configShape)[K]> };

/** One of both says it. */
export const ONE_CONFIG = [
    ({ config, configHash }: ConfigChoice): boolean => config === undefined || configHash === undefined,
    { message: "--config and --config-hash say the same thing: give one of them" },
] as const;

/** What was pinned; a name only where one was given. */
export type PinnedConfig = { configHash: Hex; pinned?: ConfigName & { version: number } };

/** The hash that a choice stands for: a name is looked up now, and later versions change nothing. */
export async function pinnedConfig(
    chain: { provider: Provider; deployment: Deployment },
    { config, configHash }: ConfigChoice,
): Promise<PinnedConfig> {
    if (typeof config !== "object") return { configHash: config ?? configHash ?? ZERO_BYTES32 };
    const record = await configVersion(chain, config);
    return { configHash: record.configHash, pinned: { ...config, version: record.version } };
}

/** The line of a report that names what was pinned. */
export function pinnedRows({ configHash, pinned }: PinnedConfig): [name: string, value: string][] {
    if (configHash === ZERO_BYTES32) return [];
    const named: [string, string][] =
        pinned === undefined ? [] : [["configuration", `${pinned.owner}/${pinned.name}@${pinned.version}`]];
    return [...named, ["configHash", configHash]];
}
