import { expect } from "chai";
import { createFloatEvaluator } from "../../../offchain/compiler/graph/evaluate.ts";
import { importOnnx } from "../../../offchain/compiler/graph/importOnnx.ts";
import { simplify } from "../../../offchain/compiler/graph/simplify.ts";
import { DTYPE, type Dtype, layoutOf } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxAttribute, OnnxModel, OnnxTensor } from "../../../offchain/compiler/onnx/model.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { expectNear } from "../../support/near.ts";
import { createRandom } from "./_integerGraphs.ts";
import { aModel } from "./_models.ts";

/** One node on float32 inputs. */
export type FloatCase = {
    op: string;
    /** What is special about it. */
    form: string;
    /** Shapes of the inputs x0, x1, … */
    x: number[][];
    constants?: Record<string, OnnxTensor>;
    /** Names in order; the inputs and then the constants unless told. */
    inputs?: string[];
    attributes?: Record<string, number | number[] | string | { float: number } | { floats: number[] } | OnnxTensor>;
    opset?: number;
    outputs?: number;
    dtype?: Dtype;
};

/** A model of one node. */
export function caseModel(given: FloatCase): OnnxModel {
    const { op, x, constants = {}, attributes = {}, opset = 17, outputs = 1, dtype = DTYPE.FLOAT } = given;
    const names = x.map((_, index) => `x${index}`);
    const results = Array.from({ length: outputs }, (_, index) => `y${index}`);
    const node = {
        op,
        domain: "",
        name: op,
        inputs: given.inputs ?? [...names, ...Object.keys(constants)],
        outputs: results,
        attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attributeOf(value)])),
    };
    return aModel({
        opset,
        nodes: [node],
        initializers: new Map(Object.entries(constants)),
        inputs: names.map((name, index) => ({ name, dtype, shape: x[index] ?? [] })),
        outputs: results.map((name) => ({ name, dtype, shape: undefined })),
    });
}

function attributeOf(
    value: number | number[] | string | { float: number } | { floats: number[] } | OnnxTensor,
): OnnxAttribute {
    if (typeof value === "number") return { type: "int", value: BigInt(value) };
    if (typeof value === "string") return { type: "string", value };
    if (Array.isArray(value)) return { type: "ints", value: value.map(BigInt) };
    if ("float" in value) return { type: "float", value: value.float };
    if ("floats" in value) return { type: "floats", value: value.floats };
    return { type: "tensor", value };
}

/**
 * Runs a model as imported and in onnxruntime, on inputs of multiples of 1/64 in [-4, 4), and expects the same numbers
 * and shapes.
 */
export async function expectLikeOnnxruntime({ model, runs = 3 }: { model: OnnxModel; runs?: number }): Promise<void> {
    const graph = simplify(importOnnx(model));
    const outputs = model.outputs.map((value, index) => ({
        ...value,
        shape: graph.shapes.get(graph.outputs[index]?.tensor ?? ""),
    }));
    const session = await createSession(writeOnnx({ ...model, outputs }));
    try {
        const evaluator = createFloatEvaluator(graph);
        const random = createRandom(7);
        for (let run = 0; run < runs; run++) {
            const inputs = model.inputs.map(({ dtype, shape }) => {
                const count = (shape ?? []).reduce<number>((product, size) => product * Number(size), 1);
                const isReal = dtype === DTYPE.FLOAT || dtype === DTYPE.DOUBLE;
                const draw = () => (isReal ? random.integer(-256, 255) / 64 : random.integer(0, 50));
                return { dtype, values: Array.from({ length: count }, draw) };
            });
            const wanted = await session.run(inputs.map(tensorData));
            const values = evaluator.trace(inputs.flatMap((input) => input.values));
            for (const [index, { tensor }] of graph.outputs.entries()) {
                const actual = values.get(tensor) ?? [];
                const expected = Array.from(wanted[index] ?? [], Number);
                expect(actual.length, "number of elements").to.equal(expected.length);
                for (const [place, value] of expected.entries()) {
                    const size = Math.max(1, Math.abs(value));
                    const what = `element ${place} of output ${index}`;
                    expectNear({ actual: actual[place], wanted: value, tolerance: 1e-4 * size, what });
                }
            }
        }
    } finally {
        await session.close();
    }
}

function tensorData({ dtype, values }: { dtype: Dtype; values: number[] }) {
    const layout = layoutOf(dtype);
    if (layout === undefined) throw new Error(`no layout of ${dtype}`);
    const data = layout.view(new ArrayBuffer(values.length * layout.sizeBytes));
    for (const [index, value] of values.entries()) {
        if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[index] = BigInt(value);
        else data[index] = value;
    }
    return data;
}
