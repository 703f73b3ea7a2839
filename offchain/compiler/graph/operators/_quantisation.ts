import { at } from "../../integer/at.ts";
import { DTYPE, type Dtype } from "../../onnx/dtypes.ts";
import { constantOf, unsupportedForm } from "./_call.ts";
import type { OperatorCall } from "./operator.ts";

/** Least and greatest number of each quantised element type. */
const LIMITS: ReadonlyMap<Dtype, { least: number; greatest: number }> = new Map([
    [DTYPE.UINT8, { least: 0, greatest: 255 }],
    [DTYPE.INT8, { least: -128, greatest: 127 }],
]);

/** One positive scale. */
export function scaleOf({ call, index }: { call: OperatorCall; index: number }): number {
    const { values } = constantOf({ call, index });
    if (values.length === 1 && values.every((value) => value > 0)) return at(values, 0);
    throw unsupportedForm({ call, why: `input ${index} must be one positive scale` });
}

/** A zero point and its element type, which is that of the tensor it belongs to; uint8 zero when it is omitted. */
export function zeroPointOf({ call, index }: { call: OperatorCall; index: number }): { value: number; dtype: Dtype } {
    if (call.operands[index] === undefined) return { value: 0, dtype: DTYPE.UINT8 };
    const { values, dtype } = constantOf({ call, index });
    if (values.length === 1) return { value: at(values, 0), dtype };
    throw unsupportedForm({ call, why: `input ${index} must be one zero point` });
}

/** The levels of a quantised element type; throws for any other type. */
export function limitsOf({ call, dtype }: { call: OperatorCall; dtype: Dtype }): { least: number; greatest: number } {
    const limits = LIMITS.get(dtype);
    if (limits !== undefined) return limits;
    throw unsupportedForm({ call, why: "quantised elements must be uint8 or int8" });
}
