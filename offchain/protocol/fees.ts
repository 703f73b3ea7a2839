import { familyName } from "./constants.ts";
import { ProtocolError } from "./errors/ProtocolError.ts";
import { decodePolicy } from "./policy.ts";
import { familiesOf } from "./policyText.ts";
import gas from "./tables/gas.json" with { type: "json" };

/**
 * Gas that a delivery is reckoned to cost (tables/gas.json): `deliveryBase` for the transaction, 784 bytes of input
 * and the hub's bookkeeping, one row for each family of the clause, `callbackOverhead` plus the callback's own gas.
 * The rows are the ceilings of the gas figures, so that they hold for every model: SIGNED 90k, TEE 105k, ZK 320k.
 */
export function deliveryGas({
    policy,
    callbackGas,
    clauses = 0xfff,
}: {
    policy: bigint;
    callbackGas: bigint | number;
    clauses?: number | undefined;
}): bigint {
    const rows = new Map(Object.entries(gas.families));
    const costs = decodePolicy(policy)
        .clauses.filter((_, i) => (clauses & (1 << i)) !== 0)
        .map((clause) => familiesOf(clause).map((family) => rows.get(familyName(family))))
        .filter((costs) => costs.every((cost) => cost !== undefined))
        .map((costs) => costs.reduce((sum, cost) => sum + cost, 0));
    if (costs.length === 0) throw new ProtocolError({ code: "POLICY_NOT_PRICED" });
    const callback = BigInt(callbackGas);
    // EIP-150 lets a call pass on 63/64 of what is left, so exact gas needs 64/63 of it in hand.
    const callbackTotal = callback === 0n ? 0n : BigInt(gas.callbackOverhead) + (callback * 64n + 62n) / 63n;
    return BigInt(gas.deliveryBase) + BigInt(Math.max(...costs)) + callbackTotal;
}

/**
 * Least fee for which an executor answers, in wei of the native token: the delivery's gas at this gas price and a
 * margin of `marginBps` for the price moving before it lands. Of the clauses that can be met (bit i of `clauses`, all
 * unless told) the dearest counts: the executor picks which one it serves.
 *
 * @example
 * minimumFeeWei({ policy: PRESETS.SIGNED, callbackGas: 0n, gasPriceWei: 1_000_000_000n }); // 108000000000000n
 */
export function minimumFeeWei(parts: {
    policy: bigint;
    callbackGas: bigint | number;
    gasPriceWei: bigint;
    clauses?: number | undefined;
}): bigint {
    const basisPoints = 10_000n;
    const costWei = deliveryGas(parts) * parts.gasPriceWei;
    return (costWei * (basisPoints + BigInt(gas.marginBps)) + basisPoints - 1n) / basisPoints;
}
