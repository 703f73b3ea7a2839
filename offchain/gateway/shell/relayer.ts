import { type GasPrice, priceFor, RpcRefusal, raised } from "@assay/executor/chain";
import { type Hex, hexToBytes, keccak256, ProtocolError, toHex } from "@assay/protocol";
import { Transaction, Wallet } from "ethers";
import PQueue from "p-queue";
import type { Logger } from "pino";
import type { Mined, Node } from "./chain/node.ts";

/** A call to be sent in a transaction. */
export type Sending = {
    to: Hex;
    data: Hex;
    /** More gas than this is never paid for: the call is refused instead. */
    gasCap: bigint;
    /** Told of the signed transaction before anybody else gets it; what it throws keeps it from being sent. */
    onSigned?: (signed: { hash: Hex; raw: Hex; nonce: number }) => Promise<void>;
};

/** Sends transactions of one account, one after the other. */
export type Relayer = {
    address: Hex;
    chainId: number;
    /**
     * Signs a call and hands it to the node; the hash tells that the chain may have it, not that it was mined. Nothing is
     * ever signed twice for one call. Throws GATEWAY_RELAYER_REFUSED, and what `onSigned` throws, when for certain nothing was sent.
     */
    send: (sending: Sending) => Promise<Hex>;
    /** Waits until it, or what replaced it at a higher price, is in a block; undefined = not within the time. */
    mined: (hash: Hex, limit: { timeoutMs: number }) => Promise<Mined | undefined>;
    /** Calls that wait to be sent. */
    backlog: () => number;
    /** Lets what was begun finish. */
    stop: () => Promise<void>;
};

/** A sent transaction that is in no block yet, and what took its place at higher prices: the newest last. */
type Open = { nonce: number; to: Hex; data: Hex; gas: bigint; price: GasPrice; hashes: Hex[]; sentAtMs: number };

type State = {
    node: Node;
    wallet: Wallet;
    chainId: number;
    maxFeePerGasWei: bigint;
    now: () => number;
    log: Logger;
    /** undefined: to be read from the node. */
    nextNonce: number | undefined;
    price: { value: GasPrice; readAtMs: number } | undefined;
    open: Map<number, Open>;
};

/** A price stays good while the base fee doubles; nodes make a block in this time at the least. */
const PRICE_AGE_MS = 2_000;
/** What is in no block after this long gets a higher price. */
const PATIENCE_MS = 30_000;
/** How often that is looked after. */
const TENDING_INTERVAL_MS = 10_000;
/** Between two looks for a receipt: the first comes soon, for development chains, and then ever later. */
const POLL_MS = { first: 5, most: 1_000 } as const;
/** State may change between estimate and execution, so a fifth is added to the estimate. */
const withMargin = (gas: bigint) => gas + gas / 5n;

/** Makes a relayer of one key; the key is not used by anything else while it runs. */
export function createRelayer({
    node,
    key,
    chainId,
    maxFeePerGasWei,
    log,
    now = Date.now,
    tendingMs = TENDING_INTERVAL_MS,
}: Pick<State, "node" | "chainId" | "maxFeePerGasWei" | "log"> & {
    key: Hex;
    /** Milliseconds of the clock. */
    now?: () => number;
    tendingMs?: number;
}): Relayer {
    const state: State = {
        ...{ node, wallet: new Wallet(key), chainId, maxFeePerGasWei, log, now },
        ...{ nextNonce: undefined, price: undefined, open: new Map() },
    };
    const queue = new PQueue({ concurrency: 1 });
    const tending = setInterval(() => {
        if (state.open.size > 0 && queue.size === 0) queue.add(() => tend(state)).catch(logFault(log));
    }, tendingMs).unref();
    return {
        address: toHex(state.wallet.address.toLowerCase(), 20),
        chainId,
        send: (sending) => queue.add(() => send(state, sending)),
        mined: (hash, { timeoutMs }) => waitFor(state, hash, timeoutMs),
        backlog: () => queue.size,
        stop: async () => {
            clearInterval(tending);
            await queue.onIdle();
        },
    };
}

async function send(state: State, { to, data, gasCap, onSigned }: Sending): Promise<Hex> {
    const { node, wallet } = state;
    const gas = withMargin(await estimate(state, { to, data }));
    if (gas > gasCap) throw refused(`It takes ${gas} gas, and ${gasCap} is the most.`);
    const price = await priceNow(state);
    state.nextNonce ??= await node.nextNonce(toHex(wallet.address, 20));
    const call = { nonce: state.nextNonce, to, data, gas, price };
    const { hash, raw } = sign(state, call);
    await onSigned?.({ hash, raw, nonce: call.nonce });

    state.nextNonce = undefined;
    const answer = await broadcast(state, { hash, raw });
    if (answer.status === "refused") throw answer.error;
    // With no answer the node may or may not have it: the next nonce is asked for, and nobody is told that it failed.
    if (answer.status === "sent") state.nextNonce = call.nonce + 1;
    state.open.set(call.nonce, { ...call, hashes: [hash], sentAtMs: state.now() });
    return hash;
}

async function estimate({ node, wallet }: State, call: { to: Hex; data: Hex }): Promise<bigint> {
    try {
        return await node.estimateGas({ ...call, from: toHex(wallet.address, 20) });
    } catch (cause) {
        throw refused("It would revert, or the node cannot tell what it takes.", cause);
    }
}

async function priceNow(state: State): Promise<GasPrice> {
    const { node, now, maxFeePerGasWei } = state;
    if (state.price === undefined || now() - state.price.readAtMs > PRICE_AGE_MS) {
        const [{ baseFeeWei }, tipWei] = await Promise.all([node.latest(), node.tipWei()]);
        state.price = { value: priceFor({ baseFeeWei, tipWei }), readAtMs: now() };
    }
    const { maxFeeWei } = state.price.value;
    if (maxFeeWei > maxFeePerGasWei) throw refused(`Gas costs ${maxFeeWei} wei, and ${maxFeePerGasWei} is the most.`);
    return state.price.value;
}

function sign({ wallet, chainId }: State, call: Pick<Open, "nonce" | "to" | "data" | "gas" | "price">) {
    const { to, data, nonce, gas: gasLimit } = call;
    const { maxFeeWei: maxFeePerGas, tipWei: maxPriorityFeePerGas } = call.price;
    const made = Transaction.from({ type: 2, chainId, to, data, nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas });
    made.signature = wallet.signingKey.sign(made.unsignedHash);
    const raw = toHex(made.serialized);
    return { raw, hash: keccak256(hexToBytes(raw)) };
}

type Broadcast = { status: "sent" | "silent" } | { status: "refused"; error: ProtocolError };

/** A refusal counts only if the node does not have the transaction: some also answer so when it reverts or is known. */
async function broadcast({ node, log }: State, { hash, raw }: { hash: Hex; raw: Hex }): Promise<Broadcast> {
    try {
        await node.broadcast(raw);
        return { status: "sent" };
    } catch (error) {
        if (!(error instanceof RpcRefusal)) return { status: "silent" };
        try {
            if (await node.knows(hash)) return { status: "sent" };
        } catch {
            return { status: "silent" };
        }
        log.error({ txHash: hash, answer: error.rpcMessage }, "the node refused a transaction of the relayer");
        return { status: "refused", error: refused("The node does not take the transaction.", error) };
    }
}

async function waitFor(state: State, hash: Hex, timeoutMs: number): Promise<Mined | undefined> {
    const slot = [...state.open.values()].find(({ hashes }) => hashes.includes(hash));
    const until = state.now() + timeoutMs;
    for (let pauseMs: number = POLL_MS.first; ; pauseMs = Math.min(2 * pauseMs, POLL_MS.most)) {
        for (const one of slot?.hashes ?? [hash]) {
            const mined = await state.node.mined(one);
            if (mined === undefined) continue;
            if (slot !== undefined) state.open.delete(slot.nonce);
            return mined;
        }
        if (state.now() + pauseMs > until) return undefined;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
}

/** Forgets what is in a block; what waits for long is offered again, at a higher price for the same nonce. */
async function tend(state: State): Promise<void> {
    const { node, now, maxFeePerGasWei, log } = state;
    for (const slot of [...state.open.values()]) {
        const found = await Promise.all(slot.hashes.map((hash) => node.mined(hash)));
        if (found.some((mined) => mined !== undefined)) state.open.delete(slot.nonce);
        else if (now() - slot.sentAtMs > PATIENCE_MS) {
            const [{ baseFeeWei }, tipWei] = await Promise.all([node.latest(), node.tipWei()]);
            const price = raised({ old: slot.price, now: priceFor({ baseFeeWei, tipWei }) });
            if (price.maxFeeWei > maxFeePerGasWei) {
                log.warn({ nonce: slot.nonce, maxFeeWei: price.maxFeeWei }, "gas is too dear: not raised");
                continue;
            }
            const { hash, raw } = sign(state, { ...slot, price });
            slot.price = price;
            slot.sentAtMs = now();
            slot.hashes.push(hash);
            await broadcast(state, { hash, raw });
        }
    }
}

function refused(message: string, cause?: unknown): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_RELAYER_REFUSED", message, cause });
}

function logFault(log: Logger): (error: unknown) => void {
    return (error) => log.warn({ err: error }, "open transactions could not be looked after");
}
