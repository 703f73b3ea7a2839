import type { IoSpec } from "@assay/protocol";
import type { Analysis } from "../integer/analyse.ts";
import { at } from "../integer/at.ts";
import { found, type IntegerNode, shapeOf } from "../integer/types.ts";
import type { Dtype } from "../onnx/dtypes.ts";
import type { OnnxModel } from "../onnx/model.ts";
import { requireLayout } from "../onnx/tensor.ts";
import { writeArgMax } from "./_argMax.ts";
import { writeDivide, writeProduct } from "./_binary.ts";
import { writeClamp, writeCompare, writeRelu, writeRescale, writeRoundEven } from "./_elementwise.ts";
import { writeLinear } from "./_linear.ts";
import { writeOneHot, writeTable } from "./_lookUp.ts";
import { writeMaximum } from "./_maximum.ts";
import type { NodeWriting } from "./_nodeWriting.ts";
import { writeSquareRoot } from "./_squareRoot.ts";
import { writeThermometer, writeTrees } from "./_trees.ts";
import { createWriter, type Value, type Writer } from "./_writer.ts";

/** Has every operator that is used, in every type that is used, and is read by every onnxruntime since 2022. */
const OPSET = 17;

/** ONNX names, in order. */
type Names = { inputs: readonly string[]; outputs: readonly string[] };

/**
 * The integer graph as an ONNX model that onnxruntime computes without rounding: each operator runs in the cheapest
 * type that its interval certifies. Inputs and outputs have the element types of the ioSpec and the names of the source.
 */
export function integerModel({
    analysis,
    ioSpec,
    names,
}: {
    analysis: Analysis;
    ioSpec: IoSpec;
    names: Names;
}): OnnxModel {
    const { graph } = analysis;
    const writer = createWriter({ reserved: [...graph.tensors.keys(), ...names.inputs, ...names.outputs] });
    const dtypes = {
        input: requireLayout({ dtype: ioSpec.input.dtype, where: "The input" }).dtype,
        output: requireLayout({ dtype: ioSpec.output.dtype, where: "The output" }).dtype,
    };
    const values = new Map<string, Value>();
    const inputs = graph.inputs.map(({ tensor }, index): Value => {
        const input = { name: at(names.inputs, index), dtype: dtypes.input, shape: shapeOf({ graph, tensor }) };
        values.set(tensor, input);
        return input;
    });
    for (const node of graph.nodes) values.set(node.output, writeNode({ analysis, writer, values, node }));
    const outputs = graph.outputs.map((tensor, index) => {
        const value = found({ map: values, name: tensor });
        return finish({ writer, value, name: at(names.outputs, index), dtype: dtypes.output });
    });
    return {
        opset: OPSET,
        domains: new Map(),
        name: "integer",
        nodes: writer.nodes,
        initializers: writer.initializers,
        inputs,
        outputs,
    };
}

function writeNode(writing: NodeWriting<IntegerNode>): Value {
    const { node } = writing;
    switch (node.op) {
        case "linear":
            return writeLinear({ ...writing, node });
        case "relu":
            return writeRelu({ ...writing, node });
        case "rescale":
        case "reluRescale":
            return writeRescale({ ...writing, node });
        case "argMax":
            return writeArgMax({ ...writing, node });
        case "clamp":
            return writeClamp({ ...writing, node });
        case "compare":
            return writeCompare({ ...writing, node });
        case "roundEven":
            return writeRoundEven({ ...writing, node });
        case "table":
            return writeTable({ ...writing, node });
        case "oneHot":
            return writeOneHot({ ...writing, node });
        case "maximum":
            return writeMaximum({ ...writing, node });
        case "product":
            return writeProduct({ ...writing, node });
        case "divide":
            return writeDivide({ ...writing, node });
        case "squareRoot":
            return writeSquareRoot({ ...writing, node });
        case "thermometer":
            return writeThermometer({ ...writing, node });
        case "trees":
            return writeTrees({ ...writing, node });
        case "reshape": {
            const {
                analysis: { graph },
                writer,
                values,
            } = writing;
            const value = found({ map: values, name: at(node.inputs, 0) });
            return writer.reshape({ value, shape: shapeOf({ graph, tensor: node.output }) });
        }
    }
}

function finish({ writer, value, name, dtype }: { writer: Writer; value: Value; name: string; dtype: Dtype }): Value {
    const cast = writer.cast({ value, dtype });
    return writer.node({ op: "Identity", inputs: [cast.name], output: { ...cast, name } });
}
