import type { FloatTopNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { bitLength } from "../integer/bigMath.ts";
import { argMaxLines } from "../integer/ops/argMax.ts";
import { countOf, type Kernel } from "../integer/types.ts";
import { uniformScale } from "../integer/uniformScale.ts";
import type { GraphBuilder } from "./_builder.ts";
import { centred } from "./_scales.ts";

type Top = { builder: GraphBuilder; node: FloatTopNode; shape: number[] };

/**
 * Exact. Each element becomes the key x * 2^b + (last place - its place), so that no two keys are equal and the first of
 * equal elements is the greater. Then bubbles: each pass takes the greatest of what is left, one maximum a neighbour.
 */
export function addTop({ builder, node, shape }: Top): void {
    const name = node.source;
    const input = centred({ builder, tensor: at(node.inputs, 0), name });
    const { count, length, outer, inner } = node;
    const bits = Math.max(1, bitLength(BigInt(length - 1)));
    const key = `${input} top ${[count, outer, length, inner].join()}`;
    const keys = builder.once({ key, make: () => addSorted({ builder, node, input, bits }) });
    const { scaleLog2 } = builder.tensor(input);
    const values = builder.once({
        key: `${key} values`,
        make: () => {
            const output = builder.fresh(`${node.output}/top`);
            builder.addNode({
                node: { op: "rescale", name, inputs: [keys], output, shift: bits },
                tensor: { shape, scaleLog2, zeroPoint: 0n },
            });
            return output;
        },
    });
    if (node.part === "indices") {
        addPlaces({ builder, node, keys, values, bits, shape });
        return;
    }
    builder.addNode({
        node: { op: "reshape", name, inputs: [values], output: node.output },
        tensor: { shape, scaleLog2, zeroPoint: 0n },
    });
}

type Places = {
    builder: GraphBuilder;
    node: FloatTopNode;
    keys: string;
    values: string;
    bits: number;
    shape: number[];
};

/** last place - (key - value * 2^b). */
function addPlaces({ builder, node, keys, values, bits, shape }: Places): void {
    const size = countOf(shape);
    addLinear({
        builder,
        node,
        output: node.output,
        parts: [
            { input: keys, kernel: uniformScale({ count: size, factor: -1 }) },
            { input: values, kernel: uniformScale({ count: size, factor: 2 ** bits }) },
        ],
        bias: new Array<bigint>(size).fill(BigInt(node.length - 1)),
        tensor: { shape, scaleLog2: 0 },
    });
}

type Sorting = { builder: GraphBuilder; node: FloatTopNode; input: string; bits: number };

/** The keys of the greatest, in order, laid out like the output. */
function addSorted({ builder, node, input, bits }: Sorting): string {
    const { count, outer, inner, length } = node;
    const lines = argMaxLines(node);
    let rest = Array.from({ length }, (_, place) => addKey({ builder, node, input, bits, lines, place }));
    const found: string[] = [];
    for (let pass = 0; pass < count; pass++) {
        const [first, ...others] = rest;
        if (first === undefined) throw new RangeError("More are wanted than there are");
        let greatest = first;
        rest = others.map((other) => {
            const pair = addPair({ builder, node, left: greatest, right: other, count: lines.length });
            greatest = pair.greater;
            return pair.lesser;
        });
        found.push(greatest);
    }
    const size = outer * count * inner;
    return addLinear({
        builder,
        node,
        output: builder.fresh(`${node.output}/keys`),
        parts: found.map((input, pass) => {
            const indices = Array.from({ length: size }, (_, position) =>
                Math.floor(position / inner) % count === pass
                    ? Math.floor(position / inner / count) * inner + (position % inner)
                    : -1,
            );
            return { input, kernel: { kind: "select", from: lines.length, indices } };
        }),
        bias: new Array<bigint>(size).fill(0n),
        tensor: { shape: [outer, count, inner], scaleLog2: 0 },
    });
}

type Key = Sorting & { lines: number[][]; place: number };

/** One key of every line. */
function addKey({ builder, node, input, bits, lines, place }: Key): string {
    const from = countOf(builder.tensor(input).shape);
    const start = Array.from({ length: lines.length + 1 }, (_, line) => line);
    const index = lines.map((positions) => at(positions, place));
    const weights = new Array<number>(lines.length).fill(2 ** bits);
    return addLinear({
        builder,
        node,
        output: builder.fresh(`${node.output}/key${place}`),
        parts: [{ input, kernel: { kind: "sparse", from, start, index, weights } }],
        bias: new Array<bigint>(lines.length).fill(BigInt(node.length - 1 - place)),
        tensor: { shape: [lines.length], scaleLog2: 0 },
    });
}

type Pair = { builder: GraphBuilder; node: FloatTopNode; left: string; right: string; count: number };

/** max(a, b), and a + b - max(a, b). */
function addPair({ builder, node, left, right, count }: Pair): { greater: string; lesser: string } {
    const half = (isFirst: boolean): Kernel => ({
        kind: "select",
        from: count,
        indices: Array.from({ length: 2 * count }, (_, position) =>
            position < count === isFirst ? position % count : -1,
        ),
    });
    const both = addLinear({
        builder,
        node,
        output: builder.fresh(`${node.output}/both`),
        parts: [
            { input: left, kernel: half(true) },
            { input: right, kernel: half(false) },
        ],
        bias: new Array<bigint>(2 * count).fill(0n),
        tensor: { shape: [2 * count], scaleLog2: 0 },
    });
    const greater = builder.fresh(`${node.output}/greater`);
    const indices = Array.from({ length: count }, (_, line) => [line, line + count]).flat();
    builder.addNode({
        node: { op: "maximum", name: node.source, inputs: [both], output: greater, size: 2, indices },
        tensor: { shape: [count], scaleLog2: 0, zeroPoint: 0n },
    });
    const lesser = addLinear({
        builder,
        node,
        output: builder.fresh(`${node.output}/lesser`),
        parts: [
            { input: left, kernel: uniformScale({ count, factor: 1 }) },
            { input: right, kernel: uniformScale({ count, factor: 1 }) },
            { input: greater, kernel: uniformScale({ count, factor: -1 }) },
        ],
        bias: new Array<bigint>(count).fill(0n),
        tensor: { shape: [count], scaleLog2: 0 },
    });
    return { greater, lesser };
}

type Linear = {
    builder: GraphBuilder;
    node: FloatTopNode;
    output: string;
    parts: { input: string; kernel: Kernel }[];
    bias: bigint[];
    tensor: { shape: number[]; scaleLog2: number };
};

function addLinear({ builder, node, output, parts, bias, tensor }: Linear): string {
    const [inputs, kernels] = [parts.map(({ input }) => input), parts.map(({ kernel }) => kernel)];
    builder.addNode({
        node: { op: "linear", name: node.source, inputs, output, kernels, bias },
        tensor: { ...tensor, zeroPoint: 0n },
    });
    return output;
}
