import { at } from "../../integer/at.ts";
import { type ConvShape, convOutputSpatial } from "../../integer/conv.ts";
import { countOf } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { constantOf, intAttribute, intsAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import type { Operator, OperatorCall } from "./operator.ts";
import { spatialOf, windowOf } from "./windows.ts";

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
    const { channels, spatial } = spatialOf({ call, shape: inputShape });
    const [filters = 0, channelsPerGroup, ...kernel] = weightShape;
    const groups = intAttribute({ call, name: "group", fallback: 1 });
    const isConsistent = kernel.length === spatial.length && channels === (channelsPerGroup ?? 0) * groups;
    if (!isConsistent || groups < 1 || filters < 1 || filters % groups !== 0) {
        const why = `weights [${weightShape.join(", ")}] in ${groups} groups do not fit the input [${inputShape.join(", ")}]`;
        throw unsupportedForm({ call, why });
    }
    const declared = intsAttribute({ call, name: "kernel_shape" }) ?? kernel;
    if (declared.join() !== kernel.join())
        throw unsupportedForm({ call, why: "kernel_shape differs from the weights" });
    return { channels, filters, groups, spatial, ...windowOf({ call, spatial, kernel }) };
}
