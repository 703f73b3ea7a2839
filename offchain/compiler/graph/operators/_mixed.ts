import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { operandOf } from "./_call.ts";
import type { Part, Steps } from "./_steps.ts";
import { broadcastValues } from "./broadcast.ts";
import type { Operand, OperatorCall, TensorOperand } from "./operator.ts";

/** An operand as a tensor where it can be one: a constant only in a node that reads nothing else. */
export function readOf({ call, index }: { call: OperatorCall; index: number }): Operand {
    const operand = operandOf({ call, index });
    return operand.kind === "tensor" ? operand : (call.asTensor(operand) ?? operand);
}

type Sum = {
    steps: Steps;
    /** At least one is a tensor; each broadcasts to the shape. */
    terms: readonly { operand: Operand; factor: number }[];
    bias?: number;
    shape: number[];
    label: string;
};

/** Sum of factor * operand over tensors and constants, and a number. */
export function mixedSum({ steps, terms, bias = 0, shape, label }: Sum): TensorOperand {
    const constants = new Array<number>(countOf(shape)).fill(bias);
    const parts: Part[] = [];
    for (const { operand, factor } of terms) {
        if (operand.kind === "tensor") {
            parts.push({ tensor: steps.broadcast({ tensor: operand, shape }), factor });
            continue;
        }
        const values = broadcastValues({ source: operand, shape });
        for (const [index, value] of values.entries()) constants[index] = at(constants, index) + factor * value;
    }
    return steps.combine({ parts: joined(parts), bias: constants, shape, label });
}

/** A node reads no tensor twice: x - x is 0 x. */
function joined(parts: readonly Part[]): Part[] {
    const byName = new Map<string, Part>();
    for (const part of parts) {
        const twin = byName.get(part.tensor.name);
        byName.set(part.tensor.name, { ...part, factor: (part.factor ?? 1) + (twin?.factor ?? 0) });
    }
    return [...byName.values()];
}

type Product = { steps: Steps; left: TensorOperand; right: Operand; shape: number[]; label: string };

/** Product of a tensor with a tensor or a constant, both of which broadcast to the shape. */
export function mixedProduct({ steps, left, right, shape, label }: Product): TensorOperand {
    const tensor = steps.broadcast({ tensor: left, shape });
    if (right.kind === "tensor") {
        return steps.product({ left: tensor, right: steps.broadcast({ tensor: right, shape }), label });
    }
    const factors = broadcastValues({ source: right, shape });
    return steps.combine({ parts: [{ tensor, kernel: { kind: "scale", factors } }], shape, label });
}
