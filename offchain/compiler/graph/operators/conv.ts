import { at } from "../../integer/at.ts";
import { type ConvShape, convOutputSpatial } from "../../integer/conv.ts";
import { countOf } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { constantOf, intAttribute, intsAttribute, stringAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import type { Operator, OperatorCall } from "./operator.ts";

/** Convolution of one sample, any number of spatial axes, with constant weights. */
export const convOperator: Operator = {
    supported: "Conv with constant weights on a batch of 1",
    attributes: ["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const weights = constantOf({ call, index: 1 });
        const shape = convShapeOf({ call, inputShape: input.shape, weightShape: weights.shape });
        const outputSpatial = convOutputSpatial(shape);
        if (outputSpatial.some((size) => size < 1))
            throw unsupportedForm({ call, why: "the kernel is wider than its input" });
        const positions = countOf(outputSpatial);
        const elements = shape.filters * positions;
        const products = (elements * countOf(weights.shape)) / shape.filters;
        requireSize({ what: call.where, elements, products });
        const bias = call.operands[2] === undefined ? undefined : constantOf({ call, index: 2 });
        if (bias !== undefined && bias.values.length !== shape.filters) {
            throw unsupportedForm({ call, why: `B must have ${shape.filters} elements` });
        }
        return call.emit({
            draft: {
                op: "affine",
                inputs: [input.name],
                kernels: [{ kind: "conv", ...shape, weights: [...weights.values] }],
                bias: Array.from({ length: elements }, (_, index) =>
                    bias === undefined ? 0 : at(bias.values, Math.floor(index / positions)),
                ),
            },
            shape: [1, shape.filters, ...outputSpatial],
        });
    },
};

type Shapes = { call: OperatorCall; inputShape: number[]; weightShape: number[] };

function convShapeOf({ call, inputShape, weightShape }: Shapes): ConvShape {
    const [batch, channels, ...spatial] = inputShape;
    const [filters, channelsPerGroup, ...kernel] = weightShape;
    const groups = intAttribute({ call, name: "group", fallback: 1 });
    if (batch !== 1 || channels === undefined || filters === undefined || spatial.length === 0) {
        throw unsupportedForm({ call, why: `the input must be [1, channels, ...], got [${inputShape.join(", ")}]` });
    }
    const isConsistent = kernel.length === spatial.length && channels === (channelsPerGroup ?? 0) * groups;
    if (!isConsistent || filters % groups !== 0) {
        const why = `weights [${weightShape.join(", ")}] in ${groups} groups do not fit the input [${inputShape.join(", ")}]`;
        throw unsupportedForm({ call, why });
    }
    const declared = intsAttribute({ call, name: "kernel_shape" }) ?? kernel;
    if (declared.join() !== kernel.join())
        throw unsupportedForm({ call, why: "kernel_shape differs from the weights" });
    const strides = axisAttribute({ call, name: "strides", count: spatial.length, least: 1 });
    const dilations = axisAttribute({ call, name: "dilations", count: spatial.length, least: 1 });
    const pads = padsOf({ call, spatial, kernel, strides, dilations });
    return { channels, filters, groups, spatial, kernel, strides, dilations, ...pads };
}

type Geometry = { call: OperatorCall; spatial: number[]; kernel: number[]; strides: number[]; dilations: number[] };

function padsOf({ call, spatial, kernel, strides, dilations }: Geometry): { padsBegin: number[]; padsEnd: number[] } {
    const mode = stringAttribute({ call, name: "auto_pad", fallback: "NOTSET" });
    const axes = spatial.length;
    if (mode === "NOTSET") {
        const pads = intsAttribute({ call, name: "pads" }) ?? new Array<number>(2 * axes).fill(0);
        if (pads.length !== 2 * axes || pads.some((pad) => pad < 0)) {
            throw unsupportedForm({ call, why: `pads must be ${2 * axes} numbers that are not negative` });
        }
        return { padsBegin: pads.slice(0, axes), padsEnd: pads.slice(axes) };
    }
    if (mode === "VALID")
        return { padsBegin: new Array<number>(axes).fill(0), padsEnd: new Array<number>(axes).fill(0) };
    if (mode !== "SAME_UPPER" && mode !== "SAME_LOWER")
        throw unsupportedForm({ call, why: `auto_pad ${mode} is unknown` });
    const totals = spatial.map((size, axis) => {
        const stride = at(strides, axis);
        const reach = at(dilations, axis) * (at(kernel, axis) - 1) + 1;
        return Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
    });
    const [smaller, larger] = [totals.map((pad) => Math.floor(pad / 2)), totals.map((pad) => Math.ceil(pad / 2))];
    return mode === "SAME_UPPER" ? { padsBegin: smaller, padsEnd: larger } : { padsBegin: larger, padsEnd: smaller };
}

type AxisAttribute = { call: OperatorCall; name: string; count: number; least: number };

function axisAttribute({ call, name, count, least }: AxisAttribute): number[] {
    const values = intsAttribute({ call, name }) ?? new Array<number>(count).fill(1);
    if (values.length === count && values.every((value) => value >= least)) return values;
    throw unsupportedForm({ call, why: `${name} must be ${count} numbers from ${least} up` });
}
