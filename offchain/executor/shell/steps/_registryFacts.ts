import {
    type AttestationRecord,
    bytesToHex,
    decodeTee,
    type Hex,
    isTeeFamily,
    ProtocolError,
    type RegistryFacts,
} from "@assay/protocol";
import { KEY_STATE_FACT } from "@assay/sdk";
import type { BlockRef } from "../../core/state.ts";
import type { EvidenceItem } from "../journal/evidence.ts";
import type { Context } from "./context.ts";

/** What the registries say in one block (the newest unless told), read by its hash. */
export async function registryFacts({
    context,
    modelId,
    items,
    block,
    signal,
}: {
    context: Context;
    modelId: Hex;
    items: readonly EvidenceItem[];
    block: BlockRef | undefined;
    signal: AbortSignal;
}): Promise<{ registry: RegistryFacts; attestation: AttestationRecord[] }> {
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
    const attested = await attestedBy({ context, modelId, items, header, signal });
    const registry: RegistryFacts = {
        blockNumber: header.number,
        blockHash: header.hash,
        blockTimestamp: Number(header.timestamp),
        model: { ...model, broken: record?.broken ?? model.broken },
        executor: {
            signingKey: executor.signingKey,
            notBefore: Number(executor.notBefore),
            notAfter: Number(executor.notAfter),
            state: KEY_STATE_FACT[executor.state] ?? "none",
            stakeWei: executor.stakeWei.toString(),
        },
        ...(attested.length === 0 ? {} : { enclaves: attested.map(({ facts }) => facts) }),
    };
    return { registry, attestation: attested.flatMap(({ attestation }) => attestation ?? []) };
}

/** The enclaves that signed, as they stood in this block. */
async function attestedBy({
    context,
    modelId,
    items,
    header,
    signal,
}: {
    context: Context;
    modelId: Hex;
    items: readonly EvidenceItem[];
    header: { number: number; timestamp: bigint };
    signal: AbortSignal;
}) {
    const at = { blockNumber: header.number, timestamp: Number(header.timestamp) };
    const ids = items
        .filter(({ family }) => isTeeFamily(family))
        .map(({ data }) => decodeTee(bytesToHex(data)).enclaveId);
    return Promise.all(ids.map((enclaveId) => context.registries.attested({ enclaveId, modelId, at, signal })));
}
