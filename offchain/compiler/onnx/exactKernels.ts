/**
 * Which onnxruntime kernel computes an operator on whole numbers exactly. docs/adr/0001 gives the argument, the test
 * onnxruntime-exact measures it. Every function takes `bound`: no partial result, in any order of summation, exceeds
 * it in magnitude; for a linear operator that is max over outputs of |bias| + sum |weight| * max |input|.
 */
import { DTYPE, type Dtype } from "./dtypes.ts";

/** Element types for whole numbers, cheapest first, with the magnitude up to which all of them are represented. */
const EXACT_TYPES = [
    { type: "float32", dtype: DTYPE.FLOAT, limit: 2n ** 24n },
    { type: "float64", dtype: DTYPE.DOUBLE, limit: 2n ** 53n },
    { type: "int64", dtype: DTYPE.INT64, limit: 2n ** 63n - 1n },
] as const;

/** An element type in which whole numbers are exact. */
export type ExactType = { type: "float32" | "float64" | "int64"; dtype: Dtype };

/**
 * The cheapest type for Add, Sub, Mul, Max, Min, Clip, ReduceMax, ReduceMin, ArgMax, Where and comparisons. Not for
 * sums along an axis: onnxruntime computes ReduceSum of int64 in float64, so they are MatMul with ones (denseKernel).
 */
export function exactType({ bound }: { bound: bigint }): ExactType | undefined {
    const found = EXACT_TYPES.find(({ limit }) => bound <= limit);
    return found === undefined ? undefined : { type: found.type, dtype: found.dtype };
}

/** A dense map is MatMul then Add in every type: Gemm has no integer kernel. Undefined: only the interpreter can. */
export function denseKernel({ bound }: { bound: bigint }): (ExactType & { form: "MatMul" }) | undefined {
    const exact = exactType({ bound });
    return exact === undefined ? undefined : { ...exact, form: "MatMul" };
}

/**
 * A convolution is Conv in float32. onnxruntime has no other exact Conv, so above 2^24 it is Gather (im2col, padding
 * reads an appended zero) and MatMul. Undefined: only the interpreter can.
 */
export function convKernel({ bound }: { bound: bigint }): (ExactType & { form: "Conv" | "GatherMatMul" }) | undefined {
    const exact = exactType({ bound });
    return exact === undefined ? undefined : { ...exact, form: exact.type === "float32" ? "Conv" : "GatherMatMul" };
}

/**
 * floor(x / 2^shift): Mul by 2^-shift and Floor in a float type, where both are exact. In int64, whose Div rounds
 * towards zero: Add `offset`, Div by 2^shift, Sub offset / 2^shift, the offset being the least multiple of 2^shift
 * that makes x + offset non-negative (0 after a ReLU). Undefined: only the interpreter can.
 */
export function rescaleKernel({
    min,
    max,
    shift,
}: {
    min: bigint;
    max: bigint;
    shift: number;
}): RescaleKernel | undefined {
    const step = 2n ** BigInt(shift);
    const offset = min < 0n ? ((-min + step - 1n) / step) * step : 0n;
    const magnitude = -min > max ? -min : max;
    const exact = exactType({ bound: magnitude });
    if (exact === undefined || max + offset > 2n ** 63n - 1n) return undefined;
    return exact.type === "int64" ? { ...exact, form: "AddDivSub", offset } : { ...exact, form: "MulFloor" };
}

/** How to divide by a power of two. */
export type RescaleKernel = ExactType & ({ form: "MulFloor" } | { form: "AddDivSub"; offset: bigint });
