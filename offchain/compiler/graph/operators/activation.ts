import { tensorOf } from "./_call.ts";
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
