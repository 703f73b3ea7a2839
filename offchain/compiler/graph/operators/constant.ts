import { constantOperand } from "../constants.ts";
import { unsupportedForm } from "./_call.ts";
import type { Operand, Operator, OperatorCall } from "./operator.ts";

/** A constant inside the graph. */
export const constantOperator: Operator = {
    supported: "Constant",
    attributes: ["value", "value_float", "value_floats", "value_int", "value_ints"],
    translate: (call) => {
        const [attribute] = call.node.attributes.values();
        if (attribute === undefined || call.node.attributes.size !== 1)
            throw unsupportedForm({ call, why: "it needs one value" });
        const name = call.node.outputs[0] ?? "";
        switch (attribute.type) {
            case "tensor":
                return constantOperand({ name, tensor: attribute.value });
            case "float":
            case "int":
                return plain({ name, shape: [], values: [Number(attribute.value)] });
            case "floats":
            case "ints":
                return plain({ name, shape: [attribute.value.length], values: attribute.value.map(Number) });
            case "string":
            case "strings":
                return refuseText(call);
        }
    },
};

function plain({ name, shape, values }: { name: string; shape: number[]; values: number[] }): Operand {
    return { kind: "constant", name, shape, values: Float64Array.from(values) };
}

function refuseText(call: OperatorCall): never {
    throw unsupportedForm({ call, why: "a text constant is not a tensor of numbers" });
}
