import { type Hex, ProtocolError, toHex } from "@assay/protocol";
import type { Provider } from "ethers";
import { onChain } from "./chainFault.ts";

/** Number, hash and time of a block; throws BLOCK_UNKNOWN when the node does not have it. */
export async function blockFacts(
    { provider }: { provider: Provider },
    blockNumber: number,
): Promise<{ number: number; hash: Hex; timestamp: number }> {
    const block = await onChain(() => provider.getBlock(blockNumber));
    if (block?.hash != null) return { number: block.number, hash: toHex(block.hash), timestamp: block.timestamp };
    throw new ProtocolError({ code: "BLOCK_UNKNOWN", message: `The node has no block ${blockNumber}.` });
}
