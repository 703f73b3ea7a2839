import type { DcapProfile } from "./dcap/profile.ts";
import type { NitroProfile } from "./nitro/profile.ts";
import { SIMULATED_MARK_OID, SIMULATED_NITRO_ROOT_HASH, SIMULATED_TDX_ROOT_KEY } from "./simulatedRoots.ts";

/**
 * Accepts documents of offchain/enclave/simulated, whose root key everybody has: they prove nothing, and verdicts on them
 * say tier "simulated". Nothing accepts them unless its caller names this profile.
 */
export const SIMULATED_NITRO = {
    tier: "simulated",
    rootHash: SIMULATED_NITRO_ROOT_HASH,
    marker: SIMULATED_MARK_OID,
} as const satisfies NitroProfile;

/** The same for quotes in the form of Intel TDX. */
export const SIMULATED_TDX = {
    tier: "simulated",
    rootKey: SIMULATED_TDX_ROOT_KEY,
    marker: SIMULATED_MARK_OID,
} as const satisfies DcapProfile;
