import path from "node:path";
import type { SettingsInput } from "@assay/gateway";
import { toHex } from "@assay/protocol";
import { computeAddress } from "ethers";
import { z } from "zod";
import { homeOf } from "../home.ts";
import { readJson } from "../io/files.ts";
import type { Shell } from "../io/shell.ts";
import { readSecret } from "../keys/secret.ts";
import type { GatewayEnvironment } from "./environment.ts";
import type { GatewayKeys } from "./keys.ts";
import type { GatewayInput } from "./options.ts";

/** Settings of a gateway from its command line, the environment and the files that these name. */
export async function gatewaySettings({
    shell,
    env,
    input,
    keys,
    rpcUrl,
    models,
}: {
    shell: Shell;
    env: GatewayEnvironment;
    input: GatewayInput;
    keys: GatewayKeys;
    rpcUrl: string;
    models: readonly string[];
}): Promise<SettingsInput> {
    const fileOf = (file: string) => path.resolve(shell.cwd, file);
    const { relayerKey, receiptKey, payTo } = keys;
    const prices =
        input.prices === undefined ? env.PRICES : await readJson({ file: fileOf(input.prices), schema: z.json() });
    return {
        port: input.port ?? env.PORT ?? 0,
        rpcUrl,
        ...{ relayerKey, payTo, home: homeOf(shell), models: [...models] },
        isBehindProxy: input.behindProxy,
        registers: input.register,
        isFree: input.free,
        enclaves: input.enclave,
        batch: given({ mostReceipts: input.batchReceipts, ageMs: input.batchAgeMs, idleMs: input.batchIdleMs }),
        limits: given({
            queue: input.queue,
            ratePerMinute: input.ratePerMinute,
            bodyBytes: input.bodyBytes,
            headerBytes: input.headerBytes,
        }),
        ...given({
            host: input.host,
            publicUrl: input.publicUrl,
            deploymentFile: input.deployment === undefined ? undefined : fileOf(input.deployment),
            token: input.token ?? env.TOKEN,
            executor: input.executor,
            receiptKey,
            prices,
            facilitator: input.facilitator ?? env.FACILITATOR_URL,
            retentionSeconds: input.retentionSeconds,
            upstream: await upstreamOf(shell, { env, input }),
            config: configOf({ input, owner: toHex(computeAddress(relayerKey), 20), fileOf }),
        }),
    };
}

/** Keys of others are read from files or the environment only: command lines are seen by everybody. */
async function upstreamOf(shell: Shell, { env, input }: { env: GatewayEnvironment; input: GatewayInput }) {
    const url = input.upstream ?? env.UPSTREAM_URL;
    if (url === undefined) return undefined;
    const { upstreamKeyFile, upstreamModel: models } = input;
    if (upstreamKeyFile === undefined) return { url, models, ...given({ key: env.UPSTREAM_KEY }) };
    const file = path.resolve(shell.cwd, upstreamKeyFile);
    const { value: key } = await readSecret(shell, { file, variable: "", what: "key of the upstream" });
    return { url, models, key };
}

function configOf({
    input: { config, configName, configOwner },
    owner,
    fileOf,
}: {
    input: GatewayInput;
    owner: ReturnType<typeof toHex>;
    fileOf: (file: string) => string;
}) {
    if (config === undefined || configName === undefined) return undefined;
    return { file: fileOf(config), name: configName, owner: configOwner ?? owner };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what was not given, so that defaults take its place. */
function given<T extends object>(members: T): Given<T>;
function given(members: object): object {
    return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
