import { type Hex, ProtocolError, type RegistryFacts } from "@assay/protocol";
import { KEY_STATE } from "@assay/sdk";
import type { BlockRef } from "../../core/state.ts";
import type { Context } from "./context.ts";

const STATES = { None: "none", Active: "active", Retired: "retired", Compromised: "compromised" } as const;

/** What the registries say in one block (the newest unless told), read by its hash. */
export async function registryFacts({
    context,
    modelId,
    block,
    signal,
}: {
    context: Context;
    modelId: Hex;
    block: BlockRef | undefined;
    signal: AbortSignal;
}): Promise<RegistryFacts> {
    const { chain, registries, offer } = context;
    const header = await chain.header({ at: block?.number ?? "latest", signal });
    if (header === undefined || header.hash !== (block?.hash ?? header.hash)) {
        const message = `Block ${block?.number} is not ${block?.hash} any more.`;
        throw new ProtocolError({ code: "EXECUTOR_RPC_INCONSISTENT", message });
    }
    const at = { blockHash: header.hash };
    const model = await registries.modelFacts({ modelId, signal });
    const record = await registries.record({ modelId, at, signal });
    const executor = await registries.executor({ executor: offer.executor, at, signal });
    return {
        blockNumber: header.number,
        blockHash: header.hash,
        blockTimestamp: Number(header.timestamp),
        model: { ...model, broken: record?.broken ?? model.broken },
        executor: {
            signingKey: executor.signingKey,
            notBefore: Number(executor.notBefore),
            notAfter: Number(executor.notAfter),
            state: STATES[KEY_STATE[executor.state] ?? "None"],
            stakeWei: executor.stakeWei.toString(),
        },
    };
}
