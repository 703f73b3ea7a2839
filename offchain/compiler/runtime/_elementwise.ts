import { at } from "../integer/at.ts";
import { greatestOf, magnitude } from "../integer/bigMath.ts";
import { greatestMagnitude, hull } from "../integer/interval.ts";
import {
    type ClampNode,
    type CompareNode,
    found,
    type ReluNode,
    type ReluRescaleNode,
    type RescaleNode,
    type RoundEvenNode,
} from "../integer/types.ts";
import { DTYPE } from "../onnx/dtypes.ts";
import { exactType, rescaleKernel } from "../onnx/exactKernels.ts";
import { type NodeWriting, noExactKernel } from "./_nodeWriting.ts";
import type { Value, Writer } from "./_writer.ts";

/** max(0, x) in the type that x has. */
export function writeRelu({ writer, values, node }: NodeWriting<ReluNode>): Value {
    const value = found({ map: values, name: at(node.inputs, 0) });
    return binary({ writer, op: "Max", value, operand: 0n, name: node.output });
}

/** floor(x / 2^shift), for a ReLU after max(0, x): the same, and int64 division needs no offset then. */
export function writeRescale({ analysis, writer, values, node }: NodeWriting<RescaleNode | ReluRescaleNode>): Value {
    const name = at(node.inputs, 0);
    const { lo, hi } = hull(found({ map: analysis.intervals, name }));
    const isRelu = node.op === "reluRescale";
    const [min, max] = isRelu ? [greatestOf([lo, 0n]), greatestOf([hi, 0n])] : [lo, hi];
    const kernel = rescaleKernel({ min, max, shift: node.shift });
    if (kernel === undefined) throw noExactKernel(name);
    const given = found({ map: values, name });
    const wanted = isRelu
        ? binary({ writer, op: "Max", value: given, operand: 0n, name: `${node.output}/relu` })
        : given;
    const value = writer.cast({ value: wanted, dtype: kernel.dtype });
    if (kernel.form === "MulFloor") {
        const scaled = binary({ writer, op: "Mul", value, operand: 2 ** -node.shift, name: `${node.output}/scaled` });
        return writer.node({
            op: "Floor",
            inputs: [scaled.name],
            output: { ...scaled, name: writer.fresh(node.output) },
        });
    }
    const step = 1n << BigInt(node.shift);
    const shifted = binary({ writer, op: "Add", value, operand: kernel.offset, name: `${node.output}/shifted` });
    const quotient = binary({ writer, op: "Div", value: shifted, operand: step, name: `${node.output}/quotient` });
    return binary({ writer, op: "Sub", value: quotient, operand: kernel.offset / step, name: node.output });
}

/** The nearest value in [min, max], in a type that holds what goes in and what comes out. */
export function writeClamp({ analysis, writer, values, node }: NodeWriting<ClampNode>): Value {
    const name = at(node.inputs, 0);
    const { lo, hi } = hull(found({ map: analysis.intervals, name }));
    const output = found({ map: analysis.intervals, name: node.output });
    const kernel = exactType({ bound: greatestOf([magnitude(lo), magnitude(hi), greatestMagnitude(output)]) });
    if (kernel === undefined) throw noExactKernel(name);
    const value = writer.cast({ value: found({ map: values, name }), dtype: kernel.dtype });
    const ends = [
        { op: "Max", operand: node.min, isMet: lo < node.min },
        { op: "Min", operand: node.max, isMet: hi > node.max },
    ];
    return ends
        .filter(({ isMet }) => isMet)
        .reduce((soFar, { op, operand }) => binary({ writer, op, value: soFar, operand, name: node.output }), value);
}

/** A comparison with 0, as 0 or 1. */
export function writeCompare({ analysis, writer, values, node }: NodeWriting<CompareNode>): Value {
    const name = at(node.inputs, 0);
    const kernel = exactType({ bound: greatestMagnitude(found({ map: analysis.intervals, name })) });
    if (kernel === undefined) throw noExactKernel(name);
    const value = writer.cast({ value: found({ map: values, name }), dtype: kernel.dtype });
    const zero = writer.constant({ dtype: value.dtype, shape: [], values: [0] });
    const output = { ...value, name: writer.fresh(`${node.output}/holds`), dtype: DTYPE.BOOL };
    const op = node.relation === "zero" ? "Equal" : "GreaterOrEqual";
    writer.node({ op, inputs: [value.name, zero], output });
    return writer.cast({ value: output, dtype: DTYPE.FLOAT });
}

/** Mul by 2^-shift and Round, which rounds half to even, in a float type, where both are exact. */
export function writeRoundEven({ analysis, writer, values, node }: NodeWriting<RoundEvenNode>): Value {
    const name = at(node.inputs, 0);
    const kernel = exactType({ bound: greatestMagnitude(found({ map: analysis.intervals, name })) });
    if (kernel === undefined || kernel.type === "int64") throw noExactKernel(name);
    const value = writer.cast({ value: found({ map: values, name }), dtype: kernel.dtype });
    const scaled = binary({ writer, op: "Mul", value, operand: 2 ** -node.shift, name: `${node.output}/scaled` });
    return writer.node({ op: "Round", inputs: [scaled.name], output: { ...scaled, name: writer.fresh(node.output) } });
}

type Binary = { writer: Writer; op: string; value: Value; operand: number | bigint; name: string };

/** One operator on a tensor and one number of the same type. */
function binary({ writer, op, value, operand, name }: Binary): Value {
    const constant = writer.constant({ dtype: value.dtype, shape: [], values: [operand] });
    return writer.node({ op, inputs: [value.name, constant], output: { ...value, name: writer.fresh(name) } });
}
