import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import type {
    OnnxAttribute,
    OnnxDimension,
    OnnxModel,
    OnnxNode,
    OnnxTensor,
} from "../../../offchain/compiler/onnx/model.ts";
import { createRandom } from "./_integerGraphs.ts";
import { aModel, aNode } from "./_models.ts";

/** A float32 constant; without values, reproducible ones in (-1, 1). */
export function aFloatTensor({
    shape,
    values,
    seed = 1,
}: {
    shape: number[];
    values?: number[];
    seed?: number;
}): OnnxTensor {
    const random = createRandom(seed);
    const count = shape.reduce((product, size) => product * size, 1);
    const data = values ?? Array.from({ length: count }, () => random.integer(-999, 999) / 1000);
    return { dtype: DTYPE.FLOAT, shape, data: Float32Array.from(data) };
}

/** An int64 constant, such as a shape. */
export function aShapeTensor(values: number[]): OnnxTensor {
    return { dtype: DTYPE.INT64, shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

/** A node with float attributes, which `aNode` does not write. */
export function withFloats(node: OnnxNode, floats: Record<string, number>): OnnxNode {
    const added = Object.entries(floats).map(([name, value]): [string, OnnxAttribute] => [
        name,
        { type: "float", value },
    ]);
    return { ...node, attributes: new Map([...node.attributes, ...added]) };
}

/** A model with the input "x" and the output "y" of the last node. */
export function aFloatModel({
    input,
    output,
    nodes,
    constants = {},
    outputType = DTYPE.FLOAT,
    ...rest
}: {
    input: OnnxDimension[];
    output: OnnxDimension[];
    nodes: OnnxNode[];
    constants?: Record<string, OnnxTensor>;
    outputType?: OnnxModel["outputs"][number]["dtype"];
    opset?: number;
}): OnnxModel {
    return aModel({
        nodes,
        initializers: new Map(Object.entries(constants)),
        inputs: [{ name: "x", dtype: DTYPE.FLOAT, shape: input }],
        outputs: [{ name: "y", dtype: outputType, shape: output }],
        ...rest,
    });
}

/** A multilayer perceptron with ReLUs between, and an arg-max at its end if wanted. */
export function anMlp({
    sizes,
    argMax = false,
    seed = 1,
    batch = 1,
}: {
    sizes: number[];
    argMax?: boolean;
    seed?: number;
    batch?: OnnxDimension;
}): OnnxModel {
    const constants: Record<string, OnnxTensor> = {};
    const nodes: OnnxNode[] = [];
    let previous = "x";
    for (const [layer, rows] of sizes.slice(1).entries()) {
        const isLast = layer === sizes.length - 2;
        constants[`w${layer}`] = aFloatTensor({ shape: [rows, sizes[layer] ?? 0], seed: seed + 2 * layer });
        constants[`b${layer}`] = aFloatTensor({ shape: [rows], seed: seed + 2 * layer + 1 });
        const sum = isLast && !argMax ? "y" : `sum${layer}`;
        nodes.push(
            aNode("Gemm", { inputs: [previous, `w${layer}`, `b${layer}`], output: sum, attributes: { transB: 1n } }),
        );
        if (!isLast) nodes.push(aNode("Relu", { inputs: [sum], output: `relu${layer}` }));
        previous = isLast ? sum : `relu${layer}`;
    }
    if (argMax)
        nodes.push(aNode("ArgMax", { inputs: [previous], output: "y", attributes: { axis: 1n, keepdims: 0n } }));
    const outputs = argMax ? [batch] : [batch, sizes.at(-1) ?? 0];
    return aFloatModel({
        input: [batch, sizes[0] ?? 0],
        output: outputs,
        nodes,
        constants,
        outputType: argMax ? DTYPE.INT64 : DTYPE.FLOAT,
    });
}
