/** Price of a transaction (EIP-1559), wei per gas. */
export type GasPrice = { maxFeeWei: bigint; tipWei: bigint };

/** Nodes take a replacement only if both prices rise by at least 10 %; an eighth is clearly above. */
const BUMP_DIVISOR = 8n;

/** A price that stays good while the base fee doubles, which takes six full blocks. */
export function priceFor({ baseFeeWei, tipWei }: { baseFeeWei: bigint; tipWei: bigint }): GasPrice {
    return { maxFeeWei: 2n * baseFeeWei + tipWei, tipWei };
}

/** A price at which a transaction may take the place of one with price `old`: at least an eighth more, or today's. */
export function raised({ old, now }: { old: GasPrice; now: GasPrice }): GasPrice {
    const more = (value: bigint) => value + value / BUMP_DIVISOR + 1n;
    const tipWei = max(more(old.tipWei), now.tipWei);
    return { maxFeeWei: max(max(more(old.maxFeeWei), now.maxFeeWei), tipWei), tipWei };
}

function max(a: bigint, b: bigint): bigint {
    return a > b ? a : b;
}
