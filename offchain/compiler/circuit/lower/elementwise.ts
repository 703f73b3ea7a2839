import { at } from "../../integer/at.ts";
import { bitLength, greatestOf, magnitude } from "../../integer/bigMath.ts";
import { type Bounds, magnitudeBits } from "../../integer/interval.ts";
import type { ReluNode, ReluRescaleNode, RescaleNode } from "../../integer/types.ts";
import { type Builder, elementOf } from "../_builder.ts";
import type { Digits } from "../digits.ts";
import type { Gadget } from "../gadgets.ts";
import type { Element } from "../plan.ts";
import { atLeast, multiply } from "./_logic.ts";
import { numberOf } from "./decompose.ts";
import { lowerEach } from "./each.ts";

type ElementwiseNode = ReluNode | RescaleNode | ReluRescaleNode;
type Lowering = { builder: Builder; node: ElementwiseNode; inputs: Element[]; bounds: Bounds[] };

const PREFIX = { relu: "relu", rescale: "scaled", reluRescale: "relu" } as const;

/** One gadget for each element whose interval leaves a choice; one product for a ReLU of known digits. */
export function lowerElementwise({ builder, node, inputs, bounds }: Lowering): Element[] {
    const gadget = (element: Element) => gadgetFor({ node, bounds: builder.boundsOf(element) });
    const known = inputs.map((element) => (node.op === "relu" ? builder.notes.digitsOf(element) : undefined));
    const open = inputs.flatMap((element, index) => (known[index] === undefined ? [{ element, index }] : []));
    const outputs = lowerEach({
        builder,
        name: PREFIX[node.op],
        inputs: open.map(({ element }) => element),
        bounds: open.map(({ index }) => at(bounds, index)),
        gadget,
    });
    const byIndex = new Map(open.map(({ index }, position) => [index, at(outputs, position)]));
    return inputs.map((element, index) => {
        const digits = known[index];
        if (digits === undefined) return byIndex.get(index) ?? element;
        return reluOfDigits({ builder, element, digits, bounds: at(bounds, index) });
    });
}

type KnownDigits = { builder: Builder; element: Element; digits: Digits; bounds: Bounds };

function reluOfDigits({ builder, element, digits, bounds }: KnownDigits): Element {
    if (builder.boundsOf(element).lo >= 0n) return element;
    if (bounds.lo === bounds.hi) return { kind: "constant", value: bounds.lo };
    const left = atLeast({ builder, digits, threshold: 0n });
    return elementOf({ builder, value: multiply({ builder, left, right: numberOf(digits), bounds }), known: bounds });
}

/** The cheapest template that is right on the whole interval; undefined where the operation changes nothing. */
function gadgetFor({ node, bounds }: { node: ElementwiseNode; bounds: Bounds }): Gadget | undefined {
    const { lo, hi } = bounds;
    switch (node.op) {
        case "relu":
            if (lo >= 0n) return undefined;
            return { template: "Relu", bits: bitLength(greatestOf([magnitude(lo), magnitude(hi)])) };
        case "rescale":
            return rescaleGadget({ bounds, shift: node.shift });
        case "reluRescale":
            if (lo >= 0n) return rescaleGadget({ bounds, shift: node.shift });
            return { template: "ReluRescale", bits: widthFor({ bounds, shift: node.shift }), shift: node.shift };
    }
}

function rescaleGadget({ bounds, shift }: { bounds: Bounds; shift: number }): Gadget {
    return { template: "Rescale", bits: widthFor({ bounds, shift }), shift };
}

/** Templates need a bit that the shift leaves. */
function widthFor({ bounds, shift }: { bounds: Bounds; shift: number }): number {
    return Math.max(magnitudeBits(bounds), shift + 1);
}
