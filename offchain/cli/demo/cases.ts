import { encodePolicy, FAMILIES, maskOf, PRESETS } from "@assay/protocol";

/** One question of the demo: under which policy, whether signatures count there, and what must become of it. */
export type DemoCase = {
    policyName: string;
    policy: bigint;
    namesExecutor: boolean;
    expected: "delivered" | "refused";
};

/** The questions, in the order in which they are asked. */
export const DEMO_CASES: readonly DemoCase[] = [
    { policyName: "SIGNED", policy: PRESETS.SIGNED, namesExecutor: true, expected: "delivered" },
    // A proof convinces whoever brings it: nobody is named.
    { policyName: "ZK", policy: PRESETS.ZK, namesExecutor: false, expected: "delivered" },
    { policyName: "SIGNED_AND_ZK", policy: PRESETS.SIGNED_AND_ZK, namesExecutor: true, expected: "delivered" },
    { policyName: "TEE", policy: PRESETS.TEE, namesExecutor: false, expected: "delivered" },
    { policyName: "TEE_AND_ZK", policy: PRESETS.TEE_AND_ZK, namesExecutor: false, expected: "delivered" },
    // The model's owner names no code in an SGX enclave: refused when it is asked, not later and not quietly.
    {
        policyName: "SGX",
        policy: encodePolicy({ clauses: [maskOf([FAMILIES.TEE_SGX])] }),
        namesExecutor: true,
        expected: "refused",
    },
];

/** What the consumer contract believes at least: any one family. Each question is stricter or equal. */
export const ACCEPTED_POLICY = encodePolicy({
    clauses: [FAMILIES.SIGNED, FAMILIES.TEE_NITRO, FAMILIES.TEE_SGX, FAMILIES.TEE_TDX, FAMILIES.ZK_GROTH16].map(
        (family) => maskOf([family]),
    ),
});
