import { at } from "../at.ts";
import type { Rows } from "../rows.ts";

/** Doubles hold every whole number below this. */
export const DOUBLE_LIMIT = 1n << 53n;

/** What a term reads, by the sign of its weight. */
export type Source = { forPositive: readonly bigint[]; forNegative: readonly bigint[] };

type Sums = {
    bias: readonly bigint[];
    rows: readonly Rows[];
    sources: readonly Source[];
    /** Whether no partial sum reaches DOUBLE_LIMIT; then doubles are exact, and ten times as fast. */
    isSafe: boolean;
};

/** For every output: bias + sum of weight * (what its source gives for the weight's sign). */
export function signedSums(sums: Sums): bigint[] {
    return sums.isSafe ? sumAsNumbers(sums) : sumAsBigInts(sums);
}

function sumAsNumbers({ bias, rows, sources }: Sums): bigint[] {
    const sums = Float64Array.from(bias, Number);
    for (const [kernel, { start, index, weight }] of rows.entries()) {
        const { forPositive, forNegative } = at(sources, kernel);
        const positive = Float64Array.from(forPositive, Number);
        const negative = forNegative === forPositive ? positive : Float64Array.from(forNegative, Number);
        for (let output = 0; output < sums.length; output++) {
            let sum = sums[output] ?? 0;
            const end = start[output + 1] ?? 0;
            for (let term = start[output] ?? 0; term < end; term++) {
                const factor = weight[term] ?? 0;
                sum += factor * ((factor > 0 ? positive : negative)[index[term] ?? 0] ?? 0);
            }
            sums[output] = sum;
        }
    }
    return Array.from(sums, BigInt);
}

function sumAsBigInts({ bias, rows, sources }: Sums): bigint[] {
    const sums = [...bias];
    for (const [kernel, { start, index, weight }] of rows.entries()) {
        const { forPositive, forNegative } = at(sources, kernel);
        for (let output = 0; output < sums.length; output++) {
            for (let term = at(start, output); term < at(start, output + 1); term++) {
                const factor = at(weight, term);
                const value = at(factor > 0 ? forPositive : forNegative, at(index, term));
                sums[output] = at(sums, output) + BigInt(factor) * value;
            }
        }
    }
    return sums;
}
