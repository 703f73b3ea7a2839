import { receiptHash } from "./hash.ts";
import type { GatewayReceipt } from "./schema.ts";

/**
 * A gateway's receipt without its contents: input, output and context go, their hashes stay in the statement, and the
 * hash of the whole receipt stays beside it, so that its place in a batch can still be shown.
 */
export function eraseReceipt(receipt: GatewayReceipt): GatewayReceipt {
    const { input, inputSalt, output, outputSalt, context, ...kept } = receipt;
    return { ...kept, erased: { receiptHash: receiptHash(receipt) } };
}
