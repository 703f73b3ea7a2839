import path from "node:path";
import {
    type Hex,
    isHex,
    isProtocolError,
    openingSchema,
    openReceipt,
    ProtocolError,
    type Receipt,
    toHex,
    type Verdict,
    verifyReceipt,
} from "@assay/protocol";
import { agreedChainState, readChainState, receiptFromChain, type Said } from "@assay/sdk";
import { z } from "zod";
import { type ChainChoice, type OpenChain, openChain, rpcUrlOf } from "../chain/openChain.ts";
import { homeOf } from "../home.ts";
import { readJson } from "../io/files.ts";
import type { Shell } from "../io/shell.ts";
import { receiptIn } from "./_receiptIn.ts";

/** Why the chain alone may not give a receipt that exists. */
const ELSEWHERE = ["REQUEST_UNKNOWN", "EVIDENCE_NOT_IN_CALLDATA"] as const;

type Source = { source: string; opening?: string | undefined } & ChainChoice;

/**
 * The receipt of a requestId (built from the chain, else the copy that an executor of this home kept), or of a file, which
 * may be a gateway's answer; with an opening file, opened.
 */
export async function findReceipt(shell: Shell, { opening, ...source }: Source): Promise<Receipt> {
    const receipt = await closedReceipt(shell, source);
    if (opening === undefined) return receipt;
    const file = path.resolve(shell.cwd, opening);
    return openReceipt({ receipt, opening: await readJson({ file, schema: openingSchema }) });
}

async function closedReceipt(shell: Shell, { source, ...chain }: Omit<Source, "opening">): Promise<Receipt> {
    const requestId = requestIdOf(source);
    if (requestId === undefined) {
        const file = path.resolve(shell.cwd, source);
        return receiptIn({ file, value: await readJson({ file, schema: z.unknown() }) });
    }
    try {
        return await receiptFromChain({ ...(await openTrusted(shell, chain)), requestId });
    } catch (fault) {
        // A pull request is not the hub's: its evidence waits here for whoever brings it to its consumer. And a
        // delivery through a contract that put the call together itself leaves no evidence in any calldata.
        const isElsewhere = ELSEWHERE.some((code) => isProtocolError(fault, code));
        const kept = isElsewhere ? await keptReceipt(shell, requestId) : undefined;
        if (kept === undefined) throw fault;
        return kept;
    }
}

/**
 * Judges a receipt. One that is found by its id is checked against the chain; a file by itself, unless nodes or a
 * deployment are named: what only a node can say is then listed as claimed. Of several nodes all have to say the same:
 * throws RECEIPT_NODES_DISAGREE.
 */
export async function judgeReceipt(
    shell: Shell,
    { rpc: nodes, ...source }: Omit<Source, "rpc"> & { rpc?: readonly string[] | undefined },
): Promise<{ receipt: Receipt; verdict: Verdict }> {
    const isFile = requestIdOf(source.source) === undefined;
    const receipt = await findReceipt(shell, { ...source, rpc: nodes?.[0] });
    if (isFile && nodes === undefined && source.deployment === undefined) {
        return { receipt, verdict: verifyReceipt({ receipt }) };
    }
    const [first, ...others] = nodes ?? [];
    const chainState = agreedChainState([
        await saidBy(shell, { receipt, rpc: first, deployment: source.deployment, place: 1 }),
        ...(await Promise.all(
            others.map((rpc, at) => saidBy(shell, { receipt, rpc, deployment: source.deployment, place: at + 2 })),
        )),
    ]);
    return { receipt, verdict: verifyReceipt({ receipt, chainState }) };
}

/** What one node says of a receipt. URLs of nodes often carry a key: only host and place are told. */
async function saidBy(
    shell: Shell,
    { receipt, place, ...choice }: ChainChoice & { receipt: Receipt; place: number },
): Promise<Said> {
    const chain = await openTrusted(shell, choice);
    const { origin } = new URL(rpcUrlOf(shell, choice));
    return { url: `${origin} (node ${place})`, chainState: await readChainState(chain, receipt) };
}

/** The contracts that a receipt is held against are its reader's choice, never the receipt's. */
async function openTrusted(shell: Shell, choice: ChainChoice): Promise<OpenChain> {
    return openChain(shell, choice).catch((cause: unknown) => {
        if (!isProtocolError(cause, "DEPLOYMENT_MISSING") || choice.deployment !== undefined) throw cause;
        throw new ProtocolError({ code: "RECEIPT_DEPLOYMENT_MISSING", cause });
    });
}

function requestIdOf(source: string): Hex | undefined {
    return isHex(source, 32) ? toHex(source) : undefined;
}

async function keptReceipt(shell: Shell, requestId: Hex): Promise<Receipt | undefined> {
    const { readReceiptFile } = await import("@assay/executor");
    return readReceiptFile({ home: homeOf(shell), requestId });
}
