import { type Hex, ProtocolError, toHex } from "@assay/protocol";
import { type ActingOn, contractsOf, mined, onChain, type Sent } from "@assay/sdk";
import type { EnclaveClient } from "./client.ts";

/** Shows the chain that an enclave still has its key: it signs the newest block, and anybody may bring that. */
export async function sendHeartbeat(
    deps: ActingOn,
    { client, enclaveId }: { client: EnclaveClient; enclaveId: Hex },
): Promise<Sent> {
    const block = await onChain(() => deps.provider.getBlock("latest"));
    if (block?.hash == null) throw new ProtocolError({ code: "RPC_UNREACHABLE", message: "There is no newest block." });
    const blockNumber = block.number;
    const signature = await client.heartbeat({ enclaveId, blockHash: toHex(block.hash, 32), blockNumber });
    const { enclaves } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
    return onChain(async () => mined(deps, await enclaves.heartbeat(enclaveId, blockNumber, signature)));
}
