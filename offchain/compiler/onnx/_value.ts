import { quote, unsupported } from "./_faults.ts";
import type { ValueMessage } from "./_messages.ts";
import type { OnnxValue } from "./model.ts";
import { readShape, requireLayout } from "./tensor.ts";

/** Turns a ValueInfoProto into a typed tensor value; sequences and maps are refused. */
export function readValue({ name, type }: ValueMessage): OnnxValue {
    const where = `The graph value ${quote(name)}`;
    const tensor = type?.tensorType;
    if (tensor === undefined || tensor === null) throw unsupported(`${where} is not declared as a tensor.`);
    const { dtype } = requireLayout({ dtype: tensor.elemType, where });
    const dims = tensor.shape?.dim;
    if (dims === undefined) return { name, dtype, shape: undefined };
    const isFixed = dims.map(({ value }) => value === "dimValue");
    const { shape } = readShape({ dims: dims.map(({ dimValue }, axis) => (isFixed[axis] ? dimValue : 1n)), where });
    return { name, dtype, shape: dims.map(({ dimParam }, axis) => (isFixed[axis] ? (shape[axis] ?? 0) : dimParam)) };
}
