import { type Hex, ProtocolError, toHex } from "@assay/protocol";
import { Interface, type Provider } from "ethers";
import { z } from "zod";
import { configRegistryAbi } from "./abi.ts";
import { onChain } from "./chainFault.ts";
import { contractsOf } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import { type ActingOn, mined, type Sent } from "./hub.ts";

/** A name that stands for configurations: everybody's names are their own. */
export type ConfigName = { owner: Hex; name: string };

/** One version of a named configuration, as the chain recorded it. */
export type ConfigRecord = {
    /** From 1, without gaps. */
    version: number;
    /** keccak256(JCS(configuration)). */
    configHash: Hex;
    /** Who published it: the owner, or an editor whom the owner named. */
    author: Hex;
    /** Unix seconds, inclusive; it is in force until the next version is. */
    inForceFrom: number;
    /** Where its author says that it can be read; empty = nowhere, or bytes that are no text. */
    uri: string;
};

type ChainDeps = { provider: Provider; deployment: Deployment };

const CONFIGS = new Interface(configRegistryAbi);
const published = z.object({ version: z.bigint().transform(Number) });

/** A node that is asked for more at once may refuse all of it. */
const VERSIONS_AT_ONCE = 50;

/**
 * Publishes a version of a name of the signer's, or of `owner`, who has named the signer an editor. It is in force from
 * its block on. Throws CONTRACT_REVERTED (ConfigUnchanged, NameInvalid, NotAnEditor).
 */
export async function publishConfig(
    deps: ActingOn,
    { name, configHash, uri = "", owner }: { name: string; configHash: Hex; uri?: string; owner?: Hex | undefined },
): Promise<Sent & ConfigName & { version: number }> {
    const { configs } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
    return onChain(async () => {
        const signer = toHex(await deps.signer.getAddress());
        const isOwn = owner === undefined || owner === signer;
        const response = isOwn
            ? await configs.publish(name, configHash, uri)
            : await configs.publishFor(owner, name, configHash, uri);
        const sent = await mined(deps, response);
        const receipt = await deps.provider.getTransactionReceipt(sent.transactionHash);
        const at = deps.deployment.contracts.ConfigRegistry;
        for (const log of receipt?.logs ?? []) {
            const event = toHex(log.address) === at ? CONFIGS.parseLog(log) : null;
            if (event?.name !== "ConfigPublished") continue;
            const { version } = published.parse(event.args.toObject());
            return { ...sent, owner: owner ?? signer, name, version };
        }
        throw new ProtocolError({
            code: "TRANSACTION_REVERTED",
            message: `${sent.transactionHash} published nothing.`,
        });
    });
}

/**
 * All versions of a name, oldest first (they are only ever added); none of a name that nobody published.
 * @example
 * const versions = await configHistory({ provider, deployment }, { owner: requester, name: "support/answers" });
 */
export async function configHistory(deps: ChainDeps, { owner, name }: ConfigName): Promise<ConfigRecord[]> {
    const { configs } = contractsOf({ deployment: deps.deployment, runner: deps.provider });
    const count = Number(await onChain(() => configs.versionsOf(owner, name)));
    const history: ConfigRecord[] = [];
    while (history.length < count) {
        const more = Math.min(VERSIONS_AT_ONCE, count - history.length);
        const wanted = Array.from({ length: more }, (_, at) => history.length + at + 1);
        history.push(...(await Promise.all(wanted.map((version) => configVersion(deps, { owner, name, version })))));
    }
    return history;
}

/** One version; without a number the newest. Throws CONTRACT_REVERTED (ConfigUnknown, VersionUnknown). */
export async function configVersion(
    { provider, deployment }: ChainDeps,
    { owner, name, version }: ConfigName & { version?: number | undefined },
): Promise<ConfigRecord> {
    if (version === undefined) {
        const newest = await onChain(() => provider.getBlock("latest"));
        return configAt({ provider, deployment }, { owner, name, time: newest?.timestamp ?? 0 });
    }
    const { configs } = contractsOf({ deployment, runner: provider });
    return onChain(async () => recordOf(version, await configs.configOf(owner, name, version)));
}

/**
 * The version that was in force at a time (unix seconds, not in the future); of several in one block the last. Throws
 * CONTRACT_REVERTED (ConfigUnknown, NotInForce).
 */
export async function configAt(
    { provider, deployment }: ChainDeps,
    { owner, name, time }: ConfigName & { time: number },
): Promise<ConfigRecord> {
    const { configs } = contractsOf({ deployment, runner: provider });
    return onChain(async () => {
        const { version, config } = await configs.configAt(owner, name, time);
        return recordOf(Number(version), config);
    });
}

type Recorded = { configHash: string; author: string; inForceFrom: bigint; uri: string };

function recordOf(version: number, recorded: Recorded): ConfigRecord {
    const { configHash, author, inForceFrom } = recorded;
    return {
        version,
        configHash: toHex(configHash, 32),
        author: toHex(author, 20),
        inForceFrom: Number(inForceFrom),
        uri: uriOf(recorded),
    };
}

/** Reading text that is no UTF-8 makes ethers throw. */
function uriOf(recorded: Recorded): string {
    try {
        return recorded.uri;
    } catch {
        return "";
    }
}
