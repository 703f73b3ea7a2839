import { at } from "../../integer/at.ts";
import { intsAttribute, stringAttribute, unsupportedForm } from "./_call.ts";
import type { OperatorCall } from "./operator.ts";

/** Zeros put before and after each spatial axis. */
export type Pads = { padsBegin: number[]; padsEnd: number[] };

/** A window that moves over spatial axes; all lists are by axis. */
export type Window = Pads & { kernel: number[]; strides: number[]; dilations: number[] };

/** The spatial axes of [1, channels, ...spatial]; throws for another batch or rank. */
export function spatialOf({ call, shape }: { call: OperatorCall; shape: readonly number[] }): {
    channels: number;
    spatial: number[];
} {
    const [batch, channels, ...spatial] = shape;
    if (batch === 1 && channels !== undefined && spatial.length > 0) return { channels, spatial };
    throw unsupportedForm({ call, why: `the input must be [1, channels, ...], got [${shape.join(", ")}]` });
}

/** The window that strides, dilations, pads and auto_pad describe over an input. */
export function windowOf({
    call,
    spatial,
    kernel,
}: {
    call: OperatorCall;
    spatial: number[];
    kernel: number[];
}): Window {
    const strides = axisAttribute({ call, name: "strides", count: spatial.length, least: 1 });
    const dilations = axisAttribute({ call, name: "dilations", count: spatial.length, least: 1 });
    return { kernel, strides, dilations, ...padsOf({ call, spatial, kernel, strides, dilations }) };
}

/** The kernel_shape of a pooling node. */
export function kernelShapeOf({ call, axes }: { call: OperatorCall; axes: number }): number[] {
    const kernel = intsAttribute({ call, name: "kernel_shape" }) ?? [];
    if (kernel.length === axes && kernel.every((size) => size >= 1)) return kernel;
    throw unsupportedForm({ call, why: `kernel_shape must be ${axes} numbers from 1 up` });
}

/** Distance between the first and the last element under a window, plus one. */
export function reachOf({ kernel, dilations }: Pick<Window, "kernel" | "dilations">, axis: number): number {
    return at(dilations, axis) * (at(kernel, axis) - 1) + 1;
}

/** A list attribute with one number for each axis; ones when it is not given. */
export function axisAttribute({
    call,
    name,
    count,
    least,
    fallback = 1,
}: {
    call: OperatorCall;
    name: string;
    count: number;
    least: number;
    fallback?: number;
}): number[] {
    const values = intsAttribute({ call, name }) ?? new Array<number>(count).fill(fallback);
    if (values.length === count && values.every((value) => value >= least)) return values;
    throw unsupportedForm({ call, why: `${name} must be ${count} numbers from ${least} up` });
}

type Geometry = { call: OperatorCall; spatial: number[]; kernel: number[]; strides: number[]; dilations: number[] };

function padsOf({ call, spatial, kernel, strides, dilations }: Geometry): Pads {
    const mode = stringAttribute({ call, name: "auto_pad", fallback: "NOTSET" });
    const axes = spatial.length;
    if (mode === "NOTSET" || mode === "") {
        const pads = axisAttribute({ call, name: "pads", count: 2 * axes, least: 0, fallback: 0 });
        return { padsBegin: pads.slice(0, axes), padsEnd: pads.slice(axes) };
    }
    const none = new Array<number>(axes).fill(0);
    if (mode === "VALID") return { padsBegin: none, padsEnd: none };
    const totals = spatial.map((size, axis) => {
        const stride = at(strides, axis);
        return Math.max(0, (Math.ceil(size / stride) - 1) * stride + reachOf({ kernel, dilations }, axis) - size);
    });
    return shared({ call, mode, totals });
}

/** Paddings split in halves, the odd one after (SAME_UPPER) or before (SAME_LOWER). */
export function shared({ call, mode, totals }: { call: OperatorCall; mode: string; totals: number[] }): Pads {
    const [smaller, larger] = [totals.map((pad) => Math.floor(pad / 2)), totals.map((pad) => Math.ceil(pad / 2))];
    if (mode === "SAME_UPPER") return { padsBegin: smaller, padsEnd: larger };
    if (mode === "SAME_LOWER") return { padsBegin: larger, padsEnd: smaller };
    throw unsupportedForm({ call, why: `auto_pad ${mode} is unknown` });
}
