import { type Hex, ProtocolError } from "@assay/protocol";
import type { Deployment } from "@assay/sdk";
import type { Wallet } from "ethers";
import type { Offer } from "../../core/admit.ts";
import type { Head } from "../../core/state.ts";
import type { Chain, Header } from "../chain/chain.ts";
import type { Registries } from "../chain/registries.ts";
import type { Enclaves } from "../enclaves/enclaves.ts";
import { findHead } from "../journal/chain.ts";
import type { Database } from "../journal/database.ts";
import { type DatedStatement, findOutput, findStatement, type Output } from "../journal/evidence.ts";
import { findRequest, type JournalledRequest } from "../journal/requests.ts";
import type { Models } from "../models/models.ts";

/** What steps work with. */
export type Context = {
    database: Database;
    chain: Chain;
    registries: Registries;
    models: Models;
    /** The enclaves that this executor operates. */
    enclaves: Enclaves;
    deployment: Deployment;
    offer: Offer;
    /** Sends transactions and is paid; its address is the executor. */
    operator: Wallet;
    /** Signs statements. */
    signer: Wallet;
    /** Seconds that a proof takes here, with those that wait before it. */
    secondsToProve: () => number;
    /** Seconds from evidence to a recorded delivery: one block and one poll. */
    secondsToDeliver: number;
    /** Folder in which copies of receipts are kept. */
    home: string;
    /** Hosts from which inputs are fetched, and how. */
    inputHosts: readonly string[];
    fetch: typeof fetch;
    /** No transaction is offered at more than this. */
    maxFeePerGasWei: bigint;
};

/** A request with everything that was made for it so far. */
export type Dossier = JournalledRequest & { output: Output; dated: DatedStatement };

/** The request of a step; it was journalled before any step was due. */
export async function requestOf({ database }: Pick<Context, "database">, requestId: Hex): Promise<JournalledRequest> {
    const found = await findRequest(database, requestId);
    return found ?? missing(`request ${requestId}`);
}

/** The request of a step that works on a dated output. */
export async function dossierOf({ database }: Pick<Context, "database">, requestId: Hex): Promise<Dossier> {
    const request = await requestOf({ database }, requestId);
    const output = (await findOutput(database, requestId)) ?? missing(`output of ${requestId}`);
    const dated = (await findStatement(database, requestId)) ?? missing(`statement of ${requestId}`);
    return { ...request, output, dated };
}

/** The newest block that was dealt with. */
export async function headOf({ database }: Pick<Context, "database">): Promise<Head> {
    return (await findHead(database)) ?? missing("head");
}

/** The newest block there is: the only clock that statements are dated by. */
export async function newestBlock(
    { chain }: Pick<Context, "chain">,
    { signal }: { signal: AbortSignal },
): Promise<Header> {
    const latest = await chain.header({ at: "latest", signal });
    if (latest !== undefined) return latest;
    throw new ProtocolError({ code: "EXECUTOR_RPC_INVALID", message: "There is no newest block." });
}

function missing(what: string): never {
    throw new ProtocolError({ code: "EXECUTOR_JOURNAL_INVALID", message: `The journal has no ${what}.` });
}
