import { ProtocolError } from "@assay/protocol";
import { countOf } from "../integer/types.ts";
import { DTYPE, type Dtype } from "../onnx/dtypes.ts";
import { describeNode, type OnnxModel, type OnnxNode, type OnnxValue } from "../onnx/model.ts";
import { constantOperand } from "./constants.ts";
import { createScratch, type Scratch } from "./fold.ts";
import { requireSize } from "./limits.ts";
import { unsupportedForm } from "./operators/_call.ts";
import { closestTo } from "./operators/closest.ts";
import type { FloatNodeDraft, Operand, Operator, OperatorCall, TensorOperand } from "./operators/operator.ts";
import { resultDtype } from "./operators/resultDtype.ts";
import { OPERATORS } from "./operators/table.ts";
import type { FloatGraph } from "./types.ts";

const OLDEST_OPSET = 7;
const NEWEST_OPSET = 21;

/** Reads an ONNX model as a typed float graph with static shapes; throws a ProtocolError "MODEL_…" for anything else. */
export function importOnnx(model: OnnxModel): FloatGraph {
    requireOpset(model);
    const operands = new Map<string, Operand>();
    const graph: FloatGraph = { inputs: [], nodes: [], outputs: [], shapes: new Map(), notes: [] };
    for (const input of model.inputs) {
        const shape = staticShape(input);
        requireSize({ what: `Input "${input.name}"`, elements: countOf(shape) });
        graph.inputs.push({ tensor: input.name, dtype: input.dtype });
        graph.shapes.set(input.name, shape);
        operands.set(input.name, { kind: "tensor", name: input.name, dtype: input.dtype, shape });
    }
    const names = namesIn(model);
    for (const [index, node] of model.nodes.entries()) {
        translate({ model, names, node, where: describeNode({ node, index }), operands, graph });
    }
    for (const { name } of model.outputs) {
        const operand = operands.get(name);
        if (operand === undefined || operand.kind === "constant") {
            throw new ProtocolError({ code: "MODEL_OUTPUT_CONSTANT", message: `Output "${name}".` });
        }
        graph.outputs.push({ name, tensor: operand.name });
    }
    return graph;
}

/** Tensor names of a file: those that something defines, and those that something reads. */
type Names = { defined: ReadonlySet<string>; read: ReadonlySet<string> };

function namesIn({ initializers, nodes, outputs }: OnnxModel): Names {
    return {
        defined: new Set([...initializers.keys(), ...nodes.flatMap((node) => node.outputs)]),
        read: new Set([...nodes.flatMap((node) => node.inputs), ...outputs.map(({ name }) => name)]),
    };
}

type Translation = {
    model: OnnxModel;
    names: Names;
    node: OnnxNode;
    where: string;
    operands: Map<string, Operand>;
    graph: FloatGraph;
};

function translate({ model, names, node, where, operands, graph }: Translation): void {
    const operator = operatorOf({ node, where });
    const given = node.inputs.map((name) => readOperand({ model, operands, name }));
    const isConstant = given.length > 0 && given.every((operand) => operand?.kind !== "tensor");
    const scratch = isConstant ? createScratch() : undefined;
    const call = callOf({ operator, model, names, node, where, graph: scratch?.graph ?? graph, given, scratch });
    const unknown = [...node.attributes.keys()].find((name) => !operator.attributes.includes(name));
    if (unknown !== undefined) throw unsupportedForm({ call, why: `attribute ${unknown} is not known` });
    const results = [operator.translate(call)].flat();
    for (const [index, name] of node.outputs.entries()) {
        const result = results[index];
        if (name === "" || (result === undefined && !names.read.has(name))) continue;
        if (result === undefined) throw unsupportedForm({ call, why: `output ${index} ("${name}") is not supported` });
        operands.set(name, scratch === undefined ? result : scratch.resultOf({ call, operand: result, index }));
    }
}

type Calling = {
    operator: Operator;
    model: OnnxModel;
    names: Names;
    node: OnnxNode;
    where: string;
    graph: FloatGraph;
    given: readonly (Operand | undefined)[];
    scratch: Scratch | undefined;
};

function callOf({ operator, model, names, node, where, graph, given, scratch }: Calling): OperatorCall {
    const dtypeOf = (index: number) => resultDtype({ node, operands: given, index });
    type Addition = { draft: FloatNodeDraft; shape: number[]; name: string; dtype: Dtype };
    const add = ({ draft, shape, name, dtype }: Addition): TensorOperand => {
        requireSize({ what: where, elements: countOf(shape) });
        graph.nodes.push({ ...draft, source: where, output: name });
        graph.shapes.set(name, shape);
        return { kind: "tensor", name, dtype, shape };
    };
    return {
        node,
        where,
        supported: operator.supported,
        opset: model.opset,
        operands: given,
        dtypeOf,
        asTensor: (constant) => scratch?.asTensor(constant),
        emit: ({ draft, shape, index = 0 }) =>
            add({ draft, shape, name: outputName({ node, index }), dtype: dtypeOf(index) }),
        note: (text) => {
            graph.notes.push(`${where}: ${text}`);
        },
        step: ({ draft, shape, label }) => {
            const name = freshName({ names, graph, name: `${node.outputs[0]}/${label}` });
            return add({ draft, shape, name, dtype: DTYPE.FLOAT });
        },
    };
}

function outputName({ node, index }: { node: OnnxNode; index: number }): string {
    return node.outputs[index] ?? "";
}

/** A tensor name that neither the file nor the graph has. */
function freshName({ names, graph, name }: { names: Names; graph: FloatGraph; name: string }): string {
    let candidate = name;
    while (graph.shapes.has(candidate) || names.defined.has(candidate)) candidate += "'";
    return candidate;
}

function operatorOf({ node, where }: { node: OnnxNode; where: string }): Operator {
    const operator = OPERATORS.get(node.domain === "" ? node.op : `${node.domain}:${node.op}`);
    if (operator !== undefined) return operator;
    const closest = closestTo({ op: node.op, operators: OPERATORS });
    throw new ProtocolError({ code: "MODEL_OP_UNSUPPORTED", message: `${where}. ${closest}` });
}

type Read = { model: OnnxModel; operands: Map<string, Operand>; name: string };

function readOperand({ model, operands, name }: Read): Operand | undefined {
    if (name === "") return undefined;
    const known = operands.get(name);
    if (known !== undefined) return known;
    const tensor = model.initializers.get(name);
    return tensor === undefined ? undefined : constantOperand({ name, tensor });
}

/** The shape for one inference: a symbolic first axis is the batch, of 1. */
function staticShape({ name, shape }: OnnxValue): number[] {
    const fault = (why: string) =>
        new ProtocolError({ code: "MODEL_SHAPE_DYNAMIC", message: `Input "${name}": ${why}.` });
    if (shape === undefined) throw fault("no shape is declared");
    return shape.map((size, axis) => {
        if (typeof size === "string") {
            if (axis === 0 && shape.length > 1) return 1;
            throw fault(`axis ${axis} is "${size}"`);
        }
        if (size < 1) throw fault(`axis ${axis} has size ${size}`);
        return size;
    });
}

function requireOpset({ opset, nodes }: OnnxModel): void {
    const isUnused = opset === 0 && nodes.every(({ domain }) => domain !== "");
    if (isUnused) return;
    if (opset >= OLDEST_OPSET && opset <= NEWEST_OPSET) return;
    throw new ProtocolError({
        code: "MODEL_OPSET_UNSUPPORTED",
        message: `It uses operator set ${opset}; ${OLDEST_OPSET} to ${NEWEST_OPSET} are supported.`,
    });
}
