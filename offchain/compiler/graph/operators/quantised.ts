import { ProtocolError } from "@assay/protocol";
import { at } from "../../integer/at.ts";
import { rowsOf } from "../../integer/rows.ts";
import { countOf, type Kernel } from "../../integer/types.ts";
import { DTYPE } from "../../onnx/dtypes.ts";
import { findRequantisation, type Requantisation, type RequantisedRange } from "../../quantise/requantisation.ts";
import { constantOf, tensorOf, unsupportedForm } from "./_call.ts";
import { limitsOf, scaleOf, zeroPointOf } from "./_quantisation.ts";
import { convOperator } from "./conv.ts";
import { gemmOperator, matMulOperator } from "./dense.ts";
import type { ConstantOperand, Operator, OperatorCall, TensorOperand } from "./operator.ts";

/** Sums are int32 in onnxruntime and wrap beyond. */
const SUM_LIMIT = 2 ** 31;

/** Conv of integers; onnxruntime's requantisation, bit for bit. */
export const qLinearConvOperator: Operator = {
    supported: "QLinearConv on uint8 or int8 with constant weights, scales and zero points",
    attributes: convOperator.attributes,
    translate: (call) => {
        const sums = integerSums({
            call,
            operator: convOperator,
            operands: { x: 0, xZero: 2, w: 3, wZero: 5, bias: 8 },
        });
        const [, filters] = sums.tensor.shape;
        const positions = countOf(sums.tensor.shape) / (filters ?? 1);
        const scales = { x: 1, w: 4, y: 6, yZero: 7 };
        return requantised({ call, sums, scales, channelOf: (element) => Math.floor(element / positions) });
    },
};

/** MatMul of integers by a constant matrix; onnxruntime's requantisation, bit for bit. */
export const qLinearMatMulOperator: Operator = {
    supported: "QLinearMatMul on uint8 or int8 whose right operand, scales and zero points are constants",
    attributes: [],
    translate: (call) => {
        const sums = integerSums({ call, operator: matMulOperator, operands: { x: 0, xZero: 2, w: 3, wZero: 5 } });
        const rows = sums.tensor.shape.at(-1) ?? 1;
        return requantised({
            call,
            sums,
            scales: { x: 1, w: 4, y: 6, yZero: 7 },
            channelOf: (element) => element % rows,
        });
    },
};

/** com.microsoft QGemm with an output scale: Gemm of integers, requantised. */
export const qGemmOperator: Operator = {
    supported: "QGemm on uint8 or int8 with constant B, C, scales and zero points, and an output scale",
    attributes: gemmOperator.attributes,
    translate: (call) => {
        const operands = { x: 0, xZero: 2, w: 3, wZero: 5, bias: 6 };
        const sums = integerSums({ call, operator: gemmOperator, operands });
        const rows = sums.tensor.shape.at(-1) ?? 1;
        return requantised({
            call,
            sums,
            scales: { x: 1, w: 4, y: 7, yZero: 8 },
            channelOf: (element) => element % rows,
        });
    },
};

/** Conv of integers to int32. */
export const convIntegerOperator: Operator = {
    supported: "ConvInteger with constant weights and zero points",
    attributes: convOperator.attributes,
    translate: (call) =>
        integerSums({ call, operator: convOperator, operands: { x: 0, xZero: 2, w: 1, wZero: 3 } }).tensor,
};

/** MatMul of integers to int32. */
export const matMulIntegerOperator: Operator = {
    supported: "MatMulInteger whose right operand and zero points are constants",
    attributes: [],
    translate: (call) =>
        integerSums({ call, operator: matMulOperator, operands: { x: 0, xZero: 2, w: 1, wZero: 3 } }).tensor,
};

/** Positions of the operands of an integer operator. */
type Places = { x: number; xZero: number; w: number; wZero: number; bias?: number };
type Summing = { call: OperatorCall; operator: Operator; operands: Places };
/** Whole sums, and for each the least and greatest that the element types allow. */
type Sums = { tensor: TensorOperand; ranges: { lo: number; hi: number }[] };

/** The float operator on whole numbers: weights less their zero point, the input's zero point in the bias. */
function integerSums({ call, operator, operands }: Summing): Sums {
    const x = tensorOf({ call, index: operands.x });
    const xZero = zeroPointOf({ call, index: operands.xZero });
    const weights = centredWeights({ call, operands });
    const bias = operands.bias === undefined ? undefined : call.operands[operands.bias];
    let ranges: Sums["ranges"] = [];
    const integer: OperatorCall = {
        ...call,
        operands: [x, weights, bias],
        emit: ({ draft, shape }) => {
            if (draft.op !== "affine") throw unsupportedForm({ call, why: "its sums are not linear" });
            const totals = rowTotals(draft.kernels);
            const centred = draft.bias.map((value, row) => value - xZero.value * at(totals, row));
            ranges = rangesOf({
                kernels: draft.kernels,
                bias: centred,
                limits: limitsOf({ call, dtype: xZero.dtype }),
            });
            requireInt32({ call, ranges });
            const label = "sums";
            const sums = { op: "integerAffine", inputs: draft.inputs, kernels: draft.kernels, bias: centred } as const;
            const isLast = operands.w === 1; // ConvInteger and MatMulInteger give the sums themselves
            return isLast ? call.emit({ draft: sums, shape }) : call.step({ draft: sums, shape, label });
        },
    };
    const tensor = operator.translate(integer);
    if (!("kind" in tensor) || tensor.kind !== "tensor") throw unsupportedForm({ call, why: "its sums are constant" });
    return { tensor, ranges };
}

function centredWeights({ call, operands }: Omit<Summing, "operator">): ConstantOperand {
    const weights = constantOf({ call, index: operands.w });
    const zero = call.operands[operands.wZero] === undefined ? undefined : constantOf({ call, index: operands.wZero });
    limitsOf({ call, dtype: weights.dtype });
    noteSaturation({ call, operands, weights });
    if (zero === undefined) return weights;
    const isColumn = weights.shape.length === 2 && call.node.attributes.get("transB")?.value !== 1n;
    const channels = zero.values.length;
    const block = isColumn ? 1 : weights.values.length / channels;
    const channelOf = (index: number) => (isColumn ? index % channels : Math.floor(index / block));
    const values = weights.values.map(
        (weight, index) => weight - at(zero.values, channels === 1 ? 0 : channelOf(index)),
    );
    return { ...weights, values };
}

/** Weights beyond this may overflow 16 bits in the sum of two products by uint8. */
const SAFE_WEIGHT = 64;

function noteSaturation({ call, operands, weights }: Omit<Summing, "operator"> & { weights: ConstantOperand }): void {
    const isMixed = zeroPointOf({ call, index: operands.xZero }).dtype === DTYPE.UINT8 && weights.dtype === DTYPE.INT8;
    if (!isMixed || weights.values.every((weight) => Math.abs(weight) <= SAFE_WEIGHT)) return;
    call.note(
        "uint8 by int8 with 8-bit weights: onnxruntime's kernels saturate on processors without VNNI and then differ from this model; quantise with reduce_range (7-bit weights)",
    );
}

function rowTotals(kernels: readonly Kernel[]): number[] {
    const totals: number[] = [];
    for (const { start, weight } of kernels.map(rowsOf)) {
        for (let row = 0; row + 1 < start.length; row++) {
            const total = weight.subarray(start[row], start[row + 1]).reduce((sum, value) => sum + value, 0);
            totals[row] = (totals[row] ?? 0) + total;
        }
    }
    return totals;
}

type Ranging = { kernels: readonly Kernel[]; bias: readonly number[]; limits: { least: number; greatest: number } };

function rangesOf({ kernels, bias, limits: { least, greatest } }: Ranging): Sums["ranges"] {
    const ranges = bias.map((value) => ({ lo: value, hi: value }));
    for (const { start, weight } of kernels.map(rowsOf)) {
        for (const [row, range] of ranges.entries()) {
            for (const factor of weight.subarray(start[row], start[row + 1])) {
                range.lo += factor * (factor > 0 ? least : greatest);
                range.hi += factor * (factor > 0 ? greatest : least);
            }
        }
    }
    return ranges;
}

function requireInt32({ call, ranges }: { call: OperatorCall; ranges: Sums["ranges"] }): void {
    if (ranges.every(({ lo, hi }) => lo >= -SUM_LIMIT && hi < SUM_LIMIT)) return;
    throw new ProtocolError({
        code: "MODEL_INTERVAL_OVERFLOW",
        message: `${call.where}: a sum may leave int32, where onnxruntime wraps around.`,
    });
}

type Requantising = {
    call: OperatorCall;
    sums: Sums;
    /** Positions of the scales and of the output's zero point. */
    scales: { x: number; w: number; y: number; yZero: number };
    channelOf: (element: number) => number;
};

/** One certified fraction for each channel, over every sum that the element types allow. */
function requantised({ call, sums, scales, channelOf }: Requantising): TensorOperand {
    const zero = zeroPointOf({ call, index: scales.yZero });
    const { least, greatest } = limitsOf({ call, dtype: zero.dtype });
    const [min, max] = [least - zero.value, greatest - zero.value];
    const factors = outputScales({ call, scales });
    const fractionOf = sums.ranges.map((_, element) => (factors.length === 1 ? 0 : channelOf(element)));
    const ranges = factors.map((scale, channel): RequantisedRange => {
        const own = sums.ranges.filter((_, element) => fractionOf[element] === channel);
        const lo = own.reduce((soFar, range) => Math.min(soFar, range.lo), 0);
        const hi = own.reduce((soFar, range) => Math.max(soFar, range.hi), 0);
        return { scale, lo, hi, min, max };
    });
    const fractions = ranges.map((range) => certified({ call, range }));
    return call.emit({
        draft: {
            op: "requantise",
            inputs: [sums.tensor.name],
            fractions,
            ranges,
            fractionOf,
            min,
            max,
            zeroPoint: zero.value,
        },
        shape: sums.tensor.shape,
    });
}

/** As onnxruntime has them: float32 products and quotients, in this order. */
function outputScales({ call, scales }: Pick<Requantising, "call" | "scales">): number[] {
    const [x, y] = [scaleOf({ call, index: scales.x }), scaleOf({ call, index: scales.y })];
    const weights = constantOf({ call, index: scales.w });
    return Array.from(weights.values, (weight) => Math.fround(Math.fround(x * weight) / y));
}

function certified({ call, range }: { call: OperatorCall; range: RequantisedRange }): Requantisation {
    const fraction = range.scale > 0 ? findRequantisation(range) : undefined;
    if (fraction !== undefined) return fraction;
    throw unsupportedForm({
        call,
        why: `no fraction reproduces the float32 scale ${range.scale} on ${range.lo}..${range.hi}`,
    });
}
