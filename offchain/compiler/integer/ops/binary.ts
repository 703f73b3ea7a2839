import { at } from "../at.ts";
import { floorDivide, greatestOf, leastOf } from "../bigMath.ts";
import type { Interval } from "../interval.ts";
import type { DivideNode, ProductNode } from "../types.ts";
import { outsideDomain } from "./_outside.ts";
import type { Semantics } from "./semantics.ts";

type Operation = (left: bigint, right: bigint) => bigint;

/** x * y; the square of a tensor is never negative. */
export const product: Semantics<ProductNode> = {
    interval: ({ node, inputs }) => {
        const bounds = corners({ inputs, apply: (left, right) => left * right });
        const [first, second] = node.inputs;
        return first === second ? squares(at(inputs, 0)) : bounds;
    },
    evaluate: ({ inputs }) => pairwise({ inputs, apply: (left, right) => left * right }),
};

/** floor(x / y); throws MODEL_DIR_INVALID for a divisor that may be 0 or less: no compilation gives one. */
export const divide: Semantics<DivideNode> = {
    interval: ({ node, inputs }) => {
        if (at(inputs, 1).lo.some((least) => least < 1n)) throw outsideDomain({ node, why: "its divisor may be 0" });
        return corners({ inputs, apply: floorDivide });
    },
    evaluate: ({ inputs }) => pairwise({ inputs, apply: floorDivide }),
};

/** Bounds of an operation that is monotone in each argument: the extremes lie at the corners. */
function corners({ inputs, apply }: { inputs: Interval[]; apply: Operation }): Interval {
    const [left, right] = [at(inputs, 0), at(inputs, 1)];
    const values = left.lo.map((least, index) =>
        [least, at(left.hi, index)].flatMap((value) =>
            [at(right.lo, index), at(right.hi, index)].map((other) => apply(value, other)),
        ),
    );
    return { lo: values.map(leastOf), hi: values.map(greatestOf) };
}

function squares({ lo, hi }: Interval): Interval {
    const ends = lo.map((least, index) => [least * least, at(hi, index) * at(hi, index)]);
    return {
        lo: ends.map((values, index) => (at(lo, index) <= 0n && at(hi, index) >= 0n ? 0n : leastOf(values))),
        hi: ends.map(greatestOf),
    };
}

function pairwise({ inputs, apply }: { inputs: bigint[][]; apply: Operation }): bigint[] {
    const others = at(inputs, 1);
    return at(inputs, 0).map((value, index) => apply(value, at(others, index)));
}
