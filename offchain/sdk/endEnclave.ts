import type { Hex } from "@assay/protocol";
import { onChain } from "./chainFault.ts";
import { contractsOf } from "./contracts.ts";
import { type ActingOn, mined, type Sent } from "./hub.ts";

/** Ends an enclave of the signer's in the ordinary course: what it signed before stays good. */
export async function retireEnclave(deps: ActingOn, { enclaveId }: { enclaveId: Hex }): Promise<Sent> {
    const { enclaves } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
    return onChain(async () => mined(deps, await enclaves.retire(enclaveId)));
}

/** Says that somebody else may hold the key of an enclave of the signer's: nothing that it signed is worth anything now. */
export async function reportEnclaveCompromised(deps: ActingOn, { enclaveId }: { enclaveId: Hex }): Promise<Sent> {
    const { enclaves } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
    return onChain(async () => mined(deps, await enclaves.reportCompromised(enclaveId)));
}
