/** |value|. */
export function magnitude(value: bigint): bigint {
    return value < 0n ? -value : value;
}

/** The greatest of some integers; 0 of none. */
export function greatestOf(values: readonly bigint[]): bigint {
    let greatest = values[0] ?? 0n;
    for (const value of values) if (value > greatest) greatest = value;
    return greatest;
}

/** The least of some integers; 0 of none. */
export function leastOf(values: readonly bigint[]): bigint {
    let least = values[0] ?? 0n;
    for (const value of values) if (value < least) least = value;
    return least;
}

/** Bits of a non-negative integer: the least b with value < 2^b. */
export function bitLength(value: bigint): number {
    return value === 0n ? 0 : value.toString(2).length;
}

/** The greatest r with r * r <= value, of a non-negative integer; Newton's method from above. */
export function squareRootFloor(value: bigint): bigint {
    if (value < 2n) return value;
    let root = 1n << BigInt(Math.ceil(bitLength(value) / 2));
    for (;;) {
        const next = (root + value / root) >> 1n;
        if (next >= root) return root;
        root = next;
    }
}

/** floor(a / b) for b > 0; BigInt's own division rounds towards zero. */
export function floorDivide(a: bigint, b: bigint): bigint {
    const quotient = a / b;
    return a < 0n && quotient * b !== a ? quotient - 1n : quotient;
}
