import { ProtocolError } from "@assay/protocol";
import type { IntegerAffineNode, RequantiseNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { bitLength } from "../integer/bigMath.ts";
import type { IntegerNode, Kernel } from "../integer/types.ts";
import { uniformScale } from "../integer/uniformScale.ts";
import type { GraphBuilder } from "./_builder.ts";
import type { Requantisation } from "./requantisation.ts";
import { rowSums } from "./weights.ts";

type Rule<N> = { builder: GraphBuilder; node: N; shape: number[] };

/** Weights and sums as they are: inputs must already be whole numbers. */
export function addIntegerAffine({ builder, node, shape }: Rule<IntegerAffineNode>): void {
    const { source: name, inputs, output, kernels } = node;
    const bias = node.bias.map(BigInt);
    for (const [index, tensor] of inputs.entries()) {
        const { scaleLog2, zeroPoint } = builder.tensor(tensor);
        if (scaleLog2 !== 0) throw notWhole({ name, tensor });
        if (zeroPoint === 0n) continue;
        for (const [row, sum] of rowSums(at(kernels, index)).entries()) bias[row] = at(bias, row) - zeroPoint * sum;
    }
    builder.addNode({
        node: { op: "linear", name, inputs, output, kernels, bias },
        tensor: { shape, scaleLog2: 0, zeroPoint: 0n },
    });
}

/** Rounded fraction, exceptions, levels, zero point: steps on whole numbers. */
export function addRequantise({ builder, node, shape }: Rule<RequantiseNode>): void {
    const [sums, name] = [at(node.inputs, 0), node.source];
    if (builder.tensor(sums).scaleLog2 !== 0) throw notWhole({ name, tensor: sums });
    const lines = node.fractionOf.map((index) => at(node.fractions, index));
    const steps = stepsOf({ builder, node, shape });
    const isDyadic = lines.every(({ divisor }) => (divisor & (divisor - 1n)) === 0n);
    const rounded = isDyadic ? shifted({ steps, name, lines, sums }) : divided({ steps, name, lines, sums });
    const levels = withExceptions({ steps, lines, sums, levels: rounded });
    const [min, max] = [BigInt(node.min), BigInt(node.max)];
    const clamped = steps.node({
        label: "clamped",
        node: (output) => ({ op: "clamp", name, inputs: [levels], output, min, max }),
    });
    const bias = lines.map(() => BigInt(node.zeroPoint));
    steps.linear({ parts: [multipleOf({ tensor: clamped, count: lines.length, factor: 1 })], bias });
}

type Rounding = { steps: Steps; name: string; lines: Requantisation[]; sums: string };

/** Fractions with powers of two below: all at the greatest of them. */
function shifted({ steps, name, lines, sums }: Rounding): string {
    const isEven = lines.some(({ toEven }) => toEven);
    const shift = Math.max(...lines.map((line) => shiftOf(line) + (isEven && !line.toEven ? 1 : 0)));
    const { factors, bias } = scaling({ lines, shift, isEven });
    const parts: Part[] = [{ tensor: sums, kernel: { kind: "scale", factors } }];
    const product = steps.linear({ label: "product", parts, bias });
    const op = isEven ? "roundEven" : "rescale";
    return steps.node({
        label: "rounded",
        node: (output) => ({ op, name, inputs: [product], output, shift }),
    });
}

function shiftOf({ divisor }: Requantisation): number {
    return bitLength(divisor) - 1;
}

/** Fractions with any number below: floor, less one where a tie was rounded up to an odd number. */
function divided({ steps, name, lines, sums }: Rounding): string {
    const factors = lines.map(({ multiplier }) => Number(multiplier));
    const parts: Part[] = [{ tensor: sums, kernel: { kind: "scale", factors } }];
    const product = steps.linear({ label: "product", parts, bias: lines.map(({ offset }) => offset) });
    const times = (tensor: string, factor: number): Part => multipleOf({ tensor, count: lines.length, factor });
    const divisors = lines.map(({ divisor }) => divisor);
    const divisor = steps.linear({ label: "divisor", parts: [times(sums, 0)], bias: divisors });
    const quotient = steps.node({
        label: "quotient",
        node: (output) => ({ op: "divide", name, inputs: [product, divisor], output }),
    });
    const multiples = divisors.map((value) => -Number(value));
    const rest = steps.linear({
        label: "rest",
        parts: [times(product, 1), { tensor: quotient, kernel: { kind: "scale", factors: multiples } }],
        bias: lines.map(({ toEven }) => (toEven ? 0n : 1n)), // a remainder that is never 0 is no tie
    });
    const tie = steps.compare({ label: "tie", count: lines.length, tensor: rest });
    const half = steps.node({
        label: "half",
        node: (output) => ({ op: "rescale", name, inputs: [quotient], output, shift: 1 }),
    });
    const odd = steps.linear({ label: "odd", parts: [times(quotient, 1), times(half, -2)], bias: lines.map(() => 0n) });
    const down = steps.node({
        label: "down",
        node: (output) => ({ op: "product", name, inputs: [tie, odd], output }),
    });
    return steps.linear({
        label: "rounded",
        parts: [times(quotient, 1), times(down, -1)],
        bias: lines.map(() => 0n),
    });
}

type Part = { tensor: string; kernel: Kernel };
type Steps = ReturnType<typeof stepsOf>;

/** Adds nodes on whole numbers; one without a label is the last and gives the float node's output. */
function stepsOf({ builder, node: { source: name, output: last }, shape }: Rule<RequantiseNode>) {
    type Addition = { label?: string; count?: number; node: (output: string) => IntegerNode };
    function add({ label, count, node }: Addition): string {
        const output = label === undefined ? last : builder.fresh(`${last}/${label}`);
        const tensor = { shape: count === undefined ? shape : [count], scaleLog2: 0, zeroPoint: 0n };
        builder.addNode({ node: node(output), tensor });
        return output;
    }
    type Sum = { label?: string; count?: number; parts: Part[]; bias: bigint[] };
    return {
        node: add,
        linear: ({ parts, bias, ...place }: Sum) => {
            const [inputs, kernels] = [parts.map(({ tensor }) => tensor), parts.map(({ kernel }) => kernel)];
            return add({ ...place, node: (output) => ({ op: "linear", name, inputs, output, kernels, bias }) });
        },
        compare: ({ tensor, ...place }: { tensor: string; label: string; count: number }) =>
            add({
                ...place,
                node: (output) => ({ op: "compare", name, inputs: [tensor], output, relation: "zero" }),
            }),
    };
}

function multipleOf({ tensor, count, factor }: { tensor: string; count: number; factor: number }): Part {
    return { tensor, kernel: uniformScale({ count, factor }) };
}

type Lines = { lines: Requantisation[]; shift: number; isEven: boolean };

/**
 * All lines at one shift. The half that `roundEven` adds is taken off where a line brings its own offset, and such a
 * line gets an odd last bit among ties-to-even neighbours: then it never meets a tie.
 */
function scaling({ lines, shift, isEven }: Lines): { factors: number[]; bias: bigint[] } {
    const half = isEven ? 1n << BigInt(shift - 1) : 0n;
    const finer = ({ value, line }: { value: bigint; line: Requantisation }) => value << BigInt(shift - shiftOf(line));
    return {
        factors: lines.map((line) => Number(finer({ value: line.multiplier, line }))),
        bias: lines.map((line) => {
            const odd = isEven && !line.toEven ? 1n << BigInt(shift - shiftOf(line) - 1) : 0n;
            return finer({ value: line.offset, line }) - half + odd;
        }),
    };
}

type WithExceptions = { steps: Steps; lines: Requantisation[]; sums: string; levels: string };

/** levels + delta where the sum is an exception; every turn handles one exception of each line that has so many. */
function withExceptions({ steps, lines, sums, levels }: WithExceptions): string {
    let corrected = levels;
    const most = Math.max(...lines.map(({ exceptions }) => exceptions.length));
    for (let turn = 0; turn < most; turn++) {
        const own = lines.flatMap(({ exceptions }, place) => {
            const exception = exceptions[turn];
            return exception === undefined ? [] : [{ place, ...exception }];
        });
        const count = own.length;
        const kernel: Kernel = { kind: "select", from: lines.length, indices: own.map(({ place }) => place) };
        const bias = own.map(({ sum }) => -BigInt(sum));
        const gap = steps.linear({ label: "gap", count, parts: [{ tensor: sums, kernel }], bias });
        const hit = steps.compare({ label: "hit", count, tensor: gap });
        corrected = steps.linear({
            label: "corrected",
            parts: [
                multipleOf({ tensor: corrected, count: lines.length, factor: 1 }),
                { tensor: hit, kernel: spread({ own, lines }) },
            ],
            bias: lines.map(() => 0n),
        });
    }
    return corrected;
}

type Spread = { own: { place: number; delta: number }[]; lines: Requantisation[] };

/** Puts the deltas of some elements at their places. */
function spread({ own, lines }: Spread): Kernel {
    const counts = lines.map((_, place) => own.filter((entry) => entry.place < place).length);
    return {
        kind: "sparse",
        from: own.length,
        start: [...counts, own.length],
        index: own.map((_, position) => position),
        weights: own.map(({ delta }) => delta),
    };
}

function notWhole({ name, tensor }: { name: string; tensor: string }): ProtocolError {
    return new ProtocolError({
        code: "MODEL_OP_FORM_UNSUPPORTED",
        message: `${name}: "${tensor}" must hold quantised integers; put QuantizeLinear before it.`,
    });
}
