import { type Rpc, RpcRefusal } from "@assay/executor/chain";
import { type Hex, isHex } from "@assay/protocol";
import { z } from "zod";

/** A log of a transaction; addresses and topics in lower case. */
export type Log = { address: Hex; topics: readonly Hex[]; data: Hex; index: number; transaction: Hex };

/** A transaction in a block. */
export type Mined = { hash: Hex; to: Hex | undefined; status: "success" | "reverted"; logs: readonly Log[] };

/** A call of a contract. */
export type Call = { from?: Hex; to: Hex; data: Hex };

/** What is read of a chain here, typed; what a node answers otherwise is thrown by the endpoint. */
export type Node = {
    rpc: Rpc;
    chainId: () => Promise<number>;
    /** Next nonce of an account, transactions that wait included. */
    nextNonce: (account: Hex) => Promise<number>;
    /** "0x" = no contract. */
    code: (account: Hex) => Promise<Hex>;
    call: (call: Call) => Promise<Hex>;
    /** On the state with everything that waits; a call that would revert is RpcRefusal. */
    estimateGas: (call: Call) => Promise<bigint>;
    /** Newest block; times in unix seconds. */
    latest: () => Promise<{ number: number; timestamp: bigint; baseFeeWei: bigint }>;
    tipWei: () => Promise<bigint>;
    /** Throws RpcRefusal when the node answers that it does not take it. */
    broadcast: (raw: Hex) => Promise<void>;
    /** Whether the node has it, in a block or waiting. */
    knows: (hash: Hex) => Promise<boolean>;
    /** undefined = not in a block. */
    mined: (hash: Hex) => Promise<Mined | undefined>;
    logs: (filter: {
        address: Hex;
        topics: readonly (Hex | readonly Hex[])[];
        fromBlock: number;
        toBlock: number;
    }) => Promise<Log[]>;
};

const hex = z
    .custom<Hex>((value) => isHex(value), "not hex")
    .transform((value) => value.toLowerCase())
    .pipe(z.custom<Hex>((value) => isHex(value)));
const quantity = z
    .string()
    .regex(/^0x[0-9a-f]+$/i)
    .transform(BigInt);
const count = quantity.transform(Number);
const block = z.object({ number: count, timestamp: quantity, baseFeePerGas: quantity.default(0n) });
const log = z
    .object({ address: hex, topics: z.array(hex), data: hex, logIndex: count, transactionHash: hex })
    .transform(({ logIndex, transactionHash, ...rest }) => ({
        ...rest,
        index: logIndex,
        transaction: transactionHash,
    }));
const receipt = z
    .object({ transactionHash: hex, to: hex.nullable(), status: count, logs: z.array(log) })
    .transform(({ transactionHash, to, status, logs }) => {
        return { hash: transactionHash, to: to ?? undefined, status: mined(status), logs };
    });

/** Typed reads over one endpoint. */
export function createNode({ rpc }: { rpc: Rpc }): Node {
    const ask = async <T>(schema: z.ZodType<T>, method: string, ...params: readonly unknown[]): Promise<T> =>
        schema.parse(await rpc.request({ method, params }));
    return {
        rpc,
        chainId: () => ask(count, "eth_chainId"),
        nextNonce: (account) => ask(count, "eth_getTransactionCount", account, "pending"),
        code: (account) => ask(hex, "eth_getCode", account, "latest"),
        call: (call) => ask(hex, "eth_call", call, "latest"),
        estimateGas: (call) => ask(quantity, "eth_estimateGas", call, "pending"),
        latest: async () => {
            const { baseFeePerGas, ...rest } = await ask(block, "eth_getBlockByNumber", "latest", false);
            return { ...rest, baseFeeWei: baseFeePerGas };
        },
        tipWei: () => ask(quantity, "eth_maxPriorityFeePerGas"),
        broadcast: async (raw) => {
            await rpc.request({ method: "eth_sendRawTransaction", params: [raw] });
        },
        knows: async (hash) => (await rpc.request({ method: "eth_getTransactionByHash", params: [hash] })) !== null,
        mined: async (hash) => (await ask(receipt.nullable(), "eth_getTransactionReceipt", hash)) ?? undefined,
        logs: ({ fromBlock, toBlock, ...filter }) => {
            const range = { fromBlock: blockTag(fromBlock), toBlock: blockTag(toBlock) };
            return ask(z.array(log), "eth_getLogs", { ...filter, ...range });
        },
    };
}

/** What a refused call reverted with; undefined if it was refused for another reason. */
export function revertData(error: unknown): Hex | undefined {
    return error instanceof RpcRefusal && isHex(error.data) ? error.data : undefined;
}

function mined(status: number): Mined["status"] {
    return status === 1 ? "success" : "reverted";
}

/** Quantities of the JSON-RPC have no leading zeros. */
function blockTag(number: number): string {
    return `0x${number.toString(16)}`;
}
