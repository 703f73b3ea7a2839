import type {
    FloatClampNode,
    FloatCompareNode,
    FloatOneHotNode,
    FloatRoundNode,
    FloatTableNode,
} from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { greatestOf, leastOf } from "../integer/bigMath.ts";
import { hull } from "../integer/interval.ts";
import type { IntegerNode } from "../integer/types.ts";
import type { GraphBuilder } from "./_builder.ts";
import { centred, plus, rescaledUp } from "./_scales.ts";

type Piecewise<N> = { builder: GraphBuilder; node: N; shape: number[] };

/** Exact at whatever scale the tensor has: x > 0 is x - 1 >= 0 for whole numbers. */
export function addCompare({ builder, node, shape }: Piecewise<FloatCompareNode>): void {
    const name = node.source;
    const centre = centred({ builder, tensor: at(node.inputs, 0), name });
    const input = node.relation === "positive" ? plus({ builder, tensor: centre, name, addend: -1n }) : centre;
    const relation = node.relation === "zero" ? "zero" : "nonNegative";
    builder.addNode({
        node: { op: "compare", name, inputs: [input], output: node.output, relation },
        tensor: { shape, scaleLog2: 0, zeroPoint: 0n },
    });
}

/** Exact: the bits after the point are dropped as the mode says; a tensor of whole numbers stays as it is. */
export function addRound({ builder, node, shape }: Piecewise<FloatRoundNode>): void {
    const name = node.source;
    const centre = centred({ builder, tensor: at(node.inputs, 0), name });
    const shift = builder.tensor(centre).scaleLog2;
    const tensor = { shape, scaleLog2: Math.min(0, shift), zeroPoint: 0n };
    const { output } = node;
    if (shift <= 0) {
        builder.addNode({ node: { op: "reshape", name, inputs: [centre], output }, tensor });
        return;
    }
    const isCeiling = node.mode === "ceiling";
    const input = isCeiling ? plus({ builder, tensor: centre, name, addend: (1n << BigInt(shift)) - 1n }) : centre;
    const rounding: IntegerNode =
        node.mode === "halfEven"
            ? { op: "roundEven", name, inputs: [input], output, shift }
            : { op: "rescale", name, inputs: [input], output, shift };
    builder.addNode({ node: rounding, tensor });
}

/** Bits that the ends of a clamp keep where the tensor's own scale is coarser. */
const END_BITS = 8;

/** The ends are rounded to the tensor's scale, or to a finer one that holds them; an infinite end is the interval's. */
export function addClamp({ builder, node, shape }: Piecewise<FloatClampNode>): void {
    const name = node.source;
    const given = centred({ builder, tensor: at(node.inputs, 0), name });
    const scaleLog2 = scaleOfEnds({ ends: [node.min, node.max], scaleLog2: builder.tensor(given).scaleLog2 });
    const input = rescaledUp({ builder, tensor: given, name, scaleLog2 });
    const { lo, hi } = hull(builder.interval(input));
    const whole = (value: number) => BigInt(Math.round(value * 2 ** scaleLog2));
    const [hasMin, hasMax] = [Number.isFinite(node.min), Number.isFinite(node.max)];
    const min = hasMin ? whole(node.min) : leastOf([lo, hasMax ? whole(node.max) : hi]);
    const max = hasMax ? whole(node.max) : greatestOf([hi, min]);
    const base = { name, inputs: [input], output: node.output };
    const isInside = lo >= min && hi <= max;
    if (!isInside && node.departure !== undefined) {
        builder.approximate({ node: name, what: node.departure, bound: "none" });
    }
    builder.addNode({
        node: isInside ? { op: "reshape", ...base } : { op: "clamp", ...base, min, max },
        tensor: { shape, scaleLog2, zeroPoint: 0n },
    });
}

/** The coarsest scale, not coarser than the tensor's, that holds finite ends exactly, or with END_BITS bits. */
function scaleOfEnds({ ends, scaleLog2 }: { ends: readonly number[]; scaleLog2: number }): number {
    const finite = ends.filter((end) => Number.isFinite(end) && end !== 0);
    const enough = END_BITS - Math.ceil(Math.log2(finite.reduce((most, end) => Math.max(most, Math.abs(end)), 0)));
    let scale = scaleLog2;
    while (scale < enough && !finite.every((end) => Number.isInteger(end * 2 ** scale))) scale += 1;
    return scale;
}

/** The argument holds whole numbers. */
export function addOneHot({ builder, node, shape }: Piecewise<FloatOneHotNode>): void {
    const name = node.source;
    const input = wholeNumbers({ builder, tensor: at(node.inputs, 0), name });
    builder.addNode({
        node: { op: "oneHot", name, inputs: [input], output: node.output, min: BigInt(node.min), depth: node.depth },
        tensor: { shape, scaleLog2: 0, zeroPoint: 0n },
    });
}

/** Entries of a constant by a whole number: exact if they are whole, else with `entryBits` bits for the greatest. */
export function addTable({ builder, node, shape, entryBits }: Piecewise<FloatTableNode> & { entryBits: number }): void {
    const name = node.source;
    const input = wholeNumbers({ builder, tensor: at(node.inputs, 0), name });
    const entries = node.columns.flat();
    const greatest = entries.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
    const isWhole = entries.every((entry) => Number.isInteger(entry));
    const scaleLog2 = isWhole || greatest === 0 ? 0 : entryBits - Math.ceil(Math.log2(greatest));
    const columns = node.columns.map((column) => column.map((entry) => BigInt(Math.round(entry * 2 ** scaleLog2))));
    builder.addNode({
        node: { op: "table", name, inputs: [input], output: node.output, min: BigInt(node.min), columns },
        tensor: { shape, scaleLog2, zeroPoint: 0n },
    });
}

/** A tensor of whole numbers at the scale of whole numbers; what a finer scale has after the point is 0. */
function wholeNumbers({ builder, tensor, name }: { builder: GraphBuilder; tensor: string; name: string }): string {
    const input = centred({ builder, tensor, name });
    const { shape, scaleLog2 } = builder.tensor(input);
    if (scaleLog2 <= 0) return rescaledUp({ builder, tensor: input, name, scaleLog2: 0 });
    const output = builder.fresh(`${input}/whole`);
    builder.addNode({
        node: { op: "rescale", name, inputs: [input], output, shift: scaleLog2 },
        tensor: { shape, scaleLog2: 0, zeroPoint: 0n },
    });
    return output;
}
