import { bytesToHex, type Hex, toHex } from "@assay/protocol";
import type { Wallet } from "ethers";
import type { Logger } from "pino";
import { priceFor, raised } from "../../core/fees.ts";
import { type OpenNonce, stepForNonce } from "../../core/nonce.ts";
import type { Chain, Header } from "../chain/chain.ts";
import { RpcRefusal } from "../chain/rpc.ts";
import type { CrashPoint } from "../crash.ts";
import type { Database } from "../journal/database.ts";
import { findState } from "../journal/requests.ts";
import { insertTransaction, type JournalledTransaction, openTransactions } from "../journal/transactions.ts";
import type { ResolveNonce } from "./resolve.ts";
import { callOf, signTransaction } from "./sign.ts";

/** Gas of a transaction that does nothing. */
const PLAIN_GAS = 21_000n;

type Deps = {
    chain: Chain;
    chainId: number;
    database: Database;
    operator: Wallet;
    maxFeePerGasWei: bigint;
    resolve: ResolveNonce;
    crash: CrashPoint;
    /** Refusals that were logged: the same transaction is offered again with every poll. */
    refused: Set<string>;
    log: Logger;
};

/** A nonce and what was signed for it, the dearest last. */
type Slot = { open: OpenNonce; transactions: readonly [JournalledTransaction, ...JournalledTransaction[]] };

/** Sees to it that every nonce we signed for is used up in the end: sends, raises, replaces, and finds out by what. */
export function createTender(parts: Omit<Deps, "refused">): (call: { signal: AbortSignal }) => Promise<void> {
    const deps = { ...parts, refused: new Set<string>() };
    return ({ signal }) => tendNonces(deps, { signal });
}

async function tendNonces(deps: Deps, { signal }: { signal: AbortSignal }): Promise<void> {
    const { chain, database, operator } = deps;
    const slots = await openSlots({ database });
    if (slots.length === 0) return;
    const nextNonce = await chain.nextNonce({ account: toHex(operator.address), signal });
    const latest = await chain.header({ at: "latest", signal });
    if (latest === undefined) return;
    for (const [index, slot] of slots.entries()) {
        const dearest = dearestOf(slot);
        const known = nextNonce <= slot.open.nonce && (await chain.knows({ hash: dearest.hash, signal }));
        const facts = { nextNonce, headNumber: latest.number, baseFeeWei: latest.baseFeeWei, known };
        const othersWait = index < slots.length - 1;
        const step = stepForNonce({ open: slot.open, facts: { ...facts, othersWait } });
        if (step.kind === "resolve") await deps.resolve({ transactions: slot.transactions, latest, signal });
        else if (step.kind === "send") await send(deps, { transaction: dearest, signal });
        else if (step.kind === "raise")
            await replace(deps, { slot, latest, call: callOf(bytesToHex(dearest.raw)), signal });
        else if (step.kind === "fill") await replace(deps, { slot, latest, call: undefined, signal });
    }
}

async function openSlots({ database }: { database: Database }): Promise<Slot[]> {
    const byNonce = new Map<number, JournalledTransaction[]>();
    const newest = new Map<Hex, number>();
    for (const transaction of await openTransactions(database)) {
        const { nonce, requestId } = transaction;
        byNonce.set(nonce, [...(byNonce.get(nonce) ?? []), transaction]);
        if (requestId !== undefined) newest.set(requestId, Math.max(nonce, newest.get(requestId) ?? 0));
    }
    const slots: Slot[] = [];
    for (const [nonce, transactions] of byNonce) {
        const [first, ...rest] = transactions;
        if (first === undefined) continue;
        const requestId = transactions.find((one) => one.requestId !== undefined)?.requestId;
        const latest = requestId !== undefined && newest.get(requestId) === nonce;
        const wanted = latest && (await isWanted({ database, requestId }));
        const signed = transactions.map(({ hash, requestId, maxFeeWei, tipWei, madeAtBlock }) => {
            return { hash, delivers: requestId !== undefined, price: { maxFeeWei, tipWei }, madeAtBlock };
        });
        slots.push({ open: { nonce, wanted, transactions: signed }, transactions: [first, ...rest] });
    }
    return slots;
}

/** Whether the delivery of a request is still needed. */
async function isWanted({ database, requestId }: { database: Database; requestId: Hex }): Promise<boolean> {
    const state = await findState(database, requestId);
    return state?.stage === "await" && state.included !== undefined && state.settlement === undefined;
}

/** What the node answers is only logged: a refusal may mean that it has the transaction already. */
async function send(
    { chain, crash, refused, log }: Deps,
    { transaction, signal }: { transaction: JournalledTransaction; signal: AbortSignal },
): Promise<void> {
    const { hash, nonce, requestId } = transaction;
    crash("broadcast.before");
    try {
        await chain.send({ raw: bytesToHex(transaction.raw), signal });
        log.info({ txHash: hash, nonce, requestId }, "transaction sent");
    } catch (error) {
        if (!(error instanceof RpcRefusal)) throw error;
        const answer = error.rpcMessage;
        if (!refused.has(hash + answer))
            log.warn({ txHash: hash, nonce, requestId, answer }, "the node refused a transaction");
        refused.add(hash + answer);
    }
    crash("broadcast.acted");
}

/** Signs another transaction for the same nonce: the same call at a higher price, or one that does nothing. */
async function replace(
    deps: Deps,
    {
        slot,
        latest,
        call,
        signal,
    }: {
        slot: Slot;
        latest: Header;
        call: { to: Hex; data: Hex; gas: bigint } | undefined;
        signal: AbortSignal;
    },
): Promise<void> {
    const { chain, chainId, database, operator, maxFeePerGasWei, log } = deps;
    const dearest = dearestOf(slot);
    const now = priceFor({ baseFeeWei: latest.baseFeeWei, tipWei: await chain.tip({ signal }) });
    const price = raised({ old: dearest, now });
    if (price.maxFeeWei > maxFeePerGasWei) {
        log.warn({ code: "EXECUTOR_GAS_TOO_DEAR", nonce: dearest.nonce, maxFeeWei: price.maxFeeWei }, "not raised");
        return;
    }
    const idle = { to: toHex(operator.address), data: "0x", gas: PLAIN_GAS } as const;
    const transaction = await signTransaction(
        { operator },
        {
            chainId,
            call: call ?? idle,
            nonce: dearest.nonce,
            price,
            requestId: call === undefined ? undefined : dearest.requestId,
            madeAtBlock: latest.number,
        },
    );
    await insertTransaction(database, transaction);
    await send(deps, { transaction, signal });
}

function dearestOf({ transactions }: Slot): JournalledTransaction {
    return transactions.at(-1) ?? transactions[0];
}
