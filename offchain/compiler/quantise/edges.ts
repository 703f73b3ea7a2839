import type { FloatGraph } from "../graph/types.ts";
import { DTYPE, type Dtype } from "../onnx/dtypes.ts";
import type { InputFormat } from "./inputFormat.ts";
import { roundHalfEven } from "./requantisation.ts";

/** real = (integer - zeroPoint) * scale, as QuantizeLinear and DequantizeLinear have it; float32. */
export type LinearScale = { scale: number; zeroPoint: number };

/** Every integer of a one-byte type; undefined for other types. */
export function byteFormat(dtype: number): InputFormat | undefined {
    const grid = { bits: 8, scaleLog2: 0, zeroPoint: 0n };
    if (dtype === DTYPE.UINT8) return { ...grid, dtype, min: 0n, max: 255n };
    if (dtype === DTYPE.INT8) return { ...grid, dtype, min: -128n, max: 127n };
    return undefined;
}

/** The level of a real value, saturating: what the model's own QuantizeLinear gave, in onnxruntime's float32. */
export function levelOf({ value, rule, dtype }: { value: number; rule: LinearScale; dtype: Dtype | number }): number {
    const [least, greatest] = dtype === DTYPE.INT8 ? [-128, 127] : [0, 255];
    const level = roundHalfEven(Math.fround(Math.fround(value) / rule.scale)) + rule.zeroPoint;
    return Math.min(Math.max(level, least), greatest);
}

/** Given samples, one list per input in turn, with the levels of those inputs that the model quantises itself. */
export function samplesAtEdges({
    graph,
    given,
}: {
    graph: Pick<FloatGraph, "inputs">;
    given: readonly (readonly number[])[];
}): (readonly number[])[] {
    return given.map((list, index) => {
        const input = graph.inputs[index % graph.inputs.length];
        const rule = input?.quantisation;
        if (input === undefined || rule === undefined) return list;
        return list.map((value) => levelOf({ value, rule, dtype: input.dtype }));
    });
}
