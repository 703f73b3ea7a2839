import type { AffineNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { hull, magnitudeBits } from "../integer/interval.ts";
import type { ConvKernel, Kernel } from "../integer/types.ts";
import type { GraphBuilder } from "./_builder.ts";
import {
    coarsestEqualScale,
    droppedByFilter,
    filterScaleLog2,
    quantiseFilters,
    quantiseKernel,
    rowSums,
    termsPerRow,
    weightScaleLog2,
} from "./weights.ts";

/** Sums are kept below this where dropping bits can do it, so that doubles stay exact. */
const WIDEST_SUM_BITS = 52;

type Affine = {
    builder: GraphBuilder;
    node: AffineNode;
    shape: number[];
    weightBits: number;
    /** Whether each filter may have a scale of its own, which costs nothing where outputs are not compared. */
    isByFilter: boolean;
    /** The constant to add for the rescale that follows, given the scale of the sums. */
    rounding: (scaleLog2: number) => bigint;
};

/** Adds an affine node as a linear one; its sums keep every bit of weights and inputs. */
export function addAffine({ builder, node, shape, weightBits, isByFilter, rounding }: Affine): void {
    const { source: name, output, kernels } = node;
    const inputs = node.inputs.map((tensor, index) =>
        narrowed({ builder, tensor, name, kernel: at(kernels, index), weightBits }),
    );
    const inputScales = inputs.map((tensor) => builder.tensor(tensor).scaleLog2);
    const filters = isByFilter ? soleConv({ builder, node, inputs }) : undefined;
    const scaleLog2 = sumScaleLog2({ node, inputScales, weightBits, filters });
    const half = rounding(scaleLog2);
    const weightScale = (index: number) => scaleLog2 - at(inputScales, index);
    const dropped = filters && droppedByFilter({ ...filters, bits: weightBits, scaleLog2: weightScale(0) });
    const bias = node.bias.map((value, output) => {
        const bits = dropped === undefined ? 0 : at(dropped, Math.floor((output * dropped.length) / node.bias.length));
        return (BigInt(Math.round(value * 2 ** (scaleLog2 - bits))) << BigInt(bits)) + half;
    });
    const integerKernels = kernels.map((kernel, index) => {
        if (filters === undefined || dropped === undefined) {
            return quantiseKernel({ kernel, scaleLog2: weightScale(index) });
        }
        return quantiseFilters({ kernel: filters.kernel, scaleLog2: weightScale(0), dropped });
    });
    for (const [index, kernel] of integerKernels.entries()) {
        const { zeroPoint } = builder.tensor(at(inputs, index));
        if (zeroPoint === 0n) continue;
        for (const [row, sum] of rowSums(kernel).entries()) bias[row] = at(bias, row) - zeroPoint * sum;
    }
    builder.addNode({
        node: { op: "linear", name, inputs, output, kernels: integerKernels, bias },
        tensor: { shape, scaleLog2, zeroPoint: 0n },
    });
}

/** A convolution that is all of a node, and the greatest that it reads. */
type SoleConv = { kernel: ConvKernel; greatestInput: number };

function soleConv({
    builder,
    node,
    inputs,
}: Pick<Affine, "builder" | "node"> & { inputs: string[] }): SoleConv | undefined {
    const [kernel, ...others] = node.kernels;
    if (kernel?.kind !== "conv" || others.length > 0) return undefined;
    const { zeroPoint } = builder.tensor(at(inputs, 0));
    const { lo, hi } = hull(builder.interval(at(inputs, 0)));
    const ends = [lo, hi].map((end) => Math.abs(Number(end - zeroPoint)));
    return { kernel, greatestInput: Math.max(...ends, 1) };
}

type SumScale = {
    node: AffineNode;
    inputScales: number[];
    weightBits: number;
    filters: SoleConv | undefined;
};

/**
 * The coarsest scale of the sums at which every kernel's weights have their bits, or are exact with fewer, and the bias
 * loses nothing more than at the finest of those scales. No input is cut: a coarser one is only counted in finer steps.
 */
function sumScaleLog2({ node: { kernels, bias }, inputScales, weightBits, filters }: SumScale): number {
    const finest = kernels.map((kernel, index) => {
        const own = filters
            ? filterScaleLog2({ ...filters, bits: weightBits })
            : weightScaleLog2({ kernel, bits: weightBits });
        return at(inputScales, index) + own;
    });
    const needed = kernels.map((kernel, index) => {
        const inputScaleLog2 = at(inputScales, index);
        const scaleLog2 = at(finest, index) - inputScaleLog2;
        return inputScaleLog2 + coarsestEqualScale({ kernels: [kernel], bias: [], inputScaleLog2, scaleLog2 });
    });
    const isExact = (scale: number) => bias.every((value) => Number.isInteger(value * 2 ** scale));
    let scale = Math.max(...finest);
    while (scale > Math.max(...needed) && isExact(scale - 1)) scale -= 1;
    return scale;
}

type Narrowing = { builder: GraphBuilder; tensor: string; name: string; kernel: Kernel; weightBits: number };

/** The tensor, or a copy with fewer bits when the sums over it would leave the exact doubles. */
function narrowed({ builder, tensor, name, kernel, weightBits }: Narrowing): string {
    const { shape, scaleLog2, zeroPoint } = builder.tensor(tensor);
    const bits = magnitudeBits(hull(builder.interval(tensor)));
    const shift = bits + weightBits + Math.ceil(Math.log2(termsPerRow(kernel) + 1)) - WIDEST_SUM_BITS;
    if (shift <= 0 || shift >= bits || zeroPoint !== 0n) return tensor;
    const output = builder.fresh(`${tensor}/narrowed`);
    builder.addNode({
        node: { op: "rescale", name, inputs: [tensor], output, shift },
        tensor: { shape, scaleLog2: scaleLog2 - shift, zeroPoint: 0n },
    });
    return output;
}
