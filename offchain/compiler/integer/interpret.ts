import { type Analysis, analyse } from "./analyse.ts";
import { splitInput } from "./input.ts";
import { DOUBLE_LIMIT } from "./ops/signedSums.ts";
import { semanticsOf } from "./ops/table.ts";
import { found, type IntegerGraph } from "./types.ts";

/** Runs one graph many times; the linear maps are written out once. */
export type Interpreter = {
    /** Elements of all outputs for the elements of all inputs, each flat and in graph order. */
    run: (input: readonly bigint[]) => bigint[];
    /** Every tensor by name: what the witness and the reports read. */
    trace: (input: readonly bigint[]) => Map<string, bigint[]>;
};

/** The reference interpreter: what it computes is the model. Refuses inputs that the graph does not declare. */
export function createInterpreter(analysis: Analysis): Interpreter {
    const { graph, rows, reach } = analysis;
    const steps = graph.nodes.map((node) => ({
        node,
        semantics: semanticsOf(node),
        rows: rows.get(node.output) ?? [],
        isSafe: found({ map: reach, name: node.output }) < DOUBLE_LIMIT,
    }));

    function trace(input: readonly bigint[]): Map<string, bigint[]> {
        const values = splitInput({ graph, input });
        for (const { node, semantics, rows: nodeRows, isSafe } of steps) {
            const inputs = node.inputs.map((name) => found({ map: values, name }));
            values.set(node.output, semantics.evaluate({ inputs, rows: nodeRows, isSafe }));
        }
        return values;
    }

    return {
        trace,
        run: (input) => {
            const values = trace(input);
            return graph.outputs.flatMap((name) => found({ map: values, name }));
        },
    };
}

/** Runs a graph once; whoever runs it often keeps a `createInterpreter`. */
export function interpret(graph: IntegerGraph, input: readonly bigint[]): bigint[] {
    return createInterpreter(analyse(graph)).run(input);
}
