import { at } from "../../integer/at.ts";
import { bitLength, greatestOf, magnitude } from "../../integer/bigMath.ts";
import { type Bounds, magnitudeBits } from "../../integer/interval.ts";
import type { ReluNode, ReluRescaleNode, RescaleNode } from "../../integer/types.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import type { Digits } from "../digits.ts";
import type { Gadget } from "../gadgets.ts";
import type { Element } from "../plan.ts";
import { commonDivisor, dividedBy, weightDivisor, withoutPowers } from "./_factor.ts";
import { atLeast, multiply, scaled } from "./_logic.ts";
import { numberOf } from "./decompose.ts";
import { lowerEach } from "./each.ts";

type ElementwiseNode = ReluNode | RescaleNode | ReluRescaleNode;
type Lowering = { builder: Builder; node: ElementwiseNode; inputs: Element[]; bounds: Bounds[] };

const PREFIX = { relu: "relu", rescale: "scaled", reluRescale: "relu" } as const;

/** One gadget for each element whose interval leaves a choice; one product for a ReLU of known digits. */
export function lowerElementwise({ builder, node, inputs, bounds }: Lowering): Element[] {
    const known = inputs.map((element) => (node.op === "relu" ? builder.notes.digitsOf(element) : undefined));
    const open = inputs.flatMap((element, index) =>
        known[index] === undefined ? [{ index, ...reduced({ builder, node, element }) }] : [],
    );
    const outputs = lowerEach({
        builder,
        name: PREFIX[node.op],
        inputs: open.map(({ element }) => element),
        bounds: open.map(({ index, factor }) => divided({ bounds: at(bounds, index), factor })),
        gadget: (element, position) =>
            gadgetFor({ op: node.op, shift: at(open, position).shift, bounds: builder.boundsOf(element) }),
    });
    const byIndex = new Map(open.map((entry, position) => [entry.index, { ...entry, output: at(outputs, position) }]));
    return inputs.map((element, index) => {
        const [digits, lowered] = [known[index], byIndex.get(index)];
        if (digits !== undefined) return reluOfDigits({ builder, element, digits, bounds: at(bounds, index) });
        if (lowered === undefined) throw new RangeError("An element has no output");
        return timesFactor({ builder, element: lowered.output, factor: lowered.factor, known: at(bounds, index) });
    });
}

type Reduced = { element: Element; shift: number; factor: bigint };

/** The same with fewer bits where all weights of a sum share a factor: relu(g x) = g relu(x). */
function reduced({ builder, node, element }: { builder: Builder; node: ElementwiseNode; element: Element }): Reduced {
    if (node.op !== "relu") return { ...withoutPowers({ builder, element, shift: node.shift }), factor: 1n };
    const constant = element.kind === "sum" ? magnitude(element.value.constant) : 0n;
    const factor = commonDivisor(weightDivisor(element), constant);
    return { element: dividedBy({ builder, element, divisor: factor }), shift: 0, factor };
}

function divided({ bounds: { lo, hi }, factor }: { bounds: Bounds; factor: bigint }): Bounds {
    return { lo: lo / factor, hi: hi / factor };
}

type Scaled = { builder: Builder; element: Element; factor: bigint; known: Bounds };

function timesFactor({ builder, element, factor, known }: Scaled): Element {
    if (factor === 1n) return element;
    return elementOf({ builder, value: scaled(asCombination(element), factor), known });
}

type KnownDigits = { builder: Builder; element: Element; digits: Digits; bounds: Bounds };

function reluOfDigits({ builder, element, digits, bounds }: KnownDigits): Element {
    if (builder.boundsOf(element).lo >= 0n) return element;
    if (bounds.lo === bounds.hi) return { kind: "constant", value: bounds.lo };
    const left = atLeast({ builder, digits, threshold: 0n });
    return elementOf({ builder, value: multiply({ builder, left, right: numberOf(digits), bounds }), known: bounds });
}

type Choice = { op: ElementwiseNode["op"]; shift: number; bounds: Bounds };

/** The cheapest template that is right on the whole interval; undefined where the operation changes nothing. */
function gadgetFor({ op, shift, bounds }: Choice): Gadget | undefined {
    const { lo, hi } = bounds;
    const isRectified = op !== "rescale" && lo < 0n;
    if (shift > 0) {
        if (!isRectified) return rescaleGadget({ bounds, shift });
        return { template: "ReluRescale", bits: widthFor({ bounds, shift }), shift };
    }
    return isRectified ? { template: "Relu", bits: bitLength(greatestOf([magnitude(lo), magnitude(hi)])) } : undefined;
}

function rescaleGadget({ bounds, shift }: { bounds: Bounds; shift: number }): Gadget {
    return { template: "Rescale", bits: widthFor({ bounds, shift }), shift };
}

/** Templates need a bit that the shift leaves. */
function widthFor({ bounds, shift }: { bounds: Bounds; shift: number }): number {
    return Math.max(magnitudeBits(bounds), shift + 1);
}
