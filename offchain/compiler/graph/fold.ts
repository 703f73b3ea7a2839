import { countOf } from "../integer/types.ts";
import { createFloatEvaluator } from "./evaluate.ts";
import type { ConstantOperand, Operand, OperatorCall, TensorOperand } from "./operators/operator.ts";
import { constantResult } from "./operators/sources.ts";
import type { FloatGraph } from "./types.ts";

/** A graph of its own for a node that reads nothing but constants: it is run at once, and only its results stay. */
export type Scratch = {
    graph: FloatGraph;
    /** A constant as an input of the graph. */
    asTensor: (constant: ConstantOperand) => TensorOperand;
    /** What the graph gives a tensor, rounded to the element type of that output of the node. */
    resultOf: (result: { call: OperatorCall; operand: Operand; index: number }) => ConstantOperand;
};

/** An empty scratch graph. */
export function createScratch(): Scratch {
    const graph: FloatGraph = { inputs: [], nodes: [], outputs: [], shapes: new Map(), notes: [] };
    const inputs: ConstantOperand[] = [];
    return {
        graph,
        asTensor: (constant) => {
            const { dtype, shape } = constant;
            const name = `constant ${inputs.length}`;
            inputs.push(constant);
            graph.inputs.push({ tensor: name, dtype });
            graph.shapes.set(name, shape);
            return { kind: "tensor", name, dtype, shape };
        },
        resultOf: ({ call, operand, index }) => {
            if (operand.kind === "constant") return operand;
            const values = createFloatEvaluator(graph).trace(inputs.flatMap((constant) => [...constant.values]));
            const result = values.get(operand.name) ?? new Float64Array(countOf(operand.shape));
            return constantResult({ call, values: result, shape: operand.shape, index });
        },
    };
}
