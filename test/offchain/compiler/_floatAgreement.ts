import { expect } from "chai";
import { createFloatEvaluator } from "../../../offchain/compiler/graph/evaluate.ts";
import type { FloatGraph } from "../../../offchain/compiler/graph/types.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import { found } from "../../../offchain/compiler/integer/types.ts";
import type { OnnxModel } from "../../../offchain/compiler/onnx/model.ts";
import { readOnnx } from "../../../offchain/compiler/onnx/readOnnx.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { createReference, measureAccuracy } from "../../../offchain/compiler/quantise/accuracy.ts";
import { activationPrecision, narrowableTensors } from "../../../offchain/compiler/quantise/activations.ts";
import { type Calibration, createCalibration } from "../../../offchain/compiler/quantise/calibration.ts";
import {
    chooseInputFormats,
    type InputFormats,
    quantiseSample,
} from "../../../offchain/compiler/quantise/inputFormats.ts";
import { ioSpecOf } from "../../../offchain/compiler/quantise/ioSpec.ts";
import { approximate } from "../../../offchain/compiler/quantise/quantise.ts";
import { type Candidate, findQuantisation } from "../../../offchain/compiler/quantise/search.ts";
import { readModel } from "../../../offchain/compiler/readModel.ts";
import { expectNear } from "../../support/near.ts";
import { expectAgreementOn } from "./_agreement.ts";
import { createRandom } from "./_integerGraphs.ts";

/** What float32 kernels may lose against doubles, relative to 1 or to the value. */
const FLOAT_ERROR = 1e-4;

export type FloatAgreement = {
    model: OnnxModel;
    /** Greatest difference from onnxruntime on the float model. */
    tolerance: number;
    /** Values of the random samples; whole ones with `isWhole`. */
    range?: [number, number];
    isWhole?: boolean;
    count?: number;
    seed?: number;
    /** Percent that the search may lose; or no search, and so many bits for every activation. */
    accuracyPct?: number;
    bits?: number;
};

/**
 * Compiles a float model for random samples and expects on all of them: its float graph is the float model in
 * onnxruntime, its integer graph is near it, and interpreter, integer ONNX model and circuit agree bit for bit. Returns
 * the candidate.
 */
export async function expectFloat(given: FloatAgreement): Promise<Candidate> {
    const { model, tolerance } = given;
    const bytes = writeOnnx(model);
    const graph = readModel(readOnnx(bytes));
    const samples = someSamples({ ...given, graph });
    const calibration = createCalibration({ given: samples, graph });
    const formats = chooseInputFormats({ graph, calibration, bits: 8 });
    const quantised = quantisedWith({ ...given, graph, calibration, formats });
    const { analysis, ioSpec } = quantised;

    const inputs = samples.map((sample) => quantiseSample({ graph: analysis.graph, formats, sample }));
    const interpreter = createInterpreter(analysis);
    const evaluator = createFloatEvaluator(graph);
    const session = await createSession(bytes);
    for (const [index, sample] of samples.entries()) {
        const expected = await runFloat({ session, graph, sample });
        const values = interpreter.trace(inputs[index] ?? []);
        const actual = analysis.graph.outputs.flatMap((tensor) => {
            const { scaleLog2, zeroPoint } = found({ map: analysis.graph.tensors, name: tensor });
            return found({ map: values, name: tensor }).map((value) => Number(value - zeroPoint) * 2 ** -scaleLog2);
        });
        const float = evaluator.trace(sample);
        const real = graph.outputs.flatMap(({ tensor }) => [...found({ map: float, name: tensor })]);
        expect(actual.length).to.equal(expected.length);
        for (const [position, value] of actual.entries()) {
            const wanted = expected[position] ?? 0;
            const rounding = FLOAT_ERROR * Math.max(1, Math.abs(wanted));
            const what = `sample ${index}, element ${position}`;
            expectNear({ actual: real[position], wanted, tolerance: rounding, what: `float graph, ${what}` });
            expectNear({ actual: value, wanted, tolerance, what });
        }
    }
    await session.close();
    const { plan } = await expectAgreementOn({ analysis, ioSpec, inputs });
    return { ...quantised, plan };
}

type Quantised = Omit<Candidate, "plan">;
type Quantising = Pick<FloatAgreement, "accuracyPct" | "bits"> & {
    graph: FloatGraph;
    calibration: Calibration;
    formats: InputFormats;
};

function quantisedWith({ graph, calibration, formats, accuracyPct = 0.1, bits }: Quantising): Quantised {
    if (bits === undefined) {
        const target = { top1Agreement: 0, meanAbsPctDiff: accuracyPct };
        return findQuantisation({ graph, calibration, formats, weightBits: 8, target });
    }
    const reference = createReference({ graph, calibration });
    const every = new Map(narrowableTensors(graph).map((tensor) => [tensor, bits]));
    const chosen = activationPrecision({ graph, ranges: reference.ranges, bits: every });
    const precision = { formats, weightBits: 8, operandBits: 12, ...chosen };
    const { graph: integers, approximations } = approximate({ graph, precision });
    const analysis = analyse(integers);
    const accuracy = measureAccuracy({ analysis, reference, calibration, formats });
    return { precision, analysis, ioSpec: ioSpecOf({ analysis, formats }), approximations, accuracy };
}

type Samples = Pick<FloatAgreement, "range" | "isWhole" | "count" | "seed"> & { graph: FloatGraph };

function someSamples({ graph, range: [lo, hi] = [-2, 2], isWhole = false, count = 50, seed = 1 }: Samples): number[][] {
    const random = createRandom(seed);
    const elements = graph.inputs.reduce((sum, { tensor }) => {
        return sum + found({ map: graph.shapes, name: tensor }).reduce((product, size) => product * size, 1);
    }, 0);
    const next = () => (isWhole ? random.integer(lo, hi) : lo + ((hi - lo) * random.integer(0, 1 << 20)) / (1 << 20));
    return Array.from({ length: count }, () => Array.from({ length: elements }, next));
}

type FloatRun = { session: Awaited<ReturnType<typeof createSession>>; graph: FloatGraph; sample: number[] };

async function runFloat({ session, graph, sample }: FloatRun): Promise<number[]> {
    let start = 0;
    const feeds = graph.inputs.map(({ tensor }, index) => {
        const count = found({ map: graph.shapes, name: tensor }).reduce((product, size) => product * size, 1);
        const values = sample.slice(start, start + count);
        start += count;
        const dtype = session.inputs[index]?.dtype;
        if (dtype === 7) return BigInt64Array.from(values, BigInt);
        if (dtype === 6) return Int32Array.from(values);
        return dtype === 11 ? Float64Array.from(values) : Float32Array.from(values);
    });
    return (await session.run(feeds)).flatMap((data) => Array.from(data, Number));
}
