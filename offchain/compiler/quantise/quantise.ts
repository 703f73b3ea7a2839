import type { AffineNode, FloatGraph, FloatNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import type { IntegerGraph } from "../integer/types.ts";
import { DTYPE } from "../onnx/dtypes.ts";
import { readersByTensor } from "../readersByTensor.ts";
import { addAffine } from "./_affine.ts";
import { addDivide, addProduct, addSquareRoot } from "./_binary.ts";
import { createGraphBuilder, type GraphBuilder } from "./_builder.ts";
import { takeInColumns } from "./_columns.ts";
import { addLookUp } from "./_lookUp.ts";
import { addClamp, addCompare, addOneHot, addRound, addTable } from "./_piecewise.ts";
import { addIntegerAffine, addRequantise } from "./_quantised.ts";
import { centred, narrowInto, plus } from "./_scales.ts";
import { addTop } from "./_top.ts";
import { addTrees } from "./_trees.ts";
import type { Approximation } from "./approximation.ts";
import { formatOf, type InputFormats } from "./inputFormats.ts";
import type { TableArgument } from "./tableArgument.ts";

/**
 * Everything that quantisation chooses: with the float graph it determines the integer graph, so a manifest that keeps
 * it can be checked without the calibration data. Accuracy and size follow from it; soundness does not.
 */
export type Precision = {
    /** By input tensor. */
    formats: InputFormats;
    /** Bits of a weight, sign included. */
    weightBits: number;
    /** By tensor: the finest scale to keep, and of a table the scale of its entries. What is not named keeps every bit. */
    activationScales: ReadonlyMap<string, number>;
    /** By output tensor of a table: the arguments that it keeps apart. A table that is not named keeps what it can. */
    tableArguments?: ReadonlyMap<string, TableArgument>;
    /** Most bits, sign included, that an operand of a product or a quotient keeps. */
    operandBits: number;
};

type Quantisation = { graph: FloatGraph; precision: Precision };
/** What is quantised, and by tensor the node that gives it and the nodes that read it. */
type Course = Quantisation & {
    producers: ReadonlyMap<string, FloatNode>;
    readers: ReadonlyMap<string, readonly FloatNode[]>;
};

/** Turns a float graph into whole numbers: power-of-two scales, rounding to nearest. */
export function quantise(quantisation: Quantisation): IntegerGraph {
    return approximate(quantisation).graph;
}

/** As `quantise`, with whatever the integer graph does other than rounding to its scales. */
export function approximate({ graph: given, precision }: Quantisation): {
    graph: IntegerGraph;
    approximations: Approximation[];
} {
    const graph = takeInColumns({ graph: given, formats: precision.formats });
    const producers = new Map(graph.nodes.map((node) => [node.output, node]));
    const quantisation = { graph, precision, producers, readers: readersByTensor(graph.nodes) };
    const builder = createGraphBuilder({ reserved: new Set(graph.shapes.keys()) });
    for (const { tensor } of graph.inputs) {
        const { dtype, min, max, scaleLog2, zeroPoint } = formatOf({ formats: precision.formats, tensor });
        builder.addInput({
            name: tensor,
            tensor: { shape: shapeOf({ graph, tensor }), scaleLog2, zeroPoint },
            min,
            max,
            encoding: dtype === DTYPE.FLOAT ? "float32" : undefined,
        });
    }
    for (const node of graph.nodes) addNarrowed({ quantisation, builder, node });
    builder.graph.outputs.push(...graph.outputs.map(({ tensor }) => tensor));
    return { graph: builder.graph, approximations: builder.approximations };
}

type Step<N> = { quantisation: Course; builder: GraphBuilder; node: N };

/** Kinds that look at each element by itself, so that the sums they read need no scale in common. */
const READ_ALONE: ReadonlySet<string> = new Set(["relu", "lookUp", "compare"] satisfies FloatNode["op"][]);

/** Kinds that know of no scale but their operands': what they give is rescaled after them. */
const NARROWED_AFTER: ReadonlySet<string> = new Set([
    "affine",
    "maximum",
    "clamp",
    "product",
    "divide",
    "squareRoot",
] satisfies FloatNode["op"][]);

/** Adds a node, and a rescale after it where the precision keeps fewer bits of what it gives. */
function addNarrowed({ quantisation, builder, node }: Step<FloatNode>): void {
    const scaleLog2 = quantisation.precision.activationScales.get(node.output);
    const shape = shapeOf({ graph: quantisation.graph, tensor: node.output });
    if (scaleLog2 === undefined || !NARROWED_AFTER.has(node.op)) {
        addNode({ quantisation, builder, node, shape });
        return;
    }
    const wide = builder.fresh(`${node.output}/wide`);
    addNode({ quantisation, builder, node: { ...node, output: wide }, shape });
    narrowInto({ builder, tensor: wide, output: node.output, name: node.source, scaleLog2 });
}

function addNode({ quantisation, builder, node, shape }: Step<FloatNode> & { shape: number[] }): void {
    const { precision } = quantisation;
    const base = { name: node.source, inputs: node.inputs, output: node.output };
    const whole = { shape, scaleLog2: 0, zeroPoint: 0n };
    switch (node.op) {
        case "affine": {
            const rounding = (scaleLog2: number) => roundingAfter({ quantisation, node, scaleLog2 });
            const isByFilter = READ_ALONE.has(soleReader({ quantisation, tensor: node.output })?.op ?? "");
            addAffine({ builder, node, shape, weightBits: precision.weightBits, isByFilter, rounding });
            break;
        }
        case "integerAffine":
            addIntegerAffine({ builder, node, shape });
            break;
        case "requantise":
            addRequantise({ builder, node, shape });
            break;
        case "relu":
            addRelu({ quantisation, builder, node });
            break;
        case "argMax": {
            const { outer, length, inner } = node;
            builder.addNode({ node: { op: "argMax", ...base, outer, length, inner }, tensor: whole });
            break;
        }
        case "maximum": {
            const { size, indices } = node;
            const tensor = { ...builder.tensor(at(node.inputs, 0)), shape };
            builder.addNode({ node: { op: "maximum", ...base, size, indices }, tensor });
            break;
        }
        case "reshape": {
            const tensor = { ...builder.tensor(at(node.inputs, 0)), shape };
            builder.addNode({ node: { op: "reshape", ...base }, tensor });
            break;
        }
        case "compare":
            addCompare({ builder, node, shape });
            break;
        case "round":
            addRound({ builder, node, shape });
            break;
        case "clamp":
            addClamp({ builder, node, shape });
            break;
        case "oneHot":
            addOneHot({ builder, node, shape });
            break;
        case "product":
            addProduct({ builder, node, shape, operandBits: precision.operandBits });
            break;
        case "divide":
            addDivide({ builder, node, shape, operandBits: precision.operandBits });
            break;
        case "trees":
            addTrees({ builder, node, shape });
            break;
        case "squareRoot":
            addSquareRoot({ builder, node, shape, operandBits: precision.operandBits });
            break;
        case "top":
            addTop({ builder, node, shape });
            break;
        case "table":
            addTable({ builder, node, shape, entryBits: precision.operandBits });
            break;
        case "lookUp": {
            const argument = precision.tableArguments?.get(node.output);
            const scaleLog2 = precision.activationScales.get(node.output);
            addLookUp({ builder, node, shape, argument, scaleLog2, entryBits: precision.operandBits });
            break;
        }
    }
}

function addRelu({ quantisation, builder, node }: Step<FloatNode>): void {
    const name = node.source;
    const given = centred({ builder, tensor: at(node.inputs, 0), name });
    const { shape, scaleLog2 } = builder.tensor(given);
    const shift = shiftAfter({ quantisation, tensor: node.output, scaleLog2 });
    const isRounded = shift === 0 || isRoundedBy({ quantisation, node });
    const input = isRounded ? given : plus({ builder, tensor: given, name, addend: 1n << BigInt(shift - 1) });
    const base = { name, inputs: [input], output: node.output };
    builder.addNode({
        node: shift === 0 ? { op: "relu", ...base } : { op: "reluRescale", shift, ...base },
        tensor: { shape, scaleLog2: scaleLog2 - shift, zeroPoint: 0n },
    });
}

/** Whether the node before a ReLU has put the rounding of what is dropped into its bias. */
function isRoundedBy({ quantisation, node }: Omit<Step<FloatNode>, "builder">): boolean {
    const { precision, producers } = quantisation;
    const producer = producers.get(at(node.inputs, 0));
    if (producer?.op !== "affine" || precision.activationScales.has(producer.output)) return false;
    return soleReader({ quantisation, tensor: producer.output }) === node;
}

type Shift = { quantisation: Course; tensor: string; scaleLog2: number };

/** Bits that a ReLU drops from sums of a scale. */
function shiftAfter({ quantisation: { precision }, tensor, scaleLog2 }: Shift): number {
    const wanted = precision.activationScales.get(tensor);
    return wanted === undefined ? 0 : Math.max(0, scaleLog2 - wanted);
}

type Rounding = { quantisation: Course; node: AffineNode; scaleLog2: number };

/** Half of what the one reader of a node drops, so that dropping rounds to nearest; 0 where there is no such reader. */
function roundingAfter({ quantisation, node, scaleLog2 }: Rounding): bigint {
    const reader = soleReader({ quantisation, tensor: node.output });
    if (reader?.op !== "relu") return 0n;
    const shift = shiftAfter({ quantisation, tensor: reader.output, scaleLog2 });
    return shift === 0 ? 0n : 1n << BigInt(shift - 1);
}

/** The one node that reads a tensor which is no output. */
function soleReader({ quantisation, tensor }: Pick<Shift, "quantisation" | "tensor">): FloatNode | undefined {
    const { graph, readers } = quantisation;
    const [reader, ...others] = readers.get(tensor) ?? [];
    return others.length > 0 || graph.outputs.some((output) => output.tensor === tensor) ? undefined : reader;
}

function shapeOf({ graph, tensor }: { graph: FloatGraph; tensor: string }): number[] {
    return graph.shapes.get(tensor) ?? [];
}
