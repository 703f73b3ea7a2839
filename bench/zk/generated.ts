/** Nets of published shapes (circomlib-ml's benchmark) with weights from a seed: only their size matters. */

import { DTYPE } from "../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from "../../offchain/compiler/onnx/model.ts";
import { writeOnnx } from "../../offchain/compiler/onnx/writeOnnx.ts";
import { createRandom } from "../../offchain/compiler/quantise/random.ts";

/** A layer with weights; `conv` is a square window followed by ReLU and an average pool of 2x2. */
type Layer =
    | { kind: "conv"; channels: number; filters: number; size: number }
    | { kind: "dense"; from: number; to: number };

/** Input shape and layers; between two dense layers there is a ReLU, in the end an arg-max. */
export type NetShape = { input: readonly number[]; layers: readonly Layer[] };

/** By row name: 784-56-10, and LeNets with 5x5 windows on 28x28 pixels. */
export const NET_SHAPES = {
    "bench-784-56-10": {
        input: [1, 784],
        layers: [
            { kind: "dense", from: 784, to: 56 },
            { kind: "dense", from: 56, to: 10 },
        ],
    },
    "bench-28-6-16-10-5": {
        input: [1, 1, 28, 28],
        layers: [
            { kind: "conv", channels: 1, filters: 6, size: 5 },
            { kind: "conv", channels: 6, filters: 16, size: 5 },
            { kind: "dense", from: 256, to: 10 },
        ],
    },
    "bench-lenet-28-6-16-120-84-10": {
        input: [1, 1, 28, 28],
        layers: [
            { kind: "conv", channels: 1, filters: 6, size: 5 },
            { kind: "conv", channels: 6, filters: 16, size: 5 },
            { kind: "dense", from: 256, to: 120 },
            { kind: "dense", from: 120, to: 84 },
            { kind: "dense", from: 84, to: 10 },
        ],
    },
} satisfies Record<string, NetShape>;

/** Of untrained nets some have two classes that nearly tie on most images, so that no rounding agrees; not this one. */
const SEED = 2;
const OPSET = 13;
/** Pixels are 0..255; the first layer brings them to 0..1. */
const GREATEST_PIXEL = 255;

/** A net as an ONNX file; equal shapes give equal bytes. */
export function generateNet({ input, layers }: NetShape): Uint8Array {
    const gaussian = createGaussian(SEED);
    const nodes: OnnxNode[] = [];
    const initializers = new Map<string, OnnxTensor>();
    let value = "input";
    const add = ({ op, output, inputs = [], attributes = {} }: Draft): void => {
        nodes.push(aNode({ op, inputs: [value, ...inputs], output, attributes }));
        value = output;
    };
    for (const [index, layer] of layers.entries()) {
        const isLast = index === layers.length - 1;
        const isFlat = layer.kind === "dense" && layers[index - 1]?.kind === "conv";
        if (isFlat) add({ op: "Flatten", output: `layer${index}.flat` });
        const [weights, bias] = [`layer${index}.weight`, `layer${index}.bias`];
        initializers.set(weights, weightsOf({ layer, gaussian, scale: index === 0 ? 1 / GREATEST_PIXEL : 1 }));
        initializers.set(bias, biasesOf({ layer, gaussian }));
        const output = isLast ? "logits" : `layer${index}`;
        add({ ...operatorOf(layer), inputs: [weights, bias], output });
        if (!isLast) add({ op: "Relu", output: `layer${index}.relu` });
        if (layer.kind === "conv") {
            add({
                op: "AveragePool",
                output: `layer${index}.pool`,
                attributes: { kernel_shape: [2, 2], strides: [2, 2] },
            });
        }
    }
    add({ op: "ArgMax", output: "class", attributes: { axis: 1, keepdims: 0 } });
    return writeOnnx(modelOf({ input, nodes, initializers }));
}

type Draft = { op: string; output: string; inputs?: string[]; attributes?: Record<string, number | number[]> };

function operatorOf(layer: Layer): Pick<Draft, "op" | "attributes"> {
    if (layer.kind === "dense") return { op: "Gemm", attributes: { transB: 1 } };
    return { op: "Conv", attributes: { kernel_shape: [layer.size, layer.size] } };
}

type Weights = { layer: Layer; gaussian: () => number };

/** He's initialisation: variance 2 / (inputs of one neuron). */
function weightsOf({ layer, gaussian, scale }: Weights & { scale: number }): OnnxTensor {
    const shape =
        layer.kind === "dense" ? [layer.to, layer.from] : [layer.filters, layer.channels, layer.size, layer.size];
    const [, ...fan] = shape;
    const deviation = Math.sqrt(2 / product(fan)) * scale;
    return aTensor({ shape, next: () => gaussian() * deviation });
}

function biasesOf({ layer, gaussian }: Weights): OnnxTensor {
    return aTensor({ shape: [layer.kind === "dense" ? layer.to : layer.filters], next: () => gaussian() / 10 });
}

function aTensor({ shape, next }: { shape: number[]; next: () => number }): OnnxTensor {
    return { dtype: DTYPE.FLOAT, shape, data: Float32Array.from({ length: product(shape) }, next) };
}

function aNode({ op, inputs, output, attributes }: Required<Draft>): OnnxNode {
    const entries = Object.entries(attributes).map(([name, value]): [string, OnnxAttribute] => [
        name,
        typeof value === "number" ? { type: "int", value: BigInt(value) } : { type: "ints", value: value.map(BigInt) },
    ]);
    return { op, domain: "", name: output, inputs, outputs: [output], attributes: new Map(entries) };
}

function modelOf({ input, ...graph }: Pick<OnnxModel, "nodes" | "initializers"> & Pick<NetShape, "input">): OnnxModel {
    return {
        opset: OPSET,
        domains: new Map(),
        name: "generated",
        ...graph,
        inputs: [{ name: "input", dtype: DTYPE.FLOAT, shape: input }],
        outputs: [{ name: "class", dtype: DTYPE.INT64, shape: [1] }],
    };
}

/** Box and Muller's transform of uniform numbers. */
function createGaussian(seed: number): () => number {
    const random = createRandom(seed);
    return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function product(sizes: readonly number[]): number {
    return sizes.reduce((sum, size) => sum * size, 1);
}
