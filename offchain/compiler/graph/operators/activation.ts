import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { axisOf, intAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import type { Operator } from "./operator.ts";

/** max(0, x). */
export const reluOperator: Operator = {
    supported: "Relu",
    attributes: [],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        return call.emit({ draft: { op: "relu", inputs: [input.name] }, shape: input.shape });
    },
};

/** Index of the greatest element; of equal ones the first. */
export const argMaxOperator: Operator = {
    supported: "ArgMax with select_last_index 0",
    attributes: ["axis", "keepdims", "select_last_index"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        if (intAttribute({ call, name: "select_last_index", fallback: 0 }) !== 0) {
            throw unsupportedForm({ call, why: "select_last_index must be 0" });
        }
        const rank = input.shape.length;
        const axis = axisOf({ call, axis: intAttribute({ call, name: "axis", fallback: 0 }), rank });
        const keepsAxis = intAttribute({ call, name: "keepdims", fallback: 1 }) !== 0;
        const [before, after] = [input.shape.slice(0, axis), input.shape.slice(axis + 1)];
        return call.emit({
            draft: {
                op: "argMax",
                inputs: [input.name],
                outer: countOf(before),
                length: at(input.shape, axis),
                inner: countOf(after),
            },
            shape: [...before, ...(keepsAxis ? [1] : []), ...after],
        });
    },
};
