import { type Hex, hexToBytes, toHex } from "@assay/protocol";
import { Transaction, type Wallet } from "ethers";
import type { GasPrice } from "../../core/fees.ts";
import type { JournalledTransaction } from "../journal/transactions.ts";

/** Signs a transaction of the operator, in the form that is journalled before it is sent. */
export async function signTransaction(
    { operator }: { operator: Wallet },
    {
        chainId,
        call,
        nonce,
        price,
        requestId,
        madeAtBlock,
    }: {
        chainId: number;
        call: { to: Hex; data: Hex; gas: bigint };
        nonce: number;
        price: GasPrice;
        requestId: Hex | undefined;
        madeAtBlock: number;
    },
): Promise<JournalledTransaction> {
    const raw = toHex(
        await operator.signTransaction({
            type: 2,
            chainId,
            to: call.to,
            data: call.data,
            gasLimit: call.gas,
            nonce,
            maxFeePerGas: price.maxFeeWei,
            maxPriorityFeePerGas: price.tipWei,
        }),
    );
    const hash = toHex(Transaction.from(raw).hash ?? "0x", 32);
    const { maxFeeWei, tipWei } = price;
    return { hash, nonce, requestId, raw: hexToBytes(raw), maxFeeWei, tipWei, madeAtBlock };
}

/** What a signed transaction calls. */
export function callOf(raw: Hex): { to: Hex; data: Hex; gas: bigint } {
    const { to, data, gasLimit } = Transaction.from(raw);
    return { to: toHex(to ?? "0x", 20), data: toHex(data), gas: gasLimit };
}
