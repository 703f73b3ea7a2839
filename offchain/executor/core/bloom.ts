import { type Hex, hexToBytes, keccak256 } from "@assay/protocol";

/**
 * Whether a block may hold a log of one of these addresses (undefined: of any) with one of these topics, as its header's
 * bloom filter says. `false` is certain, `true` is not: a node that then gives no logs has to be asked again.
 */
export function mayContain({
    bloom,
    addresses,
    topics,
}: {
    bloom: Hex;
    addresses: readonly Hex[] | undefined;
    topics: readonly Hex[];
}): boolean {
    const bits = hexToBytes(bloom);
    const hasAny = (values: readonly Hex[]) => values.some((value) => contains({ bits, value }));
    return hasAny(topics) && (addresses === undefined || hasAny(addresses));
}

/** Three bits of 2048, each the low 11 bits of one of the first three pairs of bytes of the value's hash. */
function contains({ bits, value }: { bits: Uint8Array; value: Hex }): boolean {
    const hash = hexToBytes(keccak256(hexToBytes(value)));
    return [0, 2, 4].every((at) => {
        const bit = (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2047;
        const byte = bits[bits.length - 1 - (bit >> 3)] ?? 0;
        return (byte & (1 << (bit & 7))) !== 0;
    });
}
