import {
    decodeIoSpec,
    decodePolicy,
    FAMILIES,
    familiesOf,
    isCanonical,
    isTeeFamily,
    ProtocolError,
    toHex,
} from "@assay/protocol";
import { admit, type Facts } from "../../core/admit.ts";
import { askOf, requesterOf, type Wanted } from "../../core/wanted.ts";
import { isValidKey } from "../chain/registries.ts";
import { countFailures } from "../journal/requests.ts";
import type { PerformStep } from "../work/performer.ts";
import { type Context, headOf, newestBlock, requestOf } from "./context.ts";

/** Reads what there is to know about a request, and decides whether it is served. */
export function admitStep(context: Context): PerformStep {
    return async ({ requestId, signal }) => {
        const { wanted } = await requestOf(context, requestId);
        const facts = await gather({ context, wanted, signal });
        const admission = admit({ wanted, offer: context.offer, facts });
        if (admission.kind === "postponed") {
            const { code, detail } = admission.outcome;
            throw new ProtocolError({ code, message: `${detail}.` });
        }
        return { event: admission };
    };
}

function asksForTee(policy: bigint): boolean {
    return isCanonical(policy) && decodePolicy(policy).clauses.some((clause) => familiesOf(clause).some(isTeeFamily));
}

function isCommitted(word: bigint): boolean {
    const { input, output } = decodeIoSpec(word);
    return input.committed || output.committed;
}

async function gather({
    context,
    wanted,
    signal,
}: {
    context: Context;
    wanted: Wanted;
    signal: AbortSignal;
}): Promise<Facts> {
    const { chain, registries, models, enclaves, database, signer } = context;
    const { executor } = context.offer;
    const { modelId, policy } = askOf(wanted);
    const head = await headOf(context);
    const model = await models.resolve({ modelId, signal });
    const record = model && (await registries.record({ modelId, signal }));
    // Enclaves that nobody asked for are not asked either: one that hangs must not hold up everything else.
    const { live, missing } = asksForTee(policy)
        ? await enclaves.attesting({ modelId, signal })
        : { live: [], missing: [] };
    const own = await registries.executor({ executor, signal });
    const { baseFeeWei } = await newestBlock(context, { signal });
    const tipWei = await chain.tip({ signal });
    return {
        chainTime: head.timestamp,
        secondsNeeded: (families) =>
            context.secondsToDeliver + (families.includes(FAMILIES.ZK_GROTH16) ? context.secondsToProve() : 0),
        gasPriceWei: baseFeeWei + tipWei,
        model: model && {
            exactInt: true,
            provable: record?.broken === false,
            committed: isCommitted(model.spec.ioSpec),
        },
        attestable: live.map(({ family }) => family),
        missing,
        canSign: isValidKey({ record: own, key: toHex(signer.address), at: head.timestamp }),
        stakeWei: own.stakeWei,
        failuresSigned: await countFailures(database, { requester: requesterOf(wanted) }),
    };
}
