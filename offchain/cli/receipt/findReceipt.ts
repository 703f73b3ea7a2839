import path from "node:path";
import { type Hex, isHex, parseReceipt, type Receipt, toHex, type Verdict, verifyReceipt } from "@assay/protocol";
import { readChainState, receiptFromChain } from "@assay/sdk";
import { z } from "zod";
import { type ChainChoice, openChain } from "../chain/openChain.ts";
import { readJson } from "../io/files.ts";
import type { Shell } from "../io/shell.ts";

/** A receipt and, when a node was asked, the verdict that takes the chain into account. */
export type Judged = { receipt: Receipt; verdict: Verdict };

/** The receipt of a requestId, built from the chain, or of a file. */
export async function findReceipt(
    shell: Shell,
    { source, ...chain }: { source: string } & ChainChoice,
): Promise<Receipt> {
    const requestId = requestIdOf(source);
    if (requestId === undefined) return readReceiptFile(path.resolve(shell.cwd, source));
    return receiptFromChain({ ...(await openChain(shell, chain)), requestId });
}

/**
 * Judges a receipt. One that is built from the chain is checked against it; a file by itself, unless a node is named:
 * what only a node can say is then listed as claimed.
 */
export async function judgeReceipt(
    shell: Shell,
    { source, ...choice }: { source: string } & ChainChoice,
): Promise<Judged> {
    const isOffline = requestIdOf(source) === undefined && choice.rpc === undefined && choice.deployment === undefined;
    const receipt = await findReceipt(shell, { source, ...choice });
    if (isOffline) return { receipt, verdict: verifyReceipt({ receipt }) };
    const chain = await openChain(shell, choice);
    return { receipt, verdict: verifyReceipt({ receipt, chainState: await readChainState(chain, receipt) }) };
}

function requestIdOf(source: string): Hex | undefined {
    return isHex(source, 32) ? toHex(source) : undefined;
}

async function readReceiptFile(file: string): Promise<Receipt> {
    return parseReceipt(await readJson({ file, schema: z.unknown() }));
}
