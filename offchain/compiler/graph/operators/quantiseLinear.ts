import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { uniformScale } from "../../integer/uniformScale.ts";
import { DTYPE } from "../../onnx/dtypes.ts";
import { findSumFraction, type QuantisedSum } from "../../quantise/quantisedSum.ts";
import { roundHalfEven } from "../../quantise/requantisation.ts";
import { axisOf, constantOf, intAttribute, operandOf, tensorOf, unsupportedForm } from "./_call.ts";
import { limitsOf, scaleOf, zeroPointOf } from "./_quantisation.ts";
import { createSteps } from "./_steps.ts";
import { broadcastShape } from "./broadcast.ts";
import type { ConstantOperand, Operand, Operator, OperatorCall, TensorOperand } from "./operator.ts";

/** A real tensor to integers where no integer operator follows: at whatever precision the real tensor has. */
export const quantizeLinearOperator: Operator = {
    supported: "QuantizeLinear with one constant scale and zero point, to uint8 or int8",
    attributes: ["axis", "saturate", "block_size", "output_dtype"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const scale = scaleOf({ call, index: 1 });
        const { value: zeroPoint, dtype } = zeroPointOf({ call, index: 2 });
        const { least, greatest } = limitsOf({ call, dtype });
        if (input.kind === "constant") {
            const level = (value: number) => roundHalfEven(Math.fround(value / scale)) + zeroPoint;
            const values = input.values.map((value) => Math.min(Math.max(level(value), least), greatest));
            return { ...input, dtype, values };
        }
        const steps = createSteps(call);
        const scaled = steps.combine({ parts: [{ tensor: input, factor: 1 / scale }], label: "steps" });
        const rounded = steps.map({ tensor: scaled, draft: { op: "round", mode: "halfEven" }, label: "rounded" });
        const [min, max] = [least - zeroPoint, greatest - zeroPoint];
        const levels = steps.map({ tensor: rounded, draft: { op: "clamp", min, max }, label: "levels" });
        const { shape } = input;
        const count = countOf(shape);
        const bias = new Array<number>(count).fill(zeroPoint);
        const kernels = [uniformScale({ count, factor: 1 })];
        return call.emit({ draft: { op: "affine", inputs: [levels.name], kernels, bias }, shape });
    },
};

/** Integers as real numbers: a constant scale, for the whole tensor or along one axis. */
export const dequantizeLinearOperator: Operator = {
    supported: "DequantizeLinear with constant scales and zero points",
    attributes: ["axis", "block_size", "output_dtype"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const { scales, zeroPoints } = perElement({ call, shape: input.shape });
        if (input.kind === "constant") {
            const values = input.values.map((value, index) =>
                Math.fround((value - at(zeroPoints, index)) * at(scales, index)),
            );
            return { ...input, dtype: DTYPE.FLOAT, values };
        }
        const bias = scales.map((scale, index) => -at(zeroPoints, index) * scale);
        return call.emit({
            draft: { op: "affine", inputs: [input.name], kernels: [{ kind: "scale", factors: scales }], bias },
            shape: input.shape,
        });
    },
};

/** com.microsoft QLinearAdd of two tensors; onnxruntime's result for every pair of integers. */
export const qLinearAddOperator: Operator = {
    supported: "QLinearAdd on uint8 or int8 with constant scales and zero points",
    attributes: [],
    translate: (call) => {
        const [left, right] = [tensorOf({ call, index: 0 }), tensorOf({ call, index: 3 })];
        const shape = broadcastShape({ left: left.shape, right: right.shape });
        const isPlain = shape?.join() === left.shape.join() && shape.join() === right.shape.join();
        if (!isPlain) throw unsupportedForm({ call, why: "both operands must have one shape" });
        const sum = quantisedSum(call);
        const fraction = findSumFraction(sum);
        if (fraction === undefined) throw unsupportedForm({ call, why: "no fraction gives onnxruntime's sums" });
        return emitSum({ call, left, right, sum, fraction });
    },
};

function quantisedSum(call: OperatorCall): QuantisedSum {
    const operand = ({ scale, zero }: { scale: number; zero: number }) => {
        const { value: zeroPoint, dtype } = zeroPointOf({ call, index: zero });
        return { scale: scaleOf({ call, index: scale }), zeroPoint, least: limitsOf({ call, dtype }).least };
    };
    const result = operand({ scale: 6, zero: 7 });
    return { ...result, left: operand({ scale: 1, zero: 2 }), right: operand({ scale: 4, zero: 5 }) };
}

type Sum = {
    call: OperatorCall;
    left: TensorOperand;
    right: TensorOperand;
    sum: QuantisedSum;
    fraction: NonNullable<ReturnType<typeof findSumFraction>>;
};

function emitSum({ call, left, right, sum: { least }, fraction: { factors, offset, shift, toEven } }: Sum): Operand {
    const { shape } = left;
    const count = countOf(shape);
    const sums = call.step({
        draft: {
            op: "integerAffine",
            inputs: [left.name, right.name],
            kernels: factors.map((factor) => uniformScale({ count, factor })),
            bias: new Array<number>(count).fill(0),
        },
        shape,
        label: "sums",
    });
    const fraction = { multiplier: 1n, offset: BigInt(offset), divisor: 2n ** BigInt(shift), toEven, exceptions: [] };
    return call.emit({
        draft: {
            op: "requantise",
            inputs: [sums.name],
            fractions: [fraction],
            ranges: [],
            fractionOf: new Array<number>(count).fill(0),
            min: least,
            max: least + 255,
            zeroPoint: 0,
        },
        shape,
    });
}

function perElement({ call, shape }: { call: OperatorCall; shape: readonly number[] }) {
    const scale = constantOf({ call, index: 1 });
    const zero = call.operands[2] === undefined ? undefined : constantOf({ call, index: 2 });
    const channels = scale.values.length;
    const axis =
        channels === 1
            ? 0
            : axisOf({ call, axis: intAttribute({ call, name: "axis", fallback: 1 }), rank: shape.length });
    const inner = countOf(shape.slice(axis + 1));
    if (channels !== 1 && shape[axis] !== channels) {
        throw unsupportedForm({ call, why: `${channels} scales do not fit axis ${axis} of [${shape.join(", ")}]` });
    }
    const channelOf = (index: number) => (channels === 1 ? 0 : Math.floor(index / inner) % channels);
    const pick = (constant: ConstantOperand | undefined) =>
        Array.from({ length: countOf(shape) }, (_, index) => constant?.values[channelOf(index)] ?? 0);
    return { scales: pick(scale), zeroPoints: pick(zero) };
}
