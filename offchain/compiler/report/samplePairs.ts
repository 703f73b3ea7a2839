import { analyse } from "../integer/analyse.ts";
import { at } from "../integer/at.ts";
import { createInterpreter } from "../integer/interpret.ts";
import type { CompiledModel } from "../loadModel.ts";
import { readOnnx } from "../onnx/readOnnx.ts";
import { createReference, realsOf } from "../quantise/accuracy.ts";
import { createCalibration } from "../quantise/calibration.ts";
import { samplesAtEdges } from "../quantise/edges.ts";
import { quantiseSample } from "../quantise/inputFormats.ts";
import { formatOf } from "../quantiseInput.ts";
import { readModel } from "../readModel.ts";

/** One score by both models. */
export type Pair = { float: number; integer: number };

/** The scores of one output: what an arg-max compares, else the output itself. */
export type OutputPairs = { name: string; pairs: Pair[] };

type Question = {
    onnx: Uint8Array;
    model: CompiledModel;
    /** As given to the compiler; without them the same samples are made as there. */
    calibration: readonly (readonly number[])[] | undefined;
};

/** Runs the float model and the integer model on the calibration samples; pairs that are no numbers are left out. */
export function samplePairs({ onnx, model: { graph, manifest }, calibration: given }: Question): OutputPairs[] {
    const source = readModel(readOnnx(onnx));
    const samples = given === undefined ? undefined : samplesAtEdges({ graph: source, given });
    const calibration = createCalibration({ given: samples, graph: source });
    const reference = createReference({ graph: source, calibration });
    const formats = new Map(graph.inputs.map(({ tensor }, index) => [tensor, formatOf(at(manifest.inputs, index))]));
    const interpreter = createInterpreter(analyse(graph));
    const outputs = manifest.outputs.map(({ name }): OutputPairs => ({ name, pairs: [] }));
    const count = at(reference.outputs, 0).scores.length;
    for (const [index, sample] of calibration.samples.slice(0, count).entries()) {
        const values = interpreter.trace(quantiseSample({ graph, formats, sample }));
        for (const [output, { tensor, scores }] of reference.outputs.entries()) {
            const integers = realsOf({ graph, values, tensor });
            const pairs = integers.map((integer, position) => ({ float: at(at(scores, index), position), integer }));
            const numbers = pairs.filter(({ float, integer }) => Number.isFinite(float) && Number.isFinite(integer));
            at(outputs, output).pairs.push(...numbers);
        }
    }
    return outputs;
}
