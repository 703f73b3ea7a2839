import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { axisOf, constantOf, intAttribute, operandOf, unsupportedForm } from "./_call.ts";
import type { Operand, Operator, OperatorCall } from "./operator.ts";

/** Reshape to a constant shape; 0 copies the size of the same axis, one -1 takes what is left. */
export const reshapeOperator: Operator = {
    supported: "Reshape to a constant shape",
    attributes: ["allowzero"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const wanted = [...constantOf({ call, index: 1 }).values];
        const copiesZero = intAttribute({ call, name: "allowzero", fallback: 0 }) === 0;
        const known = wanted.map((size, axis) => (size === 0 && copiesZero ? at(input.shape, axis) : size));
        const rest = countOf(input.shape) / countOf(known.filter((size) => size !== -1));
        const shape = known.map((size) => (size === -1 ? rest : size));
        if (countOf(shape) !== countOf(input.shape) || shape.some((size) => !Number.isInteger(size) || size < 1)) {
            throw unsupportedForm({ call, why: `[${input.shape.join(", ")}] cannot become [${wanted.join(", ")}]` });
        }
        return reshaped({ call, input, shape });
    },
};

/** Flatten into two axes. */
export const flattenOperator: Operator = {
    supported: "Flatten",
    attributes: ["axis"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const rank = input.shape.length;
        const given = intAttribute({ call, name: "axis", fallback: 1 });
        const axis = given === rank ? rank : axisOf({ call, axis: given, rank });
        const shape = [countOf(input.shape.slice(0, axis)), countOf(input.shape.slice(axis))];
        return reshaped({ call, input, shape });
    },
};

/** Identity. */
export const identityOperator: Operator = {
    supported: "Identity",
    attributes: [],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        return reshaped({ call, input, shape: input.shape });
    },
};

function reshaped({ call, input, shape }: { call: OperatorCall; input: Operand; shape: number[] }): Operand {
    if (input.kind === "constant") return { ...input, shape };
    return call.emit({ draft: { op: "reshape", inputs: [input.name] }, shape });
}
