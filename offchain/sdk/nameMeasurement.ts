import { type Hex, ProtocolError } from "@assay/protocol";
import { Interface } from "ethers";
import { z } from "zod";
import { modelRegistryAbi } from "./abi.ts";
import { onChain } from "./chainFault.ts";
import { contractsOf } from "./contracts.ts";
import { type ActingOn, mined, type Sent } from "./hub.ts";
import type { NamedMeasurement } from "./registerModel.ts";

const MODELS = new Interface(modelRegistryAbi);
const named = z.object({ countsFrom: z.bigint().transform(Number) });

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
        const receipt = await deps.provider.getTransactionReceipt(sent.transactionHash);
        for (const log of receipt?.logs ?? []) {
            const event = MODELS.parseLog(log);
            if (event?.name === "MeasurementNamed") return { ...sent, ...named.parse(event.args.toObject()) };
        }
        throw new ProtocolError({ code: "TRANSACTION_REVERTED", message: `${sent.transactionHash} named nothing.` });
    });
}

/** Takes the name of code back: from this block on none of its enclaves may attest the version. */
export async function unnameMeasurement(deps: ActingOn, { modelId, measurement }: Naming): Promise<Sent> {
    const { models } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
    return onChain(async () => mined(deps, await models.unnameMeasurement(modelId, measurement)));
}
