import { type Hex, isHex, ProtocolError } from "@assay/protocol";
import { z } from "zod";
import type { Head } from "../../core/state.ts";
import { type Rpc, RpcRefusal } from "./rpc.ts";

/** A block's header, as far as it matters here. */
export type Header = Head & { parentHash: Hex; logsBloom: Hex; baseFeeWei: bigint };

/** One log as the endpoint gives it. */
export type RawLog = {
    address: Hex;
    topics: readonly Hex[];
    data: Hex;
    blockNumber: number;
    blockHash: Hex;
    txHash: Hex;
    logIndex: number;
};

/** What became of a transaction that is in a block. */
export type MinedTransaction = {
    hash: Hex;
    blockNumber: number;
    blockHash: Hex;
    reverted: boolean;
    gasUsed: bigint;
    effectiveGasPriceWei: bigint;
    logs: readonly RawLog[];
};

/** Which logs are wanted: of these addresses (undefined: of any), with one of these first topics. */
export type LogFilter = { addresses: readonly Hex[] | undefined; topics: readonly Hex[] };

/** A call or a transaction. */
export type Call = { from: Hex; to: Hex; data: Hex; gas?: bigint | undefined };

/** The chain, read and written by hash wherever a number could mean two blocks. */
export type Chain = ReturnType<typeof createChain>;

const hex = z.custom<Hex>((value) => isHex(value), "not hex bytes");
const quantity = z
    .string()
    .regex(/^0x[0-9a-fA-F]+$/)
    .transform(BigInt);
const count = quantity.transform(Number);
const headerSchema = z
    .object({
        number: count,
        hash: hex,
        parentHash: hex,
        timestamp: quantity,
        logsBloom: hex,
        baseFeePerGas: quantity.default(0n),
    })
    .transform(({ baseFeePerGas, ...rest }) => ({ ...rest, baseFeeWei: baseFeePerGas }));
const logSchema = z
    .object({
        address: hex,
        topics: z.array(hex),
        data: hex,
        blockNumber: count,
        blockHash: hex,
        transactionHash: hex,
        logIndex: count,
        removed: z.boolean().default(false),
    })
    .transform(({ transactionHash, ...rest }) => ({ ...rest, txHash: transactionHash }));
const minedSchema = z
    .object({
        transactionHash: hex,
        blockNumber: count,
        blockHash: hex,
        status: count,
        gasUsed: quantity,
        effectiveGasPrice: quantity.default(0n),
        logs: z.array(logSchema),
    })
    .transform(({ transactionHash, status, effectiveGasPrice, ...rest }) => ({
        ...rest,
        hash: transactionHash,
        reverted: status === 0,
        effectiveGasPriceWei: effectiveGasPrice,
    }));

type Asked = { signal?: AbortSignal | undefined };

/** Reads and writes a chain through an endpoint; every answer is parsed, EXECUTOR_RPC_INVALID names one that is not. */
export function createChain({ rpc }: { rpc: Rpc }) {
    const ask = async <T>(
        schema: z.ZodType<T>,
        { method, params, signal }: { method: string; params: readonly unknown[] } & Asked,
    ): Promise<T> => {
        const parsed = schema.safeParse(await rpc.request({ method, params, signal }));
        if (parsed.success) return parsed.data;
        const message = `${method}: ${z.prettifyError(parsed.error)}.`;
        throw new ProtocolError({ code: "EXECUTOR_RPC_INVALID", message });
    };

    return {
        number: ({ signal }: Asked = {}) => ask(count, { method: "eth_blockNumber", params: [], signal }),

        chainId: ({ signal }: Asked = {}) => ask(count, { method: "eth_chainId", params: [], signal }),

        /** The header of a block; undefined if the chain has none of this number. */
        header: async ({ at, signal }: { at: number | "latest" } & Asked): Promise<Header | undefined> => {
            const params = [at === "latest" ? at : toQuantity(at), false];
            const found = await ask(headerSchema.nullable(), { method: "eth_getBlockByNumber", params, signal });
            return found ?? undefined;
        },

        /** Logs of a range of blocks, or of one block by its hash; in chain order, without those that were taken back. */
        logs: async ({ filter, of, signal }: { filter: LogFilter; of: LogRange } & Asked): Promise<RawLog[]> => {
            const { addresses, topics } = filter;
            const range =
                "blockHash" in of ? of : { fromBlock: toQuantity(of.fromBlock), toBlock: toQuantity(of.toBlock) };
            const query = { ...(addresses === undefined ? {} : { address: addresses }), topics: [topics], ...range };
            const found = await ask(z.array(logSchema), { method: "eth_getLogs", params: [query], signal });
            return found.filter(({ removed }) => !removed).sort(inChainOrder);
        },

        /** What a call returns in a block; a revert throws RpcRefusal with the data. */
        call: ({ call, at = "latest", signal }: { call: Call; at?: "latest" | { blockHash: Hex } } & Asked) =>
            ask(hex, { method: "eth_call", params: [toRpcCall(call), at], signal }),

        estimateGas: ({ call, signal }: { call: Call } & Asked) =>
            ask(quantity, { method: "eth_estimateGas", params: [toRpcCall(call), "latest"], signal }),

        /** Number of transactions of an account that are in the chain, which is the next nonce it will accept. */
        nextNonce: ({ account, signal }: { account: Hex } & Asked) =>
            ask(count, { method: "eth_getTransactionCount", params: [account, "latest"], signal }),

        balance: ({ account, signal }: { account: Hex } & Asked) =>
            ask(quantity, { method: "eth_getBalance", params: [account, "latest"], signal }),

        /** What the endpoint thinks a block producer wants; 0 where it has no opinion. */
        tip: async ({ signal }: Asked = {}): Promise<bigint> => {
            try {
                return await ask(quantity, { method: "eth_maxPriorityFeePerGas", params: [], signal });
            } catch (error) {
                if (error instanceof RpcRefusal) return 0n;
                throw error;
            }
        },

        /** Hands a signed transaction over. What the endpoint answers proves nothing: the chain has to be read. */
        send: ({ raw, signal }: { raw: Hex } & Asked) =>
            ask(hex, { method: "eth_sendRawTransaction", params: [raw], signal }),

        /** Whether the endpoint knows a transaction, in a block or waiting for one. */
        knows: async ({ hash, signal }: { hash: Hex } & Asked): Promise<boolean> =>
            (await ask(z.looseObject({}).nullable(), {
                method: "eth_getTransactionByHash",
                params: [hash],
                signal,
            })) !== null,

        /** A transaction that is in a block; undefined while it is not. */
        mined: async ({ hash, signal }: { hash: Hex } & Asked): Promise<MinedTransaction | undefined> => {
            const params = [hash];
            const found = await ask(minedSchema.nullable(), { method: "eth_getTransactionReceipt", params, signal });
            return found ?? undefined;
        },
    };
}

/** Blocks whose logs are wanted; both ends are included. */
export type LogRange = { fromBlock: number; toBlock: number } | { blockHash: Hex };

function toQuantity(value: number | bigint): Hex {
    return `0x${value.toString(16)}`;
}

function toRpcCall({ gas, ...rest }: Call) {
    return gas === undefined ? rest : { ...rest, gas: toQuantity(gas) };
}

function inChainOrder(a: RawLog, b: RawLog): number {
    return a.blockNumber - b.blockNumber || a.logIndex - b.logIndex;
}
