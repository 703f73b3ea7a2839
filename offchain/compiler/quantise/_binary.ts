import { ProtocolError } from "@assay/protocol";
import type { FloatDivideNode, FloatProductNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { hull } from "../integer/interval.ts";
import type { GraphBuilder } from "./_builder.ts";
import { narrowed, rescaledUp } from "./_scales.ts";

type Binary<N> = { builder: GraphBuilder; node: N; shape: number[]; operandBits: number };

/** Product of the narrowed operands; the scales add up. */
export function addProduct({ builder, node, shape, operandBits }: Binary<FloatProductNode>): void {
    const name = node.source;
    const inputs = node.inputs.map((tensor) => narrowed({ builder, tensor, name, bits: operandBits }));
    const scaleLog2 = inputs.reduce((sum, tensor) => sum + builder.tensor(tensor).scaleLog2, 0);
    builder.addNode({
        node: { op: "product", name, inputs, output: node.output },
        tensor: { shape, scaleLog2, zeroPoint: 0n },
    });
}

/** Quotient of the narrowed operands with `operandBits` bits after the point, rounded down. */
export function addDivide({ builder, node, shape, operandBits }: Binary<FloatDivideNode>): void {
    const name = node.source;
    const [dividend, divisor] = node.inputs.map((tensor) => narrowed({ builder, tensor, name, bits: operandBits }));
    if (dividend === undefined || divisor === undefined) throw new RangeError("A quotient has two operands");
    if (hull(builder.interval(divisor)).lo < 1n) {
        throw new ProtocolError({
            code: "MODEL_OP_FORM_UNSUPPORTED",
            message: `${name}: the divisor "${at(node.inputs, 1)}" may be as small as 0 at its scale.`,
        });
    }
    const scaleLog2 = builder.tensor(divisor).scaleLog2 + operandBits;
    const finer = Math.max(scaleLog2, builder.tensor(dividend).scaleLog2);
    const scaled = rescaledUp({ builder, tensor: dividend, name, scaleLog2: finer });
    builder.addNode({
        node: { op: "divide", name, inputs: [scaled, divisor], output: node.output },
        tensor: { shape, scaleLog2: finer - builder.tensor(divisor).scaleLog2, zeroPoint: 0n },
    });
}
