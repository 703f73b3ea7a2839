import { ProtocolError, toHex } from "@assay/protocol";
import { priceFor } from "../../core/fees.ts";
import { rejectionOf } from "../../core/remedy.ts";
import type { Call } from "../chain/chain.ts";
import { revertOf } from "../chain/revert.ts";
import { findEvidence } from "../journal/evidence.ts";
import { insertTransaction, lastSpentNonce, openTransactions } from "../journal/transactions.ts";
import { signTransaction } from "../send/sign.ts";
import type { PerformStep, StepResult } from "../work/performer.ts";
import { fulfilCall } from "./_delivery.ts";
import { type Context, dossierOf, newestBlock } from "./context.ts";

/** One transaction may use at most this (EIP-7825), gas. */
const MAX_GAS = 2n ** 24n;

/**
 * Signs the transaction that delivers, with the next nonce, and has it journalled. It is sent only afterwards, by whoever
 * tends the nonces, so that a crash in between loses nothing. Runs in a lane with one place.
 */
export function deliverStep({ context, wake }: { context: Context; wake: () => void }): PerformStep {
    return async ({ requestId, signal }) => {
        const open = await openTransactions(context.database);
        if (open.some((transaction) => transaction.requestId === requestId)) return { event: { kind: "sent" } };
        const dossier = await dossierOf(context, requestId);
        const items = await findEvidence(context.database, dossier.dated.digest);
        const { InferenceHub } = context.deployment.contracts;
        const call = { from: context.offer.executor, to: InferenceHub, data: fulfilCall({ dossier, items }) };
        try {
            const gas = await gasFor({ context, call, signal });
            const transaction = await nextTransaction({ context, call: { ...call, gas }, requestId, open, signal });
            return {
                event: { kind: "sent" },
                write: (session) => insertTransaction(session, transaction),
                afterwards: wake,
            };
        } catch (error) {
            const revert = revertOf(error);
            if (revert === undefined) throw error;
            return { event: { kind: "rejected", ...rejectionOf(revert) } } satisfies StepResult;
        }
    };
}

/** What the node reckons, and a fifth more: the state may be dearer to write by the time it is mined. */
async function gasFor({
    context,
    call,
    signal,
}: {
    context: Context;
    call: Call;
    signal: AbortSignal;
}): Promise<bigint> {
    const estimate = await context.chain.estimateGas({ call, signal });
    const gas = estimate + estimate / 5n;
    return gas < MAX_GAS ? gas : MAX_GAS;
}

async function nextTransaction({
    context,
    call,
    requestId,
    open,
    signal,
}: {
    context: Context;
    call: Call & { gas: bigint };
    requestId: `0x${string}`;
    open: readonly { nonce: number }[];
    signal: AbortSignal;
}) {
    const { chain, operator, deployment } = context;
    const account = toHex(operator.address);
    const { number, baseFeeWei } = await newestBlock(context, { signal });
    const price = priceFor({ baseFeeWei, tipWei: await chain.tip({ signal }) });
    if (price.maxFeeWei > context.maxFeePerGasWei) {
        const message = `Gas costs ${price.maxFeeWei} wei; at most ${context.maxFeePerGasWei} are paid.`;
        throw new ProtocolError({ code: "EXECUTOR_GAS_TOO_DEAR", message });
    }
    const neededWei = call.gas * price.maxFeeWei;
    const balanceWei = await chain.balance({ account, signal });
    if (balanceWei < neededWei) {
        const message = `The operator ${account} has ${balanceWei} wei, ${neededWei} are needed.`;
        throw new ProtocolError({ code: "EXECUTOR_BALANCE_LOW", message });
    }
    const nonce = Math.max(await freshNonce({ context, account, signal }), ...open.map((one) => one.nonce + 1));
    const { chainId } = deployment;
    return signTransaction({ operator }, { chainId, call, nonce, price, requestId, madeAtBlock: number });
}

/** The next nonce by the chain. A lagging endpoint may give one that is used up: nothing would ever send what is signed with it. */
async function freshNonce({
    context,
    account,
    signal,
}: {
    context: Context;
    account: `0x${string}`;
    signal: AbortSignal;
}): Promise<number> {
    const nonce = await context.chain.nextNonce({ account, signal });
    const spent = await lastSpentNonce(context.database);
    if (spent === undefined || nonce > spent) return nonce;
    const message = `Nonce ${nonce} comes next, it says, but ${spent} is used up already.`;
    throw new ProtocolError({ code: "EXECUTOR_RPC_INCONSISTENT", message });
}
