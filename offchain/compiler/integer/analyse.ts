import { greatestOf } from "./bigMath.ts";
import { greatestMagnitude, type Interval } from "./interval.ts";
import { reachOf } from "./ops/linear.ts";
import { semanticsOf } from "./ops/table.ts";
import { type PrivateParameters, privateInterval, privateParametersOf } from "./privateParameters.ts";
import { type Rows, rowsOf } from "./rows.ts";
import { countOf, found, type IntegerGraph, type IntegerNode, shapeOf } from "./types.ts";

/** Everything that follows from a graph before any input is known. */
export type Analysis = {
    graph: IntegerGraph;
    /** By tensor: bounds of every element. */
    intervals: Map<string, Interval>;
    /** By output tensor: the linear maps of its node written out; empty for nodes that are not linear. */
    rows: Map<string, Rows[]>;
    /** By tensor: what a number type must hold to compute it without error, partial sums included. */
    reach: Map<string, bigint>;
    /** What of the graph stays private: intervals hold for whatever it may be within its ranges. */
    parameters: PrivateParameters | undefined;
};

/**
 * Exact interval of every element of every tensor, by one pass in evaluation order. Throws MODEL_INTERVAL_OVERFLOW when
 * whatever committed parameters may be makes a sum leave 64 bits, and MODEL_PARAMETERS_PUBLIC as privateParametersOf does.
 */
export function analyse(graph: IntegerGraph): Analysis {
    const parameters = privateParametersOf(graph);
    const intervals = new Map<string, Interval>();
    const rows = new Map<string, Rows[]>();
    const reach = new Map<string, bigint>();
    for (const { tensor, min, max } of graph.inputs) {
        const count = countOf(shapeOf({ graph, tensor }));
        intervals.set(tensor, { lo: new Array<bigint>(count).fill(min), hi: new Array<bigint>(count).fill(max) });
        reach.set(tensor, greatestMagnitude({ lo: [min], hi: [max] }));
    }
    for (const node of graph.nodes) {
        const inputs = node.inputs.map((name) => found({ map: intervals, name }));
        const nodeRows = node.op === "linear" ? node.kernels.map(rowsOf) : [];
        const interval =
            parameters !== undefined && node.op === "linear"
                ? privateInterval({ parameters, node, rows: nodeRows, inputs })
                : semanticsOf(node).interval({ inputs, rows: nodeRows });
        intervals.set(node.output, interval);
        rows.set(node.output, nodeRows);
        reach.set(node.output, reachOfNode({ node, inputs, rows: nodeRows, output: interval }));
    }
    return { graph, intervals, rows, reach, parameters };
}

type NodeReach = { node: IntegerNode; inputs: Interval[]; rows: Rows[]; output: Interval };

/** Non-linear nodes never exceed their inputs and their output, so the node of origin already bounds them. */
function reachOfNode({ node, inputs, rows, output }: NodeReach): bigint {
    if (node.op !== "linear") return greatestMagnitude(output);
    return greatestOf([reachOf({ node, inputs, rows }), greatestMagnitude(output)]);
}
