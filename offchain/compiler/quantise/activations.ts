import type { RealRange } from "../graph/functions.ts";
import type { FloatGraph, FloatLookUpNode, FloatNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { found } from "../integer/types.ts";
import { chooseTableArgument, type TableArgument } from "./tableArgument.ts";

/** By tensor that may drop bits: how many its greatest calibrated value keeps. What is not named keeps all of them. */
export type ActivationBits = ReadonlyMap<string, number>;

/** Bits of the entries of a table that no bits are chosen for. */
const ENTRY_BITS = 12;

type Choice = { graph: FloatGraph; ranges: ReadonlyMap<string, RealRange>; bits: ActivationBits };

/** What precision needs to know of activations: scales, and the arguments of tables. */
export function activationPrecision({ graph, ranges, bits }: Choice): {
    activationScales: Map<string, number>;
    tableArguments: Map<string, TableArgument>;
} {
    const activationScales = new Map<string, number>();
    const tableArguments = new Map<string, TableArgument>();
    for (const [tensor, count] of bits) {
        activationScales.set(tensor, count - magnitudeLog2(found({ map: ranges, name: tensor })));
    }
    for (const node of graph.nodes) {
        if (node.op !== "lookUp") continue;
        const scaleLog2 = activationScales.get(node.output) ?? entryScale({ node, ranges });
        activationScales.set(node.output, scaleLog2);
        const range = found({ map: ranges, name: at(node.inputs, 0) });
        const argument = chooseTableArgument({ function: node.function, range, outputStep: 2 ** -scaleLog2 });
        tableArguments.set(node.output, argument);
    }
    return { activationScales, tableArguments };
}

function entryScale({ node, ranges }: { node: FloatLookUpNode; ranges: Choice["ranges"] }): number {
    return ENTRY_BITS - magnitudeLog2(found({ map: ranges, name: node.output }));
}

/** The least power of two that is not below any value; 0 stands in for a tensor that is never active. */
function magnitudeLog2({ lo, hi }: RealRange): number {
    const greatest = Math.max(Math.abs(lo), Math.abs(hi));
    return greatest > 0 && Number.isFinite(greatest) ? Math.ceil(Math.log2(greatest)) : 0;
}

/**
 * The tensors at which dropping bits makes what follows narrower, in evaluation order. A ReLU and a table drop bits for
 * nothing; other nodes pay for it, so only those are named whose bits reach another node that costs by the bit.
 */
export function narrowableTensors(graph: FloatGraph): string[] {
    const tensors = graph.nodes.flatMap((node) => narrowedBy({ graph, node }));
    return [...new Set(tensors)].filter((tensor) => !isExact({ graph, tensor }));
}

function narrowedBy({ graph, node }: { graph: FloatGraph; node: FloatNode }): string[] {
    switch (node.op) {
        case "lookUp":
            return [node.output];
        case "relu": {
            const input = at(node.inputs, 0);
            return readersOf({ graph, tensor: input }).length === 1 ? [node.output] : [input];
        }
        case "maximum":
        case "clamp":
        case "product":
        case "divide":
        case "squareRoot":
            return costsByTheBit({ graph, tensor: node.output, isMapped: false }) ? [node.output] : [];
        default:
            return [];
    }
}

/** Nodes that cost as many constraints as their operands have bits. */
const BY_THE_BIT: ReadonlySet<string> = new Set([
    "relu",
    "maximum",
    "clamp",
    "compare",
    "divide",
    "squareRoot",
    "lookUp",
    "argMax",
] satisfies FloatNode["op"][]);

/** Whether bits of a tensor reach such a node after some linear map or product; right behind, that node drops them. */
function costsByTheBit({ graph, tensor, isMapped }: { graph: FloatGraph; tensor: string; isMapped: boolean }): boolean {
    return readersOf({ graph, tensor }).some((reader) => {
        if (BY_THE_BIT.has(reader.op)) return isMapped;
        const isMap = reader.op !== "reshape";
        return costsByTheBit({ graph, tensor: reader.output, isMapped: isMapped || isMap });
    });
}

/** Whole numbers that the model computes exactly stay so. */
function isExact({ graph, tensor }: { graph: FloatGraph; tensor: string }): boolean {
    return readersOf({ graph, tensor }).some(
        ({ op }) => op === "integerAffine" || op === "requantise" || op === "oneHot",
    );
}

function readersOf({ graph, tensor }: { graph: FloatGraph; tensor: string }): FloatNode[] {
    return graph.nodes.filter(({ inputs }) => inputs.includes(tensor));
}
