/** Bit for bit: the integer ONNX model in onnxruntime, the interpreter and the circuit's witness. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
    analyse,
    type CompiledModel,
    createInterpreter,
    createSession,
    MODEL_FILES,
    openCircuit,
    proveInference,
    quantiseInput,
} from "@assay/compiler";
import { decodeIoSpec, encodeTensor, unboundBind } from "@assay/protocol";
import { countOf } from "../../offchain/compiler/integer/types.ts";
import { createRandom } from "../../offchain/compiler/quantise/random.ts";

const SEED = 1000;

type Comparison = { model: CompiledModel; calibration: readonly (readonly number[])[]; inputs: number };

/**
 * How many of so many inputs give equal outputs in all three; a difference throws. The extremes of the input's range come
 * first, then by turns a calibration sample and elements drawn from the whole range.
 */
export async function exactInputs({ model, calibration, inputs }: Comparison): Promise<number> {
    const { manifest, graph, dir } = model;
    const ioSpec = decodeIoSpec(manifest.ioSpec);
    const session = await createSession(new Uint8Array(await readFile(join(dir, MODEL_FILES.artifact))));
    const interpreter = createInterpreter(analyse(graph));
    const job = { ioSpec, vkHash: manifest.vkHash, bind: unboundBind(manifest.vkHash) };
    const prove = async () => manifest.knownAnswer.proof; // only the witness matters here
    const calculator = openCircuit(model);
    let equal = 0;
    for (const values of someInputs({ model, calibration, count: inputs })) {
        const input = encodeTensor({ dtype: ioSpec.input.dtype, values });
        const output = encodeTensor({ dtype: ioSpec.output.dtype, values: interpreter.run(values) });
        const byRuntime = await session.runBytes(input);
        if (Buffer.compare(byRuntime, output) !== 0) throw new Error(`onnxruntime differs on input ${equal}`);
        await proveInference({ ...job, calculator, prove, input, output }); // throws unless the circuit has this output
        equal += 1;
    }
    await session.close();
    return equal;
}

type Wanted = Pick<Comparison, "model" | "calibration"> & { count: number };

/** Inputs in the graph's integers. */
function* someInputs({ model: { graph, manifest }, calibration, count }: Wanted): Generator<bigint[]> {
    const random = createRandom(SEED);
    const elements = (pick: (min: bigint, max: bigint) => bigint) =>
        graph.inputs.flatMap(({ tensor, min, max }) =>
            Array.from({ length: countOf(graph.tensors.get(tensor)?.shape ?? []) }, () => pick(min, max)),
        );
    const drawn = (min: bigint, max: bigint) => min + BigInt(Math.floor(random() * Number(max - min + 1n)));
    const isRaw = manifest.inputs.some(({ dtype }) => dtype === "float32");
    // of raw float32 bits only numbers are inputs, and their integers are not in the order of these
    const anywhere = () => (isRaw ? quantiseInput(manifest, elements(drawn).map(numberOfBits)) : elements(drawn));
    for (let index = 0; index < count; index++) {
        const sample = calibration[(index / 2) % calibration.length];
        if (!isRaw && index === 0) yield elements((min) => min);
        else if (!isRaw && index === 1) yield elements((_, max) => max);
        else yield sample === undefined ? anywhere() : quantiseInput(manifest, sample);
    }
}

/** The float32 of 32 bits, 0 in place of NaN. */
function numberOfBits(bits: bigint): number {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, Number(BigInt.asUintN(32, bits)));
    const value = view.getFloat32(0);
    return Number.isNaN(value) ? 0 : value;
}
