import { FIELD_ORDER } from "@assay/protocol";

/** The greatest value that stands for itself; above it, v stands for v - p. */
export const GREATEST = (FIELD_ORDER - 1n) / 2n;

/** The integer nearest to 0 that a field element stands for: small negative numbers stay small. */
export function balanced(value: bigint): bigint {
    if (value >= -GREATEST && value <= GREATEST) return value;
    const rest = value % FIELD_ORDER;
    if (rest > GREATEST) return rest - FIELD_ORDER;
    return rest < -GREATEST ? rest + FIELD_ORDER : rest;
}

/** Least non-negative residue of a balanced value. */
export function residue(value: bigint): bigint {
    return value < 0n ? value + FIELD_ORDER : value;
}

/** 1 / value in the field, balanced; value is not 0. Euclid's algorithm. */
export function inverse(value: bigint): bigint {
    let [rest, next] = [FIELD_ORDER, residue(balanced(value))];
    let [factor, nextFactor] = [0n, 1n];
    while (next !== 0n) {
        const quotient = rest / next;
        [rest, next] = [next, rest - quotient * next];
        [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
    }
    return balanced(factor);
}
