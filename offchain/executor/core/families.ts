import { decodePolicy, FAMILIES, FLAGS, familiesOf, isCanonical, maskOf, meetable } from "@assay/protocol";

/** Families this executor can make evidence of; the cheapest that suffices is made. */
const COST_BY_FAMILY: ReadonlyMap<number, number> = new Map([
    [FAMILIES.SIGNED, 1],
    [FAMILIES.TEE_NITRO, 2],
    [FAMILIES.TEE_SGX, 2],
    [FAMILIES.TEE_TDX, 2],
    // A proof takes seconds and some 245k gas; any number of signatures is cheaper.
    [FAMILIES.ZK_GROTH16, 1_000],
]);

/** Flags that nothing meets yet; the gate refuses them too. */
const UNAVAILABLE_FLAGS = maskOf([FLAGS.DISTINCT_EXECUTOR_KEYS, FLAGS.INCLUDE_BLOCK_HASH]);

/**
 * The families of the cheapest clause that can be met with the families of `possible`; undefined if there is none.
 * `exactInt`: whether the model is an integer graph, which flag 3 demands. Flag 1 leaves out clauses of one vendor.
 */
export function chooseFamilies({
    policy,
    possible,
    exactInt,
}: {
    policy: bigint;
    possible: readonly number[];
    exactInt: boolean;
}): number[] | undefined {
    if (!isCanonical(policy)) return undefined;
    const { clauses, flags } = decodePolicy(policy);
    if ((flags & UNAVAILABLE_FLAGS) !== 0) return undefined;
    const can = maskOf(possible.filter((family) => COST_BY_FAMILY.has(family)));
    const met = meetable({ word: policy, possible: can, exactInt });
    return clauses
        .filter((_, at) => (met & (1 << at)) !== 0)
        .map(familiesOf)
        .sort((a, b) => costOf(a) - costOf(b))[0];
}

function costOf(families: readonly number[]): number {
    return families.reduce((sum, family) => sum + (COST_BY_FAMILY.get(family) ?? 0), 0);
}
