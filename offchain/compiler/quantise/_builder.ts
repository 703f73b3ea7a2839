import { ProtocolError } from "@assay/protocol";
import type { Interval } from "../integer/interval.ts";
import { reachOf } from "../integer/ops/linear.ts";
import { semanticsOf } from "../integer/ops/table.ts";
import { rowsOf } from "../integer/rows.ts";
import {
    countOf,
    found,
    type IntegerGraph,
    type IntegerInput,
    type IntegerNode,
    type IntegerTensor,
} from "../integer/types.ts";
import type { Approximation } from "./approximation.ts";

/** onnxruntime's widest type; a value or partial sum outside it could differ between interpreter and runtime. */
const INT64_LIMIT = 1n << 63n;

/** Grows an integer graph and knows the interval of every tensor so far. */
export type GraphBuilder = {
    graph: IntegerGraph;
    tensor: (name: string) => IntegerTensor;
    /** A tensor name that nothing has, made from one. */
    fresh: (name: string) => string;
    interval: (name: string) => Interval;
    /** The tensor that `make` adds, or the one that it added before under the same key. */
    once: (derived: { key: string; make: () => string }) => string;
    addInput: (input: { name: string; tensor: IntegerTensor } & Pick<IntegerInput, "min" | "max" | "encoding">) => void;
    /** Writes down what the graph does other than rounding to its scales. */
    approximate: (approximation: Approximation) => void;
    approximations: Approximation[];
    addNode: (addition: { node: IntegerNode; tensor: IntegerTensor }) => void;
};

/** An empty integer graph that will use the reserved names; `addNode` throws MODEL_INTERVAL_OVERFLOW for a tensor beyond 63 bits. */
export function createGraphBuilder({ reserved }: { reserved: ReadonlySet<string> }): GraphBuilder {
    const graph: IntegerGraph = { version: 1, inputs: [], nodes: [], outputs: [], tensors: new Map() };
    const intervals = new Map<string, Interval>();
    const derived = new Map<string, string>();
    const interval = (name: string) => found({ map: intervals, name });
    const approximations: Approximation[] = [];
    return {
        graph,
        approximations,
        approximate: (approximation) => {
            approximations.push(approximation);
        },
        interval,
        once: ({ key, make }) => {
            const name = derived.get(key) ?? make();
            derived.set(key, name);
            return name;
        },
        fresh: (name) => {
            let candidate = name;
            while (reserved.has(candidate) || graph.tensors.has(candidate)) candidate += "'";
            return candidate;
        },
        tensor: (name) => found({ map: graph.tensors, name }),
        addInput: ({ name, tensor, min, max, encoding }) => {
            const count = countOf(tensor.shape);
            graph.inputs.push({ tensor: name, min, max, ...(encoding === undefined ? {} : { encoding }) });
            graph.tensors.set(name, tensor);
            intervals.set(name, { lo: new Array<bigint>(count).fill(min), hi: new Array<bigint>(count).fill(max) });
        },
        addNode: ({ node, tensor }) => {
            const inputs = node.inputs.map(interval);
            const rows = node.op === "linear" ? node.kernels.map(rowsOf) : [];
            if (node.op === "linear") requireInt64({ tensor: node.output, reach: reachOf({ node, inputs, rows }) });
            graph.nodes.push(node);
            graph.tensors.set(node.output, tensor);
            intervals.set(node.output, semanticsOf(node).interval({ inputs, rows }));
        },
    };
}

function requireInt64({ tensor, reach }: { tensor: string; reach: bigint }): void {
    if (reach < INT64_LIMIT) return;
    throw new ProtocolError({
        code: "MODEL_INTERVAL_OVERFLOW",
        message: `Tensor "${tensor}" may reach ${reach}, which is not below 2^63.`,
    });
}
