import { join } from "node:path";
import { type Hex, ProtocolError } from "@assay/protocol";
import type { Chain } from "./chain/chain.ts";
import { checkIdentity } from "./journal/chain.ts";
import type { Database } from "./journal/database.ts";
import type { Settings } from "./settings.ts";

/** Which chain and which executor a journal belongs to. */
export type Identity = { chainId: number; genesis: Hex; hub: Hex; executor: Hex };

/** Asks the endpoint which chain it serves; EXECUTOR_CHAIN_MISMATCH if it is not the deployment's. */
export async function readIdentity({
    chain,
    settings,
    executor,
    signal,
}: {
    chain: Chain;
    settings: Settings;
    executor: Hex;
    signal: AbortSignal;
}): Promise<Identity> {
    const { chainId, contracts } = settings.deployment;
    const served = await chain.chainId({ signal });
    if (served !== chainId) {
        const message = `The endpoint serves chain ${served}, the deployment is of chain ${chainId}.`;
        throw new ProtocolError({ code: "EXECUTOR_CHAIN_MISMATCH", message });
    }
    const first = await chain.header({ at: 0, signal });
    // Another answer for the first block would open another journal, in which everything looks undone.
    if (first?.number !== 0) {
        throw new ProtocolError({
            code: "EXECUTOR_RPC_INVALID",
            message: "The endpoint does not give the first block.",
        });
    }
    return { chainId, genesis: first.hash, hub: contracts.InferenceHub, executor };
}

/** Folder of a journal: a development chain that was started anew has another genesis block, and so a new journal. */
export function journalDirectory({ home, identity }: { home: string; identity: Identity }): string {
    const { chainId, genesis, executor } = identity;
    return join(home, "executor", `${chainId}-${genesis.slice(2, 10)}-${executor.slice(2, 10)}`);
}

/** Refuses a journal that belongs to something else; throws EXECUTOR_CHAIN_MISMATCH. */
export async function claimJournal({ database, identity }: { database: Database; identity: Identity }): Promise<void> {
    const facts = Object.entries(identity).map(([name, value]): [string, string] => [name, String(value)]);
    const difference = await database.transaction((session) => checkIdentity(session, Object.fromEntries(facts)));
    if (difference === undefined) return;
    const message = `The journal belongs to ${difference.name} ${difference.recorded}.`;
    throw new ProtocolError({ code: "EXECUTOR_CHAIN_MISMATCH", message });
}
