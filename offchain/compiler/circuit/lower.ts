import type { IoSpec } from "@assay/protocol";
import type { Analysis } from "../integer/analyse.ts";
import { at } from "../integer/at.ts";
import { countOf, found, type IntegerNode, shapeOf } from "../integer/types.ts";
import { type Builder, boundsOf, createBuilder, elementsOf } from "./_builder.ts";
import { planBinding } from "./binding.ts";
import { lowerArgMax } from "./lower/argMax.ts";
import { lowerElementwise } from "./lower/elementwise.ts";
import { lowerLinear } from "./lower/linear.ts";
import type { CircuitPlan, Element } from "./plan.ts";

type Tensors = Map<string, Element[]>;

/** Plans the circuit of a graph: range checks, layers, words. Every count is known before anything is compiled. */
export function lower({ analysis, ioSpec }: { analysis: Analysis; ioSpec: IoSpec }): CircuitPlan {
    const { graph } = analysis;
    const builder = createBuilder();
    const tensors: Tensors = new Map();
    for (const { tensor, min, max } of graph.inputs) {
        builder.openLayer({ op: "input", name: tensor });
        const bounds = new Array(countOf(shapeOf({ graph, tensor }))).fill({ lo: min, hi: max });
        const elements = elementsOf(builder.declare({ prefix: "x", bounds }));
        for (const element of elements) {
            builder.gadget({ gadget: { template: "RangeCheckBound", min, max }, inputs: [element], outputs: [] });
        }
        tensors.set(tensor, elements);
    }
    for (const node of graph.nodes) {
        builder.openLayer({ op: node.op, name: node.name });
        tensors.set(node.output, lowerNode({ analysis, builder, tensors, node }));
    }
    const elementsIn = (names: readonly string[]) => names.flatMap((name) => found({ map: tensors, name }));
    const input = elementsIn(graph.inputs.map(({ tensor }) => tensor));
    const binding = planBinding({ ioSpec, input, output: elementsIn(graph.outputs) });
    const layers = builder.layers();
    const model = layers.reduce((sum, { constraints }) => sum + constraints, 0);
    return {
        signals: builder.signals,
        inputs: layers.slice(0, graph.inputs.length).flatMap(({ arrays }) => arrays),
        layers,
        binding: binding.plan,
        constraints: { total: model + binding.constraints, model, binding: binding.constraints },
    };
}

type NodeLowering = { analysis: Analysis; builder: Builder; tensors: Tensors; node: IntegerNode };

function lowerNode({ analysis: { intervals, rows }, builder, tensors, node }: NodeLowering): Element[] {
    const inputs = node.inputs.map((name) => found({ map: tensors, name }));
    const bounds = boundsOf(found({ map: intervals, name: node.output }));
    const input = at(inputs, 0);
    const inputBounds = boundsOf(found({ map: intervals, name: at(node.inputs, 0) }));
    switch (node.op) {
        case "linear":
            return lowerLinear({ builder, node, rows: found({ map: rows, name: node.output }), inputs, bounds });
        case "relu":
        case "rescale":
        case "reluRescale":
            return lowerElementwise({ builder, node, inputs: input, inputBounds, bounds });
        case "argMax":
            return lowerArgMax({ builder, node, inputs: input, bounds });
        case "reshape":
            return input;
    }
}
