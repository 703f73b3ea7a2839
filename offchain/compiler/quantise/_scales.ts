import { hull, magnitudeBits } from "../integer/interval.ts";
import { countOf, type LinearNode } from "../integer/types.ts";
import { uniformScale } from "../integer/uniformScale.ts";
import type { GraphBuilder } from "./_builder.ts";

type Tensor = { builder: GraphBuilder; tensor: string; name: string };

/** The tensor itself, or a copy of it without a zero point. */
export function centred({ builder, tensor, name }: Tensor): string {
    const { zeroPoint } = builder.tensor(tensor);
    if (zeroPoint === 0n) return tensor;
    return shifted({ builder, tensor, name, factor: 1, addend: -zeroPoint, label: "centred" });
}

/** The tensor without a zero point at a finer scale, which changes no value and costs nothing. */
export function rescaledUp({ builder, tensor, name, scaleLog2 }: Tensor & { scaleLog2: number }): string {
    const input = centred({ builder, tensor, name });
    const factorLog2 = scaleLog2 - builder.tensor(input).scaleLog2;
    if (factorLog2 < 0) throw new RangeError("A coarser scale loses bits");
    return factorLog2 === 0
        ? input
        : shifted({ builder, tensor: input, name, factor: 1, factorLog2, addend: 0n, label: "scaled" });
}

/**
 * The tensor without a zero point and with at most `bits` bits, sign included: it is rounded to nearest if wider. A
 * selection is rounded before it repeats elements.
 */
export function roundedToBits({ builder, tensor, name, bits }: Tensor & { bits: number }): string {
    const input = centred({ builder, tensor, name });
    const width = magnitudeBits(hull(builder.interval(input))) + 1;
    if (width <= bits) return input;
    const shift = width - bits;
    const selection = builder.graph.nodes.find(({ output }) => output === input);
    const source = selection?.inputs[0];
    if (selection?.op !== "linear" || source === undefined || !isSelection(selection)) {
        return roundedTo({ builder, tensor: input, name, shift });
    }
    const rounded = roundedTo({ builder, tensor: centred({ builder, tensor: source, name }), name, shift });
    const output = builder.fresh(`${input}/narrowed`);
    builder.addNode({
        node: { ...selection, name, inputs: [rounded], output },
        tensor: { ...builder.tensor(input), scaleLog2: builder.tensor(rounded).scaleLog2 },
    });
    return output;
}

function isSelection({ kernels, bias }: LinearNode): boolean {
    return kernels.length === 1 && kernels[0]?.kind === "select" && bias.every((addend) => addend === 0n);
}

/** x / 2^shift to the nearest whole number, ties up; the tensor has no zero point. The same request gives one tensor. */
export function roundedTo({ builder, tensor, name, shift }: Tensor & { shift: number }): string {
    return builder.once({ key: `${tensor} rounded by ${shift}`, make: () => round({ builder, tensor, name, shift }) });
}

function round({ builder, tensor, name, shift }: Tensor & { shift: number }): string {
    const addend = 1n << BigInt(shift - 1);
    const input = shifted({ builder, tensor, name, factor: 1, addend, label: "half" });
    const { shape, scaleLog2 } = builder.tensor(tensor);
    const output = builder.fresh(`${tensor}/narrowed`);
    builder.addNode({
        node: { op: "rescale", name, inputs: [input], output, shift },
        tensor: { shape, scaleLog2: scaleLog2 - shift, zeroPoint: 0n },
    });
    return output;
}

type Narrowing = Tensor & { output: string; scaleLog2: number };

/** Names `output` the tensor at a scale that is not finer than wanted: rounded to nearest, or under its new name only. */
export function narrowInto({ builder, tensor, output, name, scaleLog2 }: Narrowing): void {
    const { shape, scaleLog2: given, zeroPoint } = builder.tensor(tensor);
    const shift = given - scaleLog2;
    if (shift <= 0) {
        builder.addNode({
            node: { op: "reshape", name, inputs: [tensor], output },
            tensor: { shape, scaleLog2: given, zeroPoint },
        });
        return;
    }
    const centre = centred({ builder, tensor, name });
    const raised = plus({ builder, tensor: centre, name, addend: 1n << BigInt(shift - 1) });
    builder.addNode({
        node: { op: "rescale", name, inputs: [raised], output, shift },
        tensor: { shape, scaleLog2, zeroPoint: 0n },
    });
}

/** x + addend, counted in steps of the tensor's scale. */
export function plus({ builder, tensor, name, addend }: Tensor & { addend: bigint }): string {
    return shifted({ builder, tensor, name, factor: 1, addend, label: "plus" });
}

/** -x. */
export function negated({ builder, tensor, name }: Tensor): string {
    return shifted({ builder, tensor, name, factor: -1, addend: 0n, label: "negated" });
}

/** The nearest value in [min, max], counted in steps of the tensor's scale. */
export function clamped({ builder, tensor, name, min, max }: Tensor & { min: bigint; max: bigint }): string {
    const output = builder.fresh(`${tensor}/clamped`);
    builder.addNode({
        node: { op: "clamp", name, inputs: [tensor], output, min, max },
        tensor: builder.tensor(tensor),
    });
    return output;
}

type Shift = Tensor & { factor: 1 | -1; factorLog2?: number; addend: bigint; label: string };

/** factor * x * 2^factorLog2 + addend. */
function shifted({ builder, tensor, name, factor, factorLog2 = 0, addend, label }: Shift): string {
    const { shape, scaleLog2 } = builder.tensor(tensor);
    const count = countOf(shape);
    const output = builder.fresh(`${tensor}/${label}`);
    const kernels = [uniformScale({ count, factor: factor * 2 ** factorLog2 })];
    const bias = new Array<bigint>(count).fill(addend);
    builder.addNode({
        node: { op: "linear", name, inputs: [tensor], output, kernels, bias },
        tensor: { shape, scaleLog2: scaleLog2 + factorLog2, zeroPoint: 0n },
    });
    return output;
}
