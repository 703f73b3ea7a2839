import { ProtocolError } from "@assay/protocol";
import type { FloatDivideNode, FloatProductNode, FloatSquareRootNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { hull, magnitudeBits } from "../integer/interval.ts";
import type { GraphBuilder } from "./_builder.ts";
import { centred, clamped, negated, rescaledUp, roundedToBits } from "./_scales.ts";

type Binary<N> = { builder: GraphBuilder; node: N; shape: number[]; operandBits: number };

/** Products stay below this, so that sums of them stay exact as doubles. */
const WIDEST_PRODUCT_BITS = 50;

/**
 * Product of the operands; the scales add up. Bits are dropped only where the product would be too wide: dropping them
 * costs a constraint each, and whatever reads the product drops them anyway.
 */
export function addProduct({ builder, node, shape, operandBits }: Binary<FloatProductNode>): void {
    const name = node.source;
    const given = node.inputs.map((tensor) => centred({ builder, tensor, name }));
    const widths = given.map((tensor) => widthOf({ builder, tensor }));
    const inputs = given.map((tensor, index) => {
        const other = at(widths, 1 - index);
        const room = Math.max(operandBits, WIDEST_PRODUCT_BITS / 2, WIDEST_PRODUCT_BITS - other);
        return roundedToBits({ builder, tensor, name, bits: room });
    });
    const scaleLog2 = inputs.reduce((sum, tensor) => sum + builder.tensor(tensor).scaleLog2, 0);
    builder.addNode({
        node: { op: "product", name, inputs, output: node.output },
        tensor: { shape, scaleLog2, zeroPoint: 0n },
    });
}

/**
 * Quotient, rounded down; that of the greatest operands has `operandBits` bits. A divisor that may round to 0 is taken
 * as one step of its scale instead.
 */
export function addDivide({ builder, node, shape, operandBits }: Binary<FloatDivideNode>): void {
    const name = node.source;
    const { dividend, divisor } = positiveDivisor({ builder, node, operandBits });
    const [greatest, by] = [dividend, divisor].map((tensor) => magnitudeBits(hull(builder.interval(tensor))));
    const [scale, byScale] = [dividend, divisor].map((tensor) => builder.tensor(tensor).scaleLog2);
    const ratioLog2 = (greatest ?? 0) - (scale ?? 0) - ((by ?? 0) - (byScale ?? 0));
    const finer = Math.max(scale ?? 0, (byScale ?? 0) + operandBits - ratioLog2);
    const scaled = rescaledUp({ builder, tensor: dividend, name, scaleLog2: finer });
    builder.addNode({
        node: { op: "divide", name, inputs: [scaled, divisor], output: node.output },
        tensor: { shape, scaleLog2: finer - (byScale ?? 0), zeroPoint: 0n },
    });
}

type Division = Omit<Binary<FloatDivideNode>, "shape">;

function positiveDivisor({ builder, node, operandBits }: Division): { dividend: string; divisor: string } {
    const name = node.source;
    const [dividend, divisor] = node.inputs.map((tensor) => centred({ builder, tensor, name }));
    if (dividend === undefined || divisor === undefined) throw new RangeError("A quotient has two operands");
    const { lo, hi } = hull(builder.interval(divisor));
    if (lo < 0n && hi > 0n) {
        throw new ProtocolError({
            code: "MODEL_OP_FORM_UNSUPPORTED",
            message: `${name}: the divisor "${at(node.inputs, 1)}" may have either sign; it must be known to be positive, as after Clip, Exp or Sqrt.`,
        });
    }
    const isNegative = lo < 0n;
    const by = isNegative ? negated({ builder, tensor: divisor, name }) : divisor;
    const narrow = roundedToBits({ builder, tensor: by, name, bits: 2 * operandBits });
    return {
        dividend: isNegative ? negated({ builder, tensor: dividend, name }) : dividend,
        divisor: atLeastOne({ builder, tensor: narrow, name }),
    };
}

function atLeastOne({ builder, tensor, name }: { builder: GraphBuilder; tensor: string; name: string }): string {
    const { lo, hi } = hull(builder.interval(tensor));
    if (lo >= 1n) return tensor;
    const step = 2 ** -builder.tensor(tensor).scaleLog2;
    builder.approximate({ node: name, what: `a divisor below ${step} is ${step}`, bound: "none" });
    return clamped({ builder, tensor, name, min: 1n, max: hi });
}

/** The root at half of the scale, or finer so that the greatest has `operandBits` bits; what may be negative is 0. */
export function addSquareRoot({ builder, node, shape, operandBits }: Binary<FloatSquareRootNode>): void {
    const name = node.source;
    const input = centred({ builder, tensor: at(node.inputs, 0), name });
    const { lo, hi } = hull(builder.interval(input));
    if (lo < 0n) builder.approximate({ node: name, what: "the root of a number below 0 is 0", bound: "none" });
    const positive = lo >= 0n ? input : clamped({ builder, tensor: input, name, min: 0n, max: hi > 0n ? hi : 0n });
    const { scaleLog2 } = builder.tensor(positive);
    const missing = operandBits - Math.ceil((magnitudeBits({ lo: 0n, hi }) - scaleLog2) / 2);
    const rootScale = Math.max(Math.ceil(scaleLog2 / 2), missing);
    const scaled = rescaledUp({ builder, tensor: positive, name, scaleLog2: 2 * rootScale });
    builder.addNode({
        node: { op: "squareRoot", name, inputs: [scaled], output: node.output },
        tensor: { shape, scaleLog2: rootScale, zeroPoint: 0n },
    });
}

function widthOf({ builder, tensor }: { builder: GraphBuilder; tensor: string }): number {
    return magnitudeBits(hull(builder.interval(tensor))) + 1;
}
