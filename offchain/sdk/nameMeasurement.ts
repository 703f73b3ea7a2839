import type { Hex } from "@assay/protocol";
import { onChain } from "./chainFault.ts";
import { contractsOf } from "./contracts.ts";
import { type ActingOn, mined, type Sent } from "./hub.ts";
import type { NamedMeasurement } from "./registerModel.ts";

type Naming = { modelId: Hex; measurement: NamedMeasurement };

/**
 * Names code that may attest a version of the signer's; it counts a day later, `countsFrom` in unix seconds, so that
 * whoever relies on the version can see it coming.
 * @example
 * const { countsFrom } = await nameMeasurement(deps, { modelId, measurement: { family, measurementId } });
 */
export async function nameMeasurement(
    deps: ActingOn,
    { modelId, measurement }: Naming,
): Promise<Sent & { countsFrom: number }> {
    const { models } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
    return onChain(async () => {
        const sent = await mined(deps, await models.nameMeasurement(modelId, measurement));
        const names = await models.measurementsOf(modelId, measurement.family);
        const named = names.find(({ measurementId }) => measurementId === measurement.measurementId);
        return { ...sent, countsFrom: Number(named?.countsFrom ?? 0n) };
    });
}

/** Takes the name of code back: from this block on none of its enclaves may attest the version. */
export async function unnameMeasurement(deps: ActingOn, { modelId, measurement }: Naming): Promise<Sent> {
    const { models } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
    return onChain(async () => mined(deps, await models.unnameMeasurement(modelId, measurement)));
}
