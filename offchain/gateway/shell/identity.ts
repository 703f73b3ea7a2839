import path from "node:path";
import { type Hex, ProtocolError, toHex } from "@assay/protocol";
import { onChain } from "@assay/sdk";
import type { Provider } from "ethers";

/** Which chain and which executor a journal belongs to: a development chain that was started anew has another genesis. */
export type Identity = { chainId: number; genesis: Hex; executor: Hex };

/** Reads the chain's first block; another answer for it would open another journal, in which everything looks undone. */
export async function readIdentity({
    provider,
    chainId,
    executor,
}: {
    provider: Provider;
    chainId: number;
    executor: Hex;
}): Promise<Identity> {
    const first = await onChain(() => provider.getBlock(0));
    if (first?.hash == null || first.number !== 0) {
        throw new ProtocolError({ code: "BLOCK_UNKNOWN", message: "The node does not give the first block." });
    }
    return { chainId, genesis: toHex(first.hash, 32), executor };
}

/** Folder of everything that one gateway keeps. */
export function gatewayFolder({ home, identity }: { home: string; identity: Identity }): string {
    const { chainId, genesis, executor } = identity;
    return path.join(home, "gateway", `${chainId}-${genesis.slice(2, 10)}-${executor.slice(2, 10)}`);
}
