import type { Hex } from "@assay/protocol";
import { type ListedEnclave, listEnclaves } from "@assay/sdk";
import type { OpenChain } from "../chain/openChain.ts";
import { timeText } from "../io/text.ts";
import { type Finding, ok, warn } from "./finding.ts";

/** Every enclave of an executor that is valid now: until when, and whether a model's owner lets it attest anything. */
export async function checkEnclaves(
    { provider, deployment }: OpenChain,
    { executor, modelId }: { executor: Hex; modelId: Hex | undefined },
): Promise<Finding[]> {
    const enclaves = await listEnclaves({ provider, deployment }, { operator: executor });
    const valid = enclaves.filter((enclave) => enclave.valid);
    const newest = enclaves.at(-1);
    if (newest !== undefined && valid.length === 0) {
        const { enclaveId, state, validUntil } = newest;
        const detail = `none counts now; of the newest, ${enclaveId}, valid until ${timeText(validUntil)}, the registry says ${state}`;
        return [
            warn(`enclaves of ${executor}`, {
                detail,
                fix: "Register it again: assay tee register --enclave URL --keep.",
            }),
        ];
    }
    return valid.map((enclave) => checkEnclave({ enclave, modelId }));
}

function checkEnclave({ enclave, modelId }: { enclave: ListedEnclave; modelId: Hex | undefined }): Finding {
    const { enclaveId, family, claimClass, simulated, validUntil, attests, measurementId } = enclave;
    const name = `enclave ${enclaveId}`;
    const worth = simulated ? `${family} SIMULATED, proves nothing` : family;
    const registered = `${worth}, ${claimClass}, registered, valid until ${timeText(validUntil)}`;
    const isNamed = modelId === undefined ? attests.length > 0 : attests.includes(modelId);
    if (isNamed) return ok(name, `${registered}, its code is named by ${modelId ?? `${attests.length} versions`}`);
    return warn(name, {
        detail: `${registered}, but its code is named by ${modelId === undefined ? "no version" : `others than ${modelId}`}`,
        fix: `The model's owner names it: assay tee name --model ID --measurement ${family}=${measurementId}; it counts a day later.`,
    });
}
