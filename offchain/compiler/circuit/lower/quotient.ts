import { at } from "../../integer/at.ts";
import { bitLength } from "../../integer/bigMath.ts";
import type { Bounds } from "../../integer/interval.ts";
import type { Builder } from "../_builder.ts";
import type { Element } from "../plan.ts";
import { lowerEach } from "./each.ts";

type Division = { builder: Builder; left: Element[]; right: Element[]; bounds: Bounds[] };

/** Quotient, remainder and its distance to the divisor bit by bit, for each pair whose quotient may vary. */
export function lowerDivide({ builder, left, right, bounds }: Division): Element[] {
    return bounds.map((known, index) => {
        const divisor = at(right, index);
        if (known.lo === known.hi) return { kind: "constant", value: known.lo };
        const greatest = builder.boundsOf(divisor).hi;
        if (greatest === 1n) return at(left, index);
        const inputs = builder.settle([at(left, index), divisor]);
        const signal = builder.declare({ name: "quotient", bounds: [known] }).first;
        const quotientBits = bitLength(known.hi - known.lo);
        const divisorBits = bitLength(greatest - 1n);
        builder.gadget({
            gadget: { template: "Divide", min: known.lo, quotientBits, divisorBits },
            inputs,
            output: { kind: "signal", signal },
        });
        return { kind: "signal", signal };
    });
}

type Root = { builder: Builder; inputs: Element[]; bounds: Bounds[] };

/** One gadget for each element whose root may vary. */
export function lowerSquareRoot({ builder, inputs, bounds }: Root): Element[] {
    return lowerEach({
        builder,
        name: "root",
        inputs,
        bounds,
        gadget: (element) => {
            const width = bitLength(builder.boundsOf(element).hi);
            return { template: "SquareRoot", bits: Math.ceil(width / 2) };
        },
    });
}
