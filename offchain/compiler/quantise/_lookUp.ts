import { ProtocolError } from "@assay/protocol";
import { domainOf, type RealRange, realFunction } from "../graph/functions.ts";
import type { FloatLookUpNode, RealFunction } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { bitLength } from "../integer/bigMath.ts";
import { type Bounds, hull } from "../integer/interval.ts";
import type { GraphBuilder } from "./_builder.ts";
import { centred, clamped, roundedTo } from "./_scales.ts";
import { tableError } from "./_tableError.ts";
import { boundText } from "./approximation.ts";
import { MOST_TABLE_BITS, type TableArgument } from "./tableArgument.ts";

type LookUp = {
    builder: GraphBuilder;
    node: FloatLookUpNode;
    shape: number[];
    /** What the table keeps apart; without it, every argument, in as many steps as a table may have. */
    argument: TableArgument | undefined;
    /** Scale of the entries; without it, `entryBits` bits for the greatest of them. */
    scaleLog2: number | undefined;
    entryBits: number;
};

/** A table over the rounded and clamped argument; what it gets wrong is written down with its bound. */
export function addLookUp({ builder, node, shape, argument, scaleLog2, entryBits }: LookUp): void {
    const given = centred({ builder, tensor: at(node.inputs, 0), name: node.source });
    const wanted = argument ?? wholeArgument({ bounds: hull(builder.interval(given)), ...builder.tensor(given) });
    const shift = Math.max(0, builder.tensor(given).scaleLog2 - wanted.scaleLog2);
    const rounded = shift === 0 ? given : roundedTo({ builder, tensor: given, name: node.source, shift });
    const step = 2 ** -builder.tensor(rounded).scaleLog2;
    const { lo, hi } = hull(builder.interval(rounded));
    const { min, max } = blockAt({ wanted, step, bounds: { lo, hi } });
    const isClamped = lo < min || hi > max;
    const input = isClamped ? clamped({ builder, tensor: rounded, name: node.source, min, max }) : rounded;

    const reals = realEntries({ node, min, max, step });
    const scale = scaleLog2 ?? entryScale({ reals, entryBits });
    const column = reals.map((value) => BigInt(Math.round(value * 2 ** scale)));
    builder.addNode({
        node: { op: "table", name: node.source, inputs: [input], output: node.output, min, columns: [column] },
        tensor: { shape, scaleLog2: scale, zeroPoint: 0n },
    });
    const entries = column.map((value) => Number(value) * 2 ** -scale);
    const fine = builder.tensor(given).scaleLog2;
    const bounds = hull(builder.interval(given));
    const most = node.greatest ?? Number.POSITIVE_INFINITY;
    const range = { lo: Number(bounds.lo) * 2 ** -fine, hi: Math.min(Number(bounds.hi) * 2 ** -fine, most) };
    noteError({ builder, node, entries, min: Number(min), step, isRounded: shift > 0, range });
}

/** All arguments of an interval in at most 2^MOST_TABLE_BITS steps. */
function wholeArgument({ bounds: { lo, hi }, scaleLog2 }: { bounds: Bounds; scaleLog2: number }): TableArgument {
    const shift = Math.max(0, bitLength(hi - lo) - MOST_TABLE_BITS);
    const [min, max] = [lo >> BigInt(shift), (hi >> BigInt(shift)) + 1n]; // + 1: rounding may go up
    return { scaleLog2: scaleLog2 - shift, min: Number(min), max: Number(max) };
}

type Block = { wanted: TableArgument; step: number; bounds: Bounds };

/** The wanted arguments counted in the argument's own steps, which may be coarser; all there are where they are no more. */
function blockAt({ wanted, step, bounds: { lo, hi } }: Block): { min: bigint; max: bigint } {
    const factor = 2 ** -wanted.scaleLog2 / step;
    const min = BigInt(Math.floor(wanted.min * factor));
    const size = BigInt(Math.max(1, Math.floor((wanted.max - wanted.min + 1) * factor)));
    return hi - lo < size ? { min: lo, max: hi } : { min, max: min + size - 1n };
}

type Entries = { node: FloatLookUpNode; min: bigint; max: bigint; step: number };

/** Values of the function; outside its domain, of the nearest argument that has a finite one. */
function realEntries({ node, min, max, step }: Entries): number[] {
    const evaluate = realFunction(node.function);
    const defined = definedRange({ function: node.function, step });
    const values = Array.from({ length: Number(max - min) + 1 }, (_, index) =>
        evaluate(Math.min(Math.max((Number(min) + index) * step, defined.lo), defined.hi)),
    );
    if (Number(max) * step < defined.lo || Number(min) * step > defined.hi || !values.every(Number.isFinite)) {
        const why = `${node.function.name} has no finite value on ${Number(min) * step}..${Number(max) * step}`;
        throw new ProtocolError({ code: "MODEL_OP_FORM_UNSUPPORTED", message: `${node.source}: ${why}.` });
    }
    return values;
}

/** The domain, without an end where the function has no finite value. */
function definedRange({ function: fn, step }: { function: RealFunction; step: number }): RealRange {
    const { lo, hi } = domainOf(fn);
    const evaluate = realFunction(fn);
    return {
        lo: Number.isFinite(lo) && !Number.isFinite(evaluate(lo)) ? lo + step : lo,
        hi: Number.isFinite(hi) && !Number.isFinite(evaluate(hi)) ? hi - step : hi,
    };
}

function entryScale({ reals, entryBits }: { reals: readonly number[]; entryBits: number }): number {
    const greatest = reals.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return greatest === 0 ? 0 : entryBits - Math.ceil(Math.log2(greatest));
}

type Error = {
    builder: GraphBuilder;
    node: FloatLookUpNode;
    entries: number[];
    min: number;
    step: number;
    isRounded: boolean;
    range: RealRange;
};

function noteError({ builder, node, entries, min, step, isRounded, range }: Error): void {
    const { name } = node.function;
    const { inside, beyond } = tableError({ function: node.function, entries, min, step, isRounded, range });
    const [first, last] = [min * step, (min + entries.length - 1) * step];
    const steps = `${entries.length} steps of ${step} in [${first}, ${last}]`;
    builder.approximate({ node: node.source, what: `${name} is a table of ${steps}`, bound: boundText(inside) });
    if (range.lo < first - step / 2 || range.hi > last + step / 2) {
        const what = `${name} of an argument beyond [${first}, ${last}], up to [${range.lo}, ${range.hi}], is that of the nearer end`;
        builder.approximate({ node: node.source, what, bound: boundText(beyond) });
    }
    const domain = domainOf(node.function);
    if (range.lo < domain.lo || range.hi > domain.hi) {
        const what = `${name} of an argument outside its domain [${domain.lo}, ${domain.hi}] is that of the nearest inside`;
        builder.approximate({ node: node.source, what, bound: boundText(Number.POSITIVE_INFINITY) });
    }
}
