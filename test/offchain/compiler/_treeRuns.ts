import { expect } from "chai";
import { createFloatEvaluator } from "../../../offchain/compiler/graph/evaluate.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { bitsOfFloat } from "../../../offchain/compiler/integer/floatKey.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import { found, type IntegerGraph } from "../../../offchain/compiler/integer/types.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { integersOfTensor } from "../../../offchain/compiler/onnx/elements.ts";
import type { OnnxModel } from "../../../offchain/compiler/onnx/model.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { RAW_FLOATS } from "../../../offchain/compiler/quantise/inputFormat.ts";
import type { InputFormats } from "../../../offchain/compiler/quantise/inputFormats.ts";
import { ioSpecOf } from "../../../offchain/compiler/quantise/ioSpec.ts";
import { type Precision, quantise } from "../../../offchain/compiler/quantise/quantise.ts";
import { readModel } from "../../../offchain/compiler/readModel.ts";
import { integerModel } from "../../../offchain/compiler/runtime/integerModel.ts";
import { expectNear } from "../../support/near.ts";

/** The one input "x" as raw bits. */
export const FORMATS = new Map([["x", RAW_FLOATS]]);

/** Nothing rounded beyond what a scale of 8-bit weights and 12-bit operands rounds. */
export function aPrecision(formats: InputFormats): Precision {
    return { formats, weightBits: 8, activationScales: new Map(), operandBits: 12 };
}

/** The integer graph of a model whose input stays raw bits. */
export function rawGraph(model: OnnxModel): IntegerGraph {
    const graph = readModel(model);
    expect(graph.inputs[0]?.format).to.equal(RAW_FLOATS);
    return quantise({ graph, precision: aPrecision(FORMATS) });
}

/** Real outputs of the interpreter, and the integers that onnxruntime gives with the integer model, for each row. */
async function runInteger(graph: IntegerGraph, rows: number[][]) {
    const analysis = analyse(graph);
    const interpreter = createInterpreter(analysis);
    const ioSpec = ioSpecOf({ analysis, formats: FORMATS });
    const names = { inputs: ["x"], outputs: graph.outputs.map((_, index) => `y${index}`) };
    const session = await createSession(writeOnnx(integerModel({ analysis, ioSpec, names })));
    const results: { reals: number[]; integers: bigint[]; runtime: bigint[] }[] = [];
    for (const row of rows) {
        const values = interpreter.trace(row.map(bitsOfFloat));
        const integers = graph.outputs.flatMap((name) => found({ map: values, name }));
        const reals = graph.outputs.flatMap((name) => {
            const { scaleLog2 } = found({ map: graph.tensors, name });
            return found({ map: values, name }).map((value) => Number(value) * 2 ** -scaleLog2);
        });
        const runtime = (await session.run([Float32Array.from(row)])).flatMap(integersOfTensor);
        results.push({ reals, integers, runtime });
    }
    await session.close();
    return results;
}

/** Expects interpreter and integer model to give exactly what onnxruntime's tree kernel gives with the model itself. */
export async function expectExactTrees(model: OnnxModel, rows: number[][]): Promise<void> {
    const session = await createSession(writeOnnx(model));
    const results = await runInteger(rawGraph(model), rows);
    for (const [index, row] of rows.entries()) {
        const { reals, integers, runtime } = results[index] ?? { reals: [], integers: [], runtime: [] };
        const isDouble = model.inputs[0]?.dtype === DTYPE.DOUBLE;
        const given = await session.run([isDouble ? Float64Array.from(row) : Float32Array.from(row)]);
        const float = given.flatMap((data) => [...data].map((value) => Number(value) + 0)); // -0 is 0
        expect(reals, row.join()).to.deep.equal(float);
        expect(runtime).to.deep.equal(integers);
    }
    await session.close();
}

/** Expects the float graph of a model to give what onnxruntime gives, to float32's rounding. */
export async function expectFloatGraph(model: OnnxModel, rows: number[][]): Promise<void> {
    const graph = readModel(model);
    const evaluator = createFloatEvaluator(graph);
    const session = await createSession(writeOnnx(model));
    for (const row of rows) {
        const values = evaluator.trace(row);
        const reals = graph.outputs.flatMap(({ tensor }) => Array.from(found({ map: values, name: tensor })));
        const given = (await session.run([Float32Array.from(row)])).flatMap((data) => [...data].map(Number));
        expect(reals).to.have.length(given.length);
        for (const [index, actual] of reals.entries()) {
            expectNear({ actual, wanted: given[index] ?? Number.NaN, tolerance: 1e-5 });
        }
    }
    await session.close();
}
