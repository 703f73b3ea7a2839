import type { IoSpec } from "@assay/protocol";
import type { Analysis } from "../integer/analyse.ts";
import { at } from "../integer/at.ts";
import { greatestOf, leastOf } from "../integer/bigMath.ts";
import type { Bounds, Interval } from "../integer/interval.ts";
import { semanticsOf } from "../integer/ops/table.ts";
import { countOf, found, type IntegerNode, shapeOf } from "../integer/types.ts";
import { readersByTensor } from "../readersByTensor.ts";
import { type Builder, boundsOf, createBuilder, elementsOf } from "./_builder.ts";
import { planBinding, requireDigits } from "./binding.ts";
import type { Gadget } from "./gadgets.ts";
import { lowerArgMax } from "./lower/argMax.ts";
import { lowerClamp } from "./lower/clamp.ts";
import { lowerCompare } from "./lower/compare.ts";
import { decompose } from "./lower/decompose.ts";
import { lowerElementwise } from "./lower/elementwise.ts";
import { lowerLinear } from "./lower/linear.ts";
import { lowerMaximum } from "./lower/maximum.ts";
import { lowerPrivateLinear } from "./lower/privateLinear.ts";
import { lowerProduct } from "./lower/product.ts";
import { lowerDivide, lowerSquareRoot } from "./lower/quotient.ts";
import { lowerDigitsOfRescale, lowerRoundEven } from "./lower/rounding.ts";
import { lowerOneHot, lowerTable } from "./lower/table.ts";
import { guardedElements, lowerThermometer } from "./lower/thermometer.ts";
import { lowerTrees } from "./lower/trees.ts";
import { lowerParameters } from "./parameters.ts";
import type { CircuitPlan, Element, SignalArray } from "./plan.ts";
import { prune } from "./prune.ts";

type Tensors = Map<string, Element[]>;
type Readers = ReadonlyMap<string, readonly IntegerNode[]>;
type Lowering = { analysis: Analysis; readers: Readers; builder: Builder; tensors: Tensors };

/** Plans the circuit of a graph: range checks, layers, words. Every count is known before anything is compiled. */
export function lower({ analysis, ioSpec }: { analysis: Analysis; ioSpec: IoSpec }): CircuitPlan {
    const { graph, intervals } = analysis;
    const boundsIn = (names: string[]) => names.flatMap((name) => boundsOf(found({ map: intervals, name })));
    requireDigits({ side: ioSpec.input, bounds: boundsIn(graph.inputs.map(({ tensor }) => tensor)) });
    requireDigits({ side: ioSpec.output, bounds: boundsIn(graph.outputs) });
    const builder = createBuilder();
    const tensors: Tensors = new Map();
    const readers = readersByTensor(graph.nodes);
    const inputArray = lowerInput({ analysis, readers, builder, tensors });
    const own = analysis.parameters && lowerParameters({ builder, parameters: analysis.parameters });
    for (const node of graph.nodes) {
        builder.openLayer({ op: node.op, name: node.name });
        tensors.set(node.output, lowerNode({ analysis, readers, builder, tensors, node, parameters: own?.array }));
    }
    builder.openLayer({ op: "output", name: graph.outputs.join(", ") });
    const settled = builder.settle(graph.outputs.flatMap((name) => found({ map: tensors, name })));
    const whole = {
        ...{ signals: builder.signals, layers: builder.layers() },
        ...{ input: inputArray, parameters: own, output: settled },
    };
    const { signals, layers, input, parameters, output } = prune(whole);
    const hidden = analysis.parameters && parameters && { parameters: analysis.parameters, array: parameters.array };
    const binding = planBinding({ ioSpec, input: elementsOf(input), output, hidden });
    const model = layers.reduce((sum, { constraints }) => sum + constraints, 0);
    return {
        signals,
        input,
        parameters,
        layers,
        binding: binding.plan,
        constraints: { total: model + binding.constraints, model, binding: binding.constraints },
    };
}

/** All input tensors in one array x, each element range-checked, here or by the thermometer that reads it. */
function lowerInput({ analysis, readers, builder, tensors }: Lowering): SignalArray {
    const { graph, intervals } = analysis;
    builder.openLayer({ op: "input", name: graph.inputs.map(({ tensor }) => tensor).join(", ") });
    const bounds = graph.inputs.flatMap(({ tensor }) => boundsOf(found({ map: intervals, name: tensor })));
    const array = builder.declare({ name: "x", isNumbered: false, bounds });
    const elements = elementsOf(array);
    let start = 0;
    for (const { tensor, min, max, encoding } of graph.inputs) {
        const count = countOf(shapeOf({ graph, tensor }));
        const slice = elements.slice(start, start + count);
        const guarded = guardedElements({ graph, tensor });
        const gadget: Gadget =
            encoding === "float32" ? { template: "FloatRange" } : { template: "RangeCheckBound", min, max };
        const isBits =
            gadget.template === "RangeCheckBound" && isBitRange({ min, max }) && comparesInput({ readers, tensor });
        for (const [index, element] of slice.entries()) {
            if (guarded.has(index)) continue;
            if (isBits) decompose({ builder, element, purpose: { anchor: min } });
            else builder.gadget({ gadget, inputs: [element], output: { kind: "none" } });
        }
        tensors.set(tensor, slice);
        start += count;
    }
    return array;
}

type NodeLowering = Lowering & {
    node: IntegerNode;
    /** The signals of private weights and biases. */
    parameters: SignalArray | undefined;
};

function lowerNode({ analysis, readers, builder, tensors, node, parameters }: NodeLowering): Element[] {
    const { rows } = analysis;
    const inputs = node.inputs.map((name) => found({ map: tensors, name }));
    const bounds = narrowed({ analysis, builder, node, inputs });
    const input = at(inputs, 0);
    switch (node.op) {
        case "linear": {
            const linear = { builder, node, rows: found({ map: rows, name: node.output }), inputs, bounds };
            const layout = analysis.parameters?.nodes.get(node.output);
            if (layout === undefined || parameters === undefined) return lowerLinear(linear);
            return lowerPrivateLinear({ ...linear, layout, parameters });
        }
        case "rescale": {
            const own = readersOf({ readers, tensor: node.output });
            if (!own.some(({ op }) => DIGIT_READERS.has(op))) {
                return lowerElementwise({ builder, node, inputs: input, bounds });
            }
            const anchor = own.map(anchorOf).find((value) => value !== undefined);
            return lowerDigitsOfRescale({ builder, node, inputs: input, bounds, anchor });
        }
        case "relu":
        case "reluRescale":
            return lowerElementwise({ builder, node, inputs: input, bounds });
        case "roundEven":
            return lowerRoundEven({ builder, node, inputs: input, bounds });
        case "clamp":
            return lowerClamp({ builder, node, inputs: input, bounds });
        case "compare":
            return lowerCompare({ builder, node, inputs: input, bounds });
        case "table":
            return lowerTable({ builder, node, inputs: input, bounds });
        case "oneHot":
            return lowerOneHot({ builder, node, inputs: input, bounds });
        case "maximum":
            return lowerMaximum({ builder, node, inputs: input, bounds });
        case "argMax":
            return lowerArgMax({ builder, node, inputs: input, bounds });
        case "product":
            return lowerProduct({ builder, left: input, right: at(inputs, 1), bounds });
        case "divide":
            return lowerDivide({ builder, left: input, right: at(inputs, 1), bounds });
        case "squareRoot":
            return lowerSquareRoot({ builder, inputs: input, bounds });
        case "thermometer":
            return lowerThermometer({ builder, node, inputs: input, bounds });
        case "trees":
            return lowerTrees({ builder, node, bits: input, bounds });
        case "reshape":
            return input;
    }
}

type Narrowing = Pick<NodeLowering, "analysis" | "builder" | "node"> & { inputs: Element[][] };

/**
 * Bounds of a node's output by both what the analysis and what the circuit knows of its inputs: a sum in which signals
 * cancel is narrower than its tensor's interval, and no lowering may take for possible what its argument excludes.
 */
function narrowed({ analysis: { intervals }, builder, node, inputs }: Narrowing): Bounds[] {
    const known = boundsOf(found({ map: intervals, name: node.output }));
    if (node.op === "linear") return known; // whose sums are bounded one by one
    const limits = node.inputs.map((name, input) => {
        const interval = boundsOf(found({ map: intervals, name }));
        return intervalOf(meet(interval, at(inputs, input).map(builder.boundsOf)));
    });
    return meet(known, boundsOf(semanticsOf(node).interval({ inputs: limits, rows: [] })));
}

/** Element by element what lies within both. */
function meet(some: readonly Bounds[], others: readonly Bounds[]): Bounds[] {
    return some.map(({ lo, hi }, index) => {
        const other = at(others, index);
        return { lo: greatestOf([lo, other.lo]), hi: leastOf([hi, other.hi]) };
    });
}

function intervalOf(bounds: readonly Bounds[]): Interval {
    return { lo: bounds.map(({ lo }) => lo), hi: bounds.map(({ hi }) => hi) };
}

const DIGIT_READERS: ReadonlySet<string> = new Set([
    "table",
    "oneHot",
    "clamp",
    "compare",
    "rescale",
    "roundEven",
    "relu",
]);

/** Whether the range check of an input may as well be its digits: they allow exactly 2^n values, n >= 2. */
function isBitRange({ min, max }: { min: bigint; max: bigint }): boolean {
    const span = max - min;
    return span >= 3n && (span & (span + 1n)) === 0n;
}

type Reading = { readers: Readers; tensor: string };

/** Whether digits of an input are of use: a node reads them, at once or to compare them with a number. */
function comparesInput({ readers, tensor }: Reading): boolean {
    return readersOf({ readers, tensor }).some((node) => {
        if (DIGIT_READERS.has(node.op)) return true;
        const isElementwise =
            node.op === "linear" && node.kernels.every(({ kind }) => kind === "scale" || kind === "select");
        return isElementwise && readersOf({ readers, tensor: node.output }).some(({ op }) => op === "compare");
    });
}

/** The nodes that read a tensor, by itself or under another shape. */
function readersOf({ readers, tensor }: Reading): IntegerNode[] {
    return (readers.get(tensor) ?? []).flatMap((node) =>
        node.op === "reshape" ? readersOf({ readers, tensor: node.output }) : [node],
    );
}

/** The number that a node compares what it reads with, if it does. */
function anchorOf(node: IntegerNode): bigint | undefined {
    if (node.op === "clamp") return node.min;
    return node.op === "compare" || node.op === "relu" ? 0n : undefined;
}
