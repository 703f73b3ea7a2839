import { ProtocolError } from "@assay/protocol";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { quote } from "./_faults.ts";
import type { DtypeLayout, TensorData } from "./dtypes.ts";
import { bytesOfTensor, integersOfTensor, tensorOfBytes, tensorOfIntegers } from "./elements.ts";
import type { OnnxValue } from "./model.ts";
import { readOnnx } from "./readOnnx.ts";
import { requireLayout } from "./tensor.ts";

/**
 * What the exactness of docs/adr/0001 is measured with: the plain CPU kernels, one thread, and no graph optimisation,
 * so that the arithmetic of the file is the arithmetic that runs (fusions multiply constants into weights).
 */
const PINNED_OPTIONS = {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 4, // faults are thrown; nothing is printed
} satisfies InferenceSession.SessionOptions;

/** A loaded model. Inputs and outputs are in the graph's order; symbolic input dimensions count as 1. */
export type OnnxSession = {
    inputs: readonly OnnxValue[];
    outputs: readonly OnnxValue[];
    /** Runs on one typed array per input and returns one per output. */
    run: (tensors: readonly TensorData[]) => Promise<TensorData[]>;
    /** Runs on whole numbers, the elements of all inputs one after the other, and returns those of all outputs. */
    runIntegers: (values: readonly bigint[]) => Promise<bigint[]>;
    /** Runs on the canonical encoding (row-major, big-endian) of all inputs and returns that of all outputs. */
    runBytes: (bytes: Uint8Array) => Promise<Uint8Array>;
    /** Frees the native memory; later runs fail. */
    close: () => Promise<void>;
};

/** An input as it is fed. */
type Port = { name: string; shape: number[]; count: number; layout: DtypeLayout };

/**
 * Loads an ONNX model into onnxruntime with the pinned options. Our reader reads the file first, so hostile files fail
 * as they do for the compiler. What operators allocate while running is not bounded: run models that you chose.
 */
export async function createSession(bytes: Uint8Array): Promise<OnnxSession> {
    const { inputs, outputs } = readOnnx(bytes);
    const ports = inputs.map(portOf);
    const native = await guard({ code: "RUNTIME_MODEL_REFUSED", work: InferenceSession.create(bytes, PINNED_OPTIONS) });
    const countAll = ports.reduce((sum, { count }) => sum + count, 0);
    const sizeAll = ports.reduce((sum, { count, layout }) => sum + count * layout.sizeBytes, 0);

    const run: OnnxSession["run"] = async (tensors) => {
        requireLength({ actual: tensors.length, wanted: ports.length, what: "inputs" });
        const feeds = ports.map((port, index) => [port.name, feed({ port, data: tensors[index] })] as const);
        const results = await guard({ code: "RUNTIME_FAILED", work: native.run(Object.fromEntries(feeds)) });
        return outputs.map((value) => collect({ value, tensor: results[value.name] }));
    };

    return {
        inputs,
        outputs,
        run,
        runIntegers: async (values) => {
            requireLength({ actual: values.length, wanted: countAll, what: "elements" });
            let start = 0;
            const tensors = ports.map(({ count, layout }) => {
                start += count;
                return tensorOfIntegers({ layout, values: values.slice(start - count, start) });
            });
            return (await run(tensors)).flatMap(integersOfTensor);
        },
        runBytes: async (encoded) => {
            requireLength({ actual: encoded.length, wanted: sizeAll, what: "bytes" });
            let start = 0;
            const tensors = ports.map(({ count, layout }) => {
                start += count * layout.sizeBytes;
                return tensorOfBytes({ layout, bytes: encoded.subarray(start - count * layout.sizeBytes, start) });
            });
            return Uint8Array.from(Buffer.concat((await run(tensors)).map(bytesOfTensor)));
        },
        close: () => native.release(),
    };
}

function portOf({ name, dtype, shape }: OnnxValue): Port {
    const where = `The graph input ${quote(name)}`;
    if (shape === undefined) {
        throw new ProtocolError({ code: "RUNTIME_MODEL_REFUSED", message: `${where} declares no shape.` });
    }
    const fixed = shape.map((size) => (typeof size === "number" ? size : 1));
    return {
        name,
        shape: fixed,
        count: fixed.reduce((product, size) => product * size, 1),
        layout: requireLayout({ dtype, where }),
    };
}

function feed({ port, data }: { port: Port; data: TensorData | undefined }): Tensor {
    requireLength({ actual: data?.length ?? 0, wanted: port.count, what: `elements of the input ${quote(port.name)}` });
    if (data === undefined || data.constructor !== port.layout.view(new ArrayBuffer(0)).constructor) {
        const message = `The input ${quote(port.name)} has type ${port.layout.name}, not what ${data?.constructor.name} holds.`;
        throw new ProtocolError({ code: "RUNTIME_INPUT_MISMATCH", message });
    }
    return new Tensor(port.layout.name, data, port.shape);
}

/** A copy of an output: the runtime may reuse its memory. */
function collect({ value, tensor }: { value: OnnxValue; tensor: Tensor | undefined }): TensorData {
    const { name, view } = requireLayout({ dtype: value.dtype, where: `The graph output ${quote(value.name)}` });
    if (tensor === undefined || tensor.type !== name || !ArrayBuffer.isView(tensor.data)) {
        const message = `The output ${quote(value.name)} has type ${tensor?.type} instead of ${name}.`;
        throw new ProtocolError({ code: "RUNTIME_FAILED", message });
    }
    const { buffer, byteOffset, byteLength } = tensor.data;
    const copy = new Uint8Array(byteLength);
    copy.set(new Uint8Array(buffer, byteOffset, byteLength));
    return view(copy.buffer);
}

function requireLength({ actual, wanted, what }: { actual: number; wanted: number; what: string }): void {
    if (actual === wanted) return;
    throw new ProtocolError({
        code: "RUNTIME_INPUT_MISMATCH",
        message: `${actual} ${what} are given; the model takes ${wanted}.`,
    });
}

async function guard<T>({
    code,
    work,
}: {
    code: "RUNTIME_MODEL_REFUSED" | "RUNTIME_FAILED";
    work: Promise<T>;
}): Promise<T> {
    try {
        return await work;
    } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new ProtocolError({ code, message: `onnxruntime says: ${reason.replace(/\.?$/, ".")}`, cause });
    }
}
