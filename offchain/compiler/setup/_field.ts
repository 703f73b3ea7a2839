import { FIELD_ORDER } from "@assay/protocol";

/** Powers of two that divide p − 1: the largest evaluation domain has 2^28 points. */
export const TWO_ADICITY = 28;
/** Smallest non-residue of the scalar field; its power generates the evaluation domains, as in snarkjs. */
const NON_RESIDUE = 5n;

/** Least non-negative residue. */
export function mod(value: bigint): bigint {
    const rest = value % FIELD_ORDER;
    return rest < 0n ? rest + FIELD_ORDER : rest;
}

/** base^exponent. */
export function power(base: bigint, exponent: bigint): bigint {
    let result = 1n;
    let square = mod(base);
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
        if (rest & 1n) result = (result * square) % FIELD_ORDER;
        square = (square * square) % FIELD_ORDER;
    }
    return result;
}

/** 1 / value; 0 has no inverse, callers exclude it. */
export function invert(value: bigint): bigint {
    return power(value, FIELD_ORDER - 2n);
}

/** Inverses of many non-zero values with a single inversion (Montgomery's trick). */
export function invertAll(values: readonly bigint[]): bigint[] {
    let product = 1n;
    const before = values.map((value) => {
        const prefix = product;
        product = (product * value) % FIELD_ORDER;
        return prefix;
    });
    let tail = invert(product); // 1 / (values[0] … values[i])
    const inverses = new Array<bigint>(values.length);
    for (let i = values.length - 1; i >= 0; i--) {
        inverses[i] = (tail * (before[i] ?? 1n)) % FIELD_ORDER;
        tail = (tail * (values[i] ?? 1n)) % FIELD_ORDER;
    }
    return inverses;
}

/** Generator of the domain of 2^log2Size points. */
export function rootOfUnity(log2Size: number): bigint {
    return power(NON_RESIDUE, (FIELD_ORDER - 1n) >> BigInt(log2Size));
}
