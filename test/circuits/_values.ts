/** All integers from `min` to `max`. */
export function integers(min: bigint, max: bigint): bigint[] {
    return Array.from({ length: Number(max - min) + 1 }, (_, i) => min + BigInt(i));
}

/** A value and its neighbours. */
export function around(value: bigint): bigint[] {
    return [value - 1n, value, value + 1n];
}

/** max(x, 0). */
export function relu(x: bigint): bigint {
    return x > 0n ? x : 0n;
}

/** Index of the largest value, the first of equal ones. */
export function argMax(values: readonly bigint[]): bigint {
    const largest = values.toSorted((a, b) => (a < b ? 1 : -1))[0] ?? 0n;
    return BigInt(values.indexOf(largest));
}
