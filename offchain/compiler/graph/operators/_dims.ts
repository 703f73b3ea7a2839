import { at } from "../../integer/at.ts";
import { axisOf, constantOf, intAttribute, intsAttribute, unsupportedForm } from "./_call.ts";
import type { OperatorCall } from "./operator.ts";

type Numbers = { call: OperatorCall; name: string; index: number };

/** A list of whole numbers that older opsets have as an attribute and newer ones as an input; undefined without either. */
export function intsOf({ call, name, index }: Numbers): number[] | undefined {
    const attribute = intsAttribute({ call, name });
    if (attribute !== undefined) return attribute;
    if (call.operands[index] === undefined) return undefined;
    const { values } = constantOf({ call, index });
    if (values.every(Number.isInteger)) return [...values];
    throw unsupportedForm({ call, why: `${name} must be whole numbers` });
}

/** Distinct axes counted from the front, in the order given; undefined when none are given. */
export function axesOf({
    call,
    name = "axes",
    index,
    rank,
}: {
    call: OperatorCall;
    name?: string;
    index: number;
    rank: number;
}) {
    const axes = intsOf({ call, name, index })?.map((axis) => axisOf({ call, axis, rank }));
    if (axes !== undefined && new Set(axes).size !== axes.length) {
        throw unsupportedForm({ call, why: "an axis is named twice" });
    }
    return axes;
}

/** A flag attribute. */
export function flagOf({ call, name, fallback }: { call: OperatorCall; name: string; fallback: boolean }): boolean {
    return intAttribute({ call, name, fallback: fallback ? 1 : 0 }) !== 0;
}

/** A constant input of one whole number. */
export function scalarOf({ call, index, what }: { call: OperatorCall; index: number; what: string }): number {
    const { values } = constantOf({ call, index });
    if (values.length === 1 && Number.isInteger(values[0])) return at(values, 0);
    throw unsupportedForm({ call, why: `${what} must be one whole number` });
}
