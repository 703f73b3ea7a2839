import { FAMILIES, toHex } from "@assay/protocol";
import { attestationVerifierAbi, contractsOf, nitroVerifierAbi, onChain } from "@assay/sdk";
import { BaseContract } from "ethers";
import type { IAttestationVerifier, INitroVerifier } from "../../../types/typechain/index.ts";
import type { OpenChain } from "../chain/openChain.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

const TEE_FAMILIES = ["TEE_NITRO", "TEE_SGX", "TEE_TDX"] as const;
type TeeFamily = (typeof TEE_FAMILIES)[number];

/** Who verifies the documents of each kind of enclave, which revocations that obeys, and whether any of it is real. */
export async function checkTee(chain: OpenChain): Promise<Finding[]> {
    const { router } = contractsOf({ deployment: chain.deployment, runner: chain.provider });
    const enabled = await onChain(() => Promise.all(TEE_FAMILIES.map((name) => router.isEnabled(FAMILIES[name]))));
    return Promise.all(TEE_FAMILIES.filter((_, at) => enabled[at]).map((name) => checkVerifier(chain, name)));
}

async function checkVerifier({ provider, deployment }: OpenChain, name: TeeFamily): Promise<Finding> {
    const { address, family, simulated, policy } = await readVerifier({ provider, deployment }, name);
    const { contracts, SIMULATED = [] } = deployment;
    if (family !== FAMILIES[name]) {
        const detail = `its verifier ${address} verifies family ${family}`;
        return fail(name, {
            detail,
            fix: "Governance must stop this verifier: nothing of the family can be registered.",
        });
    }
    if (policy !== contracts.AttestationPolicy) {
        const detail = `its verifier obeys ${policy}, the file says ${contracts.AttestationPolicy}`;
        return fail(name, { detail, fix: "Governance must stop this verifier: revoked certificates would pass." });
    }
    if (simulated !== SIMULATED.includes(name)) {
        const detail = `its verifier is ${simulated ? "a stand-in" : "genuine"}, the file says otherwise`;
        return fail(name, { detail, fix: "Give the deployment file of this chain; do not rely on this one." });
    }
    if (!simulated) return ok(name, `documents are verified by ${address}, under ${policy}`);
    return warn(name, {
        detail: `SIMULATED: ${address} accepts documents under a root whose key everybody has`,
        fix: "Fine on a development chain; such evidence proves nothing.",
    });
}

/** What the family's current verifier says of itself. */
async function readVerifier({ provider, deployment }: Pick<OpenChain, "provider" | "deployment">, name: TeeFamily) {
    const { router } = contractsOf({ deployment, runner: provider });
    return onChain(async () => {
        const [address] = await router.current(FAMILIES[name]);
        const verifier = BaseContract.from<IAttestationVerifier>(address, attestationVerifierAbi, provider);
        // Every attestation verifier has this view, under this name.
        const { policy } = BaseContract.from<INitroVerifier>(address, nitroVerifierAbi, provider);
        return {
            address: toHex(address),
            family: Number(await verifier.family()),
            simulated: await verifier.isSimulated(),
            policy: toHex(await policy()),
        };
    });
}
