import { at } from "../../integer/at.ts";
import { bitLength, greatestOf, magnitude } from "../../integer/bigMath.ts";
import type { Bounds } from "../../integer/interval.ts";
import { groupsOf } from "../../integer/ops/maximum.ts";
import type { MaximumNode } from "../../integer/types.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import { difference, weightedSum } from "../combination.ts";
import type { Element } from "../plan.ts";

type Lowering = { builder: Builder; node: MaximumNode; inputs: Element[]; bounds: Bounds[] };

/** max(a, b) = b + relu(a - b), as a tree over the elements of a group that can win. */
export function lowerMaximum({ builder, node, inputs, bounds }: Lowering): Element[] {
    return groupsOf(node).map((positions, output) => {
        const known = at(bounds, output);
        if (known.lo === known.hi) return { kind: "constant", value: known.lo };
        const different = [...new Set(positions)].map((position) => at(inputs, position));
        const rivals = different.filter((element) => builder.boundsOf(element).hi >= known.lo);
        return tree({ builder, rivals, known });
    });
}

type Tree = { builder: Builder; rivals: Element[]; known: Bounds };

function tree({ builder, rivals, known }: Tree): Element {
    let round = rivals;
    while (round.length > 1) {
        const pairs = Array.from({ length: Math.ceil(round.length / 2) }, (_, pair) => [
            round[2 * pair],
            round[2 * pair + 1],
        ]);
        round = pairs.flatMap(([left, right]) => {
            if (left === undefined) return [];
            return [right === undefined ? left : greaterOf({ builder, left, right, known })];
        });
    }
    return at(round, 0);
}

type Pair = { builder: Builder; left: Element; right: Element; known: Bounds };

function greaterOf({ builder, left, right, known }: Pair): Element {
    const value = difference({ left: asCombination(left), right: asCombination(right) });
    const margin = elementOf({ builder, value });
    const { lo, hi } = builder.boundsOf(margin);
    if (lo >= 0n) return left;
    if (hi <= 0n) return right;
    const [input] = builder.settle([margin]);
    if (input === undefined) throw new RangeError("One element was settled");
    const signal = builder.declare({ name: "lead", bounds: [{ lo: 0n, hi }] }).first;
    const bits = bitLength(greatestOf([magnitude(lo), magnitude(hi)]));
    builder.gadget({ gadget: { template: "Relu", bits }, inputs: [input], output: { kind: "signal", signal } });
    const parts = [
        { value: asCombination(right), weight: 1n },
        { value: asCombination({ kind: "signal", signal }), weight: 1n },
    ];
    return elementOf({
        builder,
        value: weightedSum({ parts }),
        known: { lo: leastOfMax({ builder, left, right }), hi: known.hi },
    });
}

function leastOfMax({ builder, left, right }: Omit<Pair, "known">): bigint {
    return greatestOf([builder.boundsOf(left).lo, builder.boundsOf(right).lo]);
}
