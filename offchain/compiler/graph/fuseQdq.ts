import type { OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "../onnx/model.ts";
import type { LinearScale } from "../quantise/edges.ts";
import { readersByTensor } from "../readersByTensor.ts";

/** A model whose quantised groups are single operators, and the scales of what is quantised at its edges. */
export type FusedModel = OnnxModel & {
    /** By input: it is quantised by this rule before the model starts. */
    inputScales: ReadonlyMap<string, LinearScale>;
    /** By output: it is left quantised, and stands for this. */
    outputScales: ReadonlyMap<string, LinearScale>;
};

/**
 * DequantizeLinear, operator, QuantizeLinear as the one integer operator that onnxruntime runs for them; a QuantizeLinear
 * on an input and a DequantizeLinear to an output move out of the model.
 */
export function fuseQdq(model: OnnxModel): FusedModel {
    const fused = { ...model, nodes: fuseGroups(createLookup(model)) };
    const lookup = createLookup(fused);
    const [inputs, outputs] = [inputEdges(lookup), outputEdges(lookup)];
    const open = new Map([...inputs.replaced, ...outputs.replaced]);
    return {
        ...fused,
        nodes: fused.nodes.map((node) => open.get(node) ?? node),
        inputs: fused.inputs.map((value) => ({ ...value, dtype: inputs.dtypes.get(value.name) ?? value.dtype })),
        outputs: fused.outputs.map((value) => ({ ...value, dtype: outputs.dtypes.get(value.name) ?? value.dtype })),
        inputScales: inputs.scales,
        outputScales: outputs.scales,
    };
}

/** A model with its nodes by the tensors that they write and read. */
type Lookup = {
    model: OnnxModel;
    writerOf: (name: string) => OnnxNode | undefined;
    readersOf: (name: string) => readonly OnnxNode[];
};

function createLookup(model: OnnxModel): Lookup {
    const writers = new Map<string, OnnxNode>();
    const readers = readersByTensor(model.nodes);
    for (const node of model.nodes) for (const name of node.outputs) writers.set(name, node);
    return { model, writerOf: (name) => writers.get(name), readersOf: (name) => readers.get(name) ?? [] };
}

type Edges = {
    /** A node at an edge and the Identity in its place. */
    replaced: Map<OnnxNode, OnnxNode>;
    dtypes: Map<string, OnnxValue["dtype"]>;
    scales: Map<string, LinearScale>;
};

function inputEdges(lookup: Lookup): Edges {
    const edges: Edges = { replaced: new Map(), dtypes: new Map(), scales: new Map() };
    for (const { name } of lookup.model.inputs) {
        const [reader, ...others] = lookup.readersOf(name);
        if (reader === undefined || others.length > 0 || reader.op !== "QuantizeLinear") continue;
        const scale = scaleOf({ lookup, node: reader });
        if (scale !== undefined) addEdge({ edges, node: reader, name, scale });
    }
    return edges;
}

function outputEdges(lookup: Lookup): Edges {
    const edges: Edges = { replaced: new Map(), dtypes: new Map(), scales: new Map() };
    for (const { name } of lookup.model.outputs) {
        const writer = lookup.writerOf(name);
        if (writer?.op !== "DequantizeLinear" || lookup.readersOf(name).length > 0) continue;
        const scale = scaleOf({ lookup, node: writer });
        const isComputed = !lookup.model.initializers.has(writer.inputs[0] ?? "");
        if (scale !== undefined && isComputed) addEdge({ edges, node: writer, name, scale });
    }
    return edges;
}

type Edge = { edges: Edges; node: OnnxNode; name: string; scale: LinearScale & Pick<OnnxValue, "dtype"> };

function addEdge({ edges, node, name, scale: { scale, zeroPoint, dtype } }: Edge): void {
    edges.replaced.set(node, { ...node, op: "Identity", inputs: node.inputs.slice(0, 1), attributes: new Map() });
    edges.dtypes.set(name, dtype);
    edges.scales.set(name, { scale, zeroPoint });
}

/** The node list with every group as one node, where its QuantizeLinear was; what became useless stays, unread. */
function fuseGroups(lookup: Lookup): OnnxNode[] {
    return lookup.model.nodes.map((node) => {
        if (node.op !== "QuantizeLinear") return node;
        const inner = soleSource({ lookup, name: node.inputs[0] ?? "" });
        if (inner === undefined) return node;
        return fuseGroup({ lookup, inner, end: node }) ?? node;
    });
}

type Group = { lookup: Lookup; inner: OnnxNode; end: OnnxNode };

function fuseGroup({ lookup, inner, end }: Group): OnnxNode | undefined {
    const core = inner.op === "Relu" ? coreBehindRelu({ lookup, relu: inner, end }) : inner;
    if (core === undefined || scaleOf({ lookup, node: end }) === undefined) return undefined;
    const sources = core.inputs.map((name) => (name === "" ? undefined : lookup.writerOf(name)));
    const data = sources.map((source) => (source?.op === "DequantizeLinear" ? source.inputs : undefined));
    const [x, w, bias] = data;
    if (x === undefined) return undefined;
    const [y, yZero] = [end.inputs[1] ?? "", end.inputs[2] ?? ""];
    const single = { name: core.name, outputs: end.outputs, attributes: core.attributes };
    const quantised = [...triple(x), ...triple(w ?? [])];
    if (PASSING.has(core.op)) {
        const isSame = sameScale({ lookup, left: x, right: end.inputs });
        return isSame ? { ...core, inputs: [x[0] ?? "", ...core.inputs.slice(1)], outputs: end.outputs } : undefined;
    }
    if (w === undefined) return undefined;
    switch (core.op) {
        case "Conv":
            if (core.inputs[2] !== undefined && bias === undefined) return undefined;
            return { ...single, op: "QLinearConv", domain: "", inputs: [...quantised, y, yZero, bias?.[0] ?? ""] };
        case "MatMul":
            return { ...single, op: "QLinearMatMul", domain: "", inputs: [...quantised, y, yZero] };
        case "Gemm":
            if (core.inputs[2] !== undefined && bias === undefined) return undefined;
            return { ...single, op: "QGemm", domain: MICROSOFT, inputs: [...quantised, bias?.[0] ?? "", y, yZero] };
        case "Add":
            return { ...single, op: "QLinearAdd", domain: MICROSOFT, inputs: [...quantised, y, yZero] };
        default:
            return undefined;
    }
}

const MICROSOFT = "com.microsoft";
/** They only move or choose elements, so they work on the integers themselves where the scale stays. */
const PASSING: ReadonlySet<string> = new Set([
    "Flatten",
    "Identity",
    "MaxPool",
    "Reshape",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
]);

/** What feeds a ReLU that changes nothing: its zero is the least level of the quantisation after it. */
function coreBehindRelu({ lookup, relu, end }: { lookup: Lookup; relu: OnnxNode; end: OnnxNode }) {
    const zero = scaleOf({ lookup, node: end });
    const least = zero?.dtype === INT8 ? -128 : 0;
    return zero?.zeroPoint === least ? soleSource({ lookup, name: relu.inputs[0] ?? "" }) : undefined;
}

const INT8 = 3;
const UINT8 = 2;

/** Tensor, scale, zero point; an omitted zero point is "". */
function triple([tensor = "", scale = "", zeroPoint = ""]: readonly string[]): string[] {
    return [tensor, scale, zeroPoint];
}

/** The node that computes a tensor which nothing else reads. */
function soleSource({ lookup, name }: { lookup: Lookup; name: string }): OnnxNode | undefined {
    const isOutput = lookup.model.outputs.some((output) => output.name === name);
    return !isOutput && lookup.readersOf(name).length === 1 ? lookup.writerOf(name) : undefined;
}

/** The one constant scale of a QuantizeLinear or DequantizeLinear, with the type it quantises to. */
function scaleOf({ lookup, node }: { lookup: Lookup; node: OnnxNode }) {
    const scale = single(constantOf({ lookup, name: node.inputs[1] ?? "" }));
    const zero = constantOf({ lookup, name: node.inputs[2] ?? "" });
    const isOmitted = (node.inputs[2] ?? "") === "";
    const zeroPoint = isOmitted ? 0 : single(zero);
    if (scale === undefined || zeroPoint === undefined) return undefined;
    return { scale, zeroPoint, dtype: zero?.dtype ?? UINT8 } satisfies LinearScale & Pick<OnnxValue, "dtype">;
}

function constantOf({ lookup, name }: { lookup: Lookup; name: string }): OnnxTensor | undefined {
    const given = lookup.model.initializers.get(name);
    if (given !== undefined) return given;
    const value = lookup.writerOf(name)?.attributes.get("value");
    return value?.type === "tensor" ? value.value : undefined;
}

function single(tensor: OnnxTensor | undefined): number | undefined {
    return tensor?.data.length === 1 ? Number(tensor.data[0]) : undefined;
}

type Pair = { lookup: Lookup; left: readonly string[]; right: readonly string[] };

/** Whether two (tensor, scale, zero point) have one scale and one zero point. */
function sameScale({ lookup, left, right }: Pair): boolean {
    const value = (name: string) => single(constantOf({ lookup, name }));
    return [1, 2].every((place) => {
        const [first, second] = [value(left[place] ?? ""), value(right[place] ?? "")];
        return (first ?? 0) === (second ?? 0);
    });
}
