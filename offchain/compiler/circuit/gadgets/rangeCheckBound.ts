import { at } from "../../integer/at.ts";
import { bitLength } from "../../integer/bigMath.ts";
import type { LinearCombination } from "../plan.ts";
import { constant, shifted, sumOf, times } from "../system/algebra.ts";
import type { SystemBuilder } from "../system/builder.ts";
import type { Wire } from "../system/r1cs.ts";
import { bitsOf, decompose, digitAt } from "./_bits.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";

/** min <= x <= max. */
export type RangeCheckBound = { template: "RangeCheckBound"; min: bigint; max: bigint };

/** lib/fixed-point/range-check-bound.circom */
export const rangeCheckBound: GadgetDefinition<RangeCheckBound> = {
    file: "lib/fixed-point/range-check-bound.circom",
    parameters: ({ min, max }) => [min, max],
    constraints: ({ min, max }) => {
        const span = max - min;
        return bitLength(span) + runsOfZeros(span) + prefixProducts(span);
    },
    expand: ({ system, gadget: { min, max }, inputs }) => {
        const span = max - min;
        const width = bitLength(span);
        const distance = shifted(onlyInput({ inputs }), -min);
        const bit = system.signals({ name: "bit", dims: [width - 1] });
        const prefix = system.signals({ name: "prefix", dims: [prefixProducts(span)] });
        system.hint({
            targets: bit,
            inputs: [distance],
            compute: ([value = 0n]) => bitsOf({ value, from: 1, count: width - 1 }),
        });
        const low = decompose({ system, bits: bit, value: distance });
        requireAtMost({ system, span, prefix, digit: (index) => digitAt({ low, bits: bit, index }) });
    },
};

type AtMost = {
    system: SystemBuilder;
    span: bigint;
    prefix: readonly Wire[];
    digit: (index: number) => LinearCombination;
};

/** From the top: `agree` is 1 while every one of span so far is a one of x - min; then a zero of span is a zero too. */
function requireAtMost({ system, span, prefix, digit }: AtMost): void {
    const width = bitLength(span);
    const isOne = (index: number) => ((span >> BigInt(index)) & 1n) === 1n;
    let agree = digit(width - 1);
    let run: LinearCombination[] = [];
    let used = 0;
    for (let index = width - 2; index >= 0; index--) {
        if (!isOne(index)) {
            run.push(digit(index));
            if (index > 0 && !isOne(index - 1)) continue;
            system.constrain({ left: agree, right: sumOf(run), equals: constant(0n) });
            run = [];
        } else if (used < prefix.length) {
            const target = at(prefix, used);
            system.assign({ target, left: agree, right: digit(index) });
            agree = times(target);
            used += 1;
        }
    }
}

function runsOfZeros(span: bigint): number {
    return span.toString(2).match(/0+/g)?.length ?? 0;
}

/** Ones of the span that stand above its lowest zero, the highest one not counted. */
function prefixProducts(span: bigint): number {
    const digits = span.toString(2);
    const ones = digits.slice(0, digits.lastIndexOf("0") + 1).match(/1/g)?.length ?? 0;
    return Math.max(0, ones - 1);
}
