import { at } from "../../integer/at.ts";
import type { Builder } from "../_builder.ts";
import { elementOf } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { Digits } from "../digits.ts";
import type { Argument, LinearCombination, SettledElement } from "../plan.ts";

/** A number as a combination. */
export function constantOf(constant: bigint): LinearCombination {
    return { constant, terms: [] };
}

/** 1 - bit. */
export function not(bit: LinearCombination): LinearCombination {
    return weightedSum({ constant: 1n, parts: [{ value: bit, weight: -1n }] });
}

/** left + right. */
export function sum(left: LinearCombination, right: LinearCombination): LinearCombination {
    return weightedSum({ parts: [left, right].map((value) => ({ value, weight: 1n })) });
}

/** left - right. */
export function less(left: LinearCombination, right: LinearCombination): LinearCombination {
    return weightedSum({
        parts: [
            { value: left, weight: 1n },
            { value: right, weight: -1n },
        ],
    });
}

/** factor * value. */
export function scaled(value: LinearCombination, factor: bigint): LinearCombination {
    return weightedSum({ parts: [{ value, weight: factor }] });
}

type Product = {
    builder: Builder;
    left: LinearCombination;
    right: LinearCombination;
    bounds: { lo: bigint; hi: bigint };
};

/** left * right within bounds: one constraint, none when a factor is a number. */
export function multiply({ builder, left, right, bounds }: Product): LinearCombination {
    if (left.terms.length === 0) return scaled(right, left.constant);
    if (right.terms.length === 0) return scaled(left, right.constant);
    const target = builder.declare({ name: "product", bounds: [bounds] }).first;
    builder.product({ target, left, right });
    return { constant: 0n, terms: [{ signal: target, weight: 1n }] };
}

const BIT = { lo: 0n, hi: 1n };

type Matching = { builder: Builder; bits: readonly LinearCombination[]; pattern: bigint };

/** 1 where the bits are those of the pattern, lowest first, else 0: at most two constraints and one for each sum. */
export function matching({ builder, bits, pattern }: Matching): LinearCombination {
    const wanted = bits.map((_, index) => ((pattern >> BigInt(index)) & 1n) === 1n);
    if (bits.length <= 2) {
        const [first = constantOf(1n), second = constantOf(1n)] = bits.map((bit, index) =>
            at(wanted, index) ? bit : not(bit),
        );
        return multiply({ builder, left: first, right: second, bounds: BIT });
    }
    const settled = builder.settle(bits.map((value) => elementOf({ builder, value, known: BIT })));
    return gadgetMatching({ builder, settled, wanted });
}

type Settled = { builder: Builder; settled: readonly SettledElement[]; wanted: readonly boolean[] };

/** Bits that never vary either decide the match or do not matter. */
function gadgetMatching({ builder, settled, wanted }: Settled): LinearCombination {
    const isDecided = settled.some((bit, index) => bit.kind === "constant" && (bit.value === 1n) !== at(wanted, index));
    const open = settled.flatMap((bit, index) => (bit.kind === "signal" ? [{ bit, isOne: at(wanted, index) }] : []));
    if (isDecided || open.length === 0) return constantOf(isDecided ? 0n : 1n);
    const pattern = open.reduce((soFar, { isOne }, index) => soFar + (isOne ? 1n << BigInt(index) : 0n), 0n);
    const target = builder.declare({ name: "match", bounds: [BIT] }).first;
    const argument: Argument = open.map(({ bit }) => bit);
    builder.gadget({
        gadget: { template: "Matches", bits: open.length, pattern },
        inputs: [argument],
        output: { kind: "signal", signal: target },
    });
    return { constant: 0n, terms: [{ signal: target, weight: 1n }] };
}

type Comparison = { builder: Builder; digits: Digits; threshold: bigint };

/** 1 where the number that the digits write is at least the threshold, else 0: at most two products for each run of equal bits. */
export function atLeast({ builder, digits: { base, bits }, threshold }: Comparison): LinearCombination {
    const bound = threshold - base;
    if (bound <= 0n) return constantOf(1n);
    if (bound >= 1n << BigInt(bits.length)) return constantOf(0n);
    let isAtLeast: LinearCombination | undefined; // undefined: the lower bits are at least 0, always
    for (const { isOne, run } of runsOf({ bound, bits })) {
        if (isAtLeast === undefined && !isOne) continue;
        const parts: LinearCombination[] = isAtLeast === undefined ? run : [isAtLeast, ...run];
        const pattern = isOne ? (1n << BigInt(parts.length)) - 1n : 0n;
        const match = matching({ builder, bits: parts, pattern });
        isAtLeast = isOne ? match : not(match); // all of them are 1, or any of them is
    }
    return isAtLeast ?? constantOf(1n);
}

type Run = { isOne: boolean; run: LinearCombination[] };

/** The bits from the lowest up, in runs where the bound has equal bits. */
function runsOf({ bound, bits }: { bound: bigint; bits: readonly LinearCombination[] }): Run[] {
    const runs: Run[] = [];
    for (const [index, bit] of bits.entries()) {
        const isOne = ((bound >> BigInt(index)) & 1n) === 1n;
        const last = runs.at(-1);
        if (last?.isOne === isOne) last.run.push(bit);
        else runs.push({ isOne, run: [bit] });
    }
    return runs;
}
