import { type ChainState, type GatewayReceipt, type Hex, refundNonceOf, toHex } from "@assay/protocol";
import type { Provider } from "ethers";
import { ContractRevert, onChain } from "./chainFault.ts";
import { type ConfigRecord, configVersion } from "./config.ts";
import { contractsOf } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import { movesOf } from "./tokenMoves.ts";

type ChainDeps = { provider: Provider; deployment: Deployment };

/** What the chain says of a gateway's receipt beside model and keys: its batch, configuration, payment and refund. */
export async function gatewayFacts(
    deps: ChainDeps,
    receipt: GatewayReceipt,
): Promise<Pick<ChainState, "batch" | "config" | "payment" | "refund">> {
    const { settlement, statement, context, refund } = receipt;
    const payment = context?.payment ?? undefined;
    // What was paid on another chain is for a node of that chain.
    const isHere = payment?.network === `eip155:${deps.deployment.chainId}`;
    return {
        ...(settlement?.kind === "batch"
            ? { batch: await batchOf(deps, { executor: statement.executor, sequence: settlement.sequence }) }
            : {}),
        ...(context?.config ? { config: await configOf(deps, context.config) } : {}),
        ...(payment && isHere ? { payment: await paymentOf(deps, payment) } : {}),
        ...(payment && isHere && refund ? { refund: await refundOf(deps, { receipt, refund, payment }) } : {}),
    };
}

type Payment = NonNullable<NonNullable<GatewayReceipt["context"]>["payment"]>;

/** The batch that holds a sequence; batches are contiguous, so that every recorded one is in exactly one. */
async function batchOf(
    { provider, deployment }: ChainDeps,
    { executor, sequence }: { executor: Hex; sequence: number },
): Promise<NonNullable<ChainState["batch"]> | null> {
    const { receipts } = contractsOf({ deployment, runner: provider });
    return onChain(async () => {
        if (BigInt(sequence) >= (await receipts.nextSequence(executor))) return null;
        let low = 0n;
        let high = (await receipts.batchesOf(executor)) - 1n;
        while (low < high) {
            const middle = (low + high + 1n) / 2n;
            const { firstSequence } = await receipts.batchOf(executor, middle);
            if (firstSequence <= BigInt(sequence)) low = middle;
            else high = middle - 1n;
        }
        const { root, depth } = await receipts.batchOf(executor, low);
        return { log: deployment.contracts.ReceiptLog, root: toHex(root, 32), depth: Number(depth) };
    });
}

async function configOf(
    deps: ChainDeps,
    named: { owner: Hex; name: string; version: number },
): Promise<NonNullable<ChainState["config"]> | null> {
    const found = await versionOf(deps, named);
    if (found === null) return null;
    const { configHash, inForceFrom } = found;
    const next = await versionOf(deps, { ...named, version: named.version + 1 });
    return { configHash, inForceFrom, ...(next === null ? {} : { supersededAt: next.inForceFrom }) };
}

async function versionOf(
    deps: ChainDeps,
    { owner, name, version }: { owner: Hex; name: string; version: number },
): Promise<ConfigRecord | null> {
    try {
        return await configVersion(deps, { owner, name, version });
    } catch (error) {
        const isUnknown =
            error instanceof ContractRevert && ["ConfigUnknown", "VersionUnknown"].includes(error.contractError);
        if (isUnknown) return null;
        throw error;
    }
}

/** What really moved from the payer by the payment's nonce: the transfer that the receipt tells of, or another one. */
async function paymentOf(deps: ChainDeps, payment: Payment): Promise<NonNullable<ChainState["payment"]> | null> {
    const { network, asset, payer, nonce, transaction, payTo, amount } = payment;
    const moves = (await movesOf(deps, { transaction, asset, nonce })).filter(({ from }) => from === payer);
    const move = moves.find((one) => one.to === payTo && one.amount === amount) ?? moves[0];
    return move === undefined
        ? null
        : { network, asset, payer, nonce, transaction, payTo: move.to, amount: move.amount };
}

/** A refund has a nonce that follows from the request, so that no other transfer passes for it. */
async function refundOf(
    deps: ChainDeps,
    {
        receipt,
        refund: { transaction },
        payment: { asset, payer },
    }: { receipt: GatewayReceipt; refund: NonNullable<GatewayReceipt["refund"]>; payment: Payment },
): Promise<NonNullable<ChainState["refund"]> | null> {
    const nonce = refundNonceOf(receipt.statement.requestId);
    const move = (await movesOf(deps, { transaction, asset, nonce })).find(({ to }) => to === payer);
    return move === undefined ? null : { transaction, amount: move.amount };
}
