import { DTYPE } from "../../onnx/dtypes.ts";
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
                return plain({ name, type: attribute.type, shape: [], values: [Number(attribute.value)] });
            case "floats":
            case "ints": {
                const values = attribute.value.map(Number);
                return plain({ name, type: attribute.type, shape: [values.length], values });
            }
            case "string":
            case "strings":
                return refuseText(call);
        }
    },
};

type Plain = { name: string; type: "float" | "floats" | "int" | "ints"; shape: number[]; values: number[] };

function plain({ name, type, shape, values }: Plain): Operand {
    const dtype = type.startsWith("int") ? DTYPE.INT64 : DTYPE.FLOAT;
    return { kind: "constant", name, dtype, shape, values: Float64Array.from(values) };
}

function refuseText(call: OperatorCall): never {
    throw unsupportedForm({ call, why: "a text constant is not a tensor of numbers" });
}
