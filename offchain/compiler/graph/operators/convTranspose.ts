import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { constantOf, intAttribute, intsAttribute, stringAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import { positionOf, stridesOf } from "./_indices.ts";
import type { Operator, OperatorCall } from "./operator.ts";
import { createRows, emitRows } from "./sources.ts";
import { axisAttribute, type Pads, reachOf, shared, spatialOf, type Window } from "./windows.ts";

/** Transposed convolution of one sample with constant weights. */
export const convTransposeOperator: Operator = {
    supported: "ConvTranspose with constant weights on a batch of 1",
    attributes: [
        ...["auto_pad", "dilations", "group", "kernel_shape"],
        ...["output_padding", "output_shape", "pads", "strides"],
    ],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const weights = constantOf({ call, index: 1 });
        const { channels, spatial } = spatialOf({ call, shape: input.shape });
        const [weightChannels, perGroup = 0, ...kernel] = weights.shape;
        const groups = intAttribute({ call, name: "group", fallback: 1 });
        if (weightChannels !== channels || kernel.length !== spatial.length || groups < 1 || channels % groups !== 0) {
            const why = `weights [${weights.shape.join(", ")}] in ${groups} groups do not fit [${input.shape.join(", ")}]`;
            throw unsupportedForm({ call, why });
        }
        const { outputSpatial, window } = geometryOf({ call, spatial, kernel });
        const filters = perGroup * groups;
        const shape = [1, filters, ...outputSpatial];
        const inGroup = channels / groups;
        requireSize({
            what: call.where,
            elements: countOf(shape),
            products: countOf(shape) * inGroup * countOf(kernel),
        });
        const taps = tapsOf({ spatial, window, outputSpatial });
        const bias = call.operands[2] === undefined ? undefined : constantOf({ call, index: 2 });
        if (bias !== undefined && bias.values.length !== filters) {
            throw unsupportedForm({ call, why: `B must have ${filters} elements` });
        }
        const { rows, add, end } = createRows();
        const [plane, area] = [countOf(spatial), countOf(kernel)];
        for (let filter = 0; filter < filters; filter++) {
            const first = Math.floor(filter / perGroup) * inGroup;
            for (const position of taps) {
                for (let channel = first; channel < first + inGroup; channel++) {
                    const row = (channel * perGroup + (filter % perGroup)) * area;
                    for (const { offset, tap } of position)
                        add(channel * plane + offset, at(weights.values, row + tap));
                }
                end();
            }
        }
        const biases = Array.from({ length: countOf(shape) }, (_, element) =>
            bias === undefined ? 0 : at(bias.values, Math.floor(element / countOf(outputSpatial))),
        );
        return emitRows({ call, operand: input, rows, shape, bias: biases });
    },
};

type Geometry = { call: OperatorCall; spatial: number[]; kernel: number[] };

/** What the output is and how the window lies over it: pads cut the output here. */
function geometryOf({ call, spatial, kernel }: Geometry): { outputSpatial: number[]; window: Window } {
    const declared = intsAttribute({ call, name: "kernel_shape" }) ?? kernel;
    if (declared.join() !== kernel.join())
        throw unsupportedForm({ call, why: "kernel_shape differs from the weights" });
    const count = spatial.length;
    const strides = axisAttribute({ call, name: "strides", count, least: 1 });
    const dilations = axisAttribute({ call, name: "dilations", count, least: 1 });
    const extra = axisAttribute({ call, name: "output_padding", count, least: 0, fallback: 0 });
    const full = spatial.map(
        (size, axis) => at(strides, axis) * (size - 1) + at(extra, axis) + reachOf({ kernel, dilations }, axis),
    );
    const pads = padsOf({ call, spatial, strides, full });
    const outputSpatial = full.map((size, axis) => size - at(pads.padsBegin, axis) - at(pads.padsEnd, axis));
    if (outputSpatial.some((size) => size < 1)) throw unsupportedForm({ call, why: "its pads leave no output" });
    return { outputSpatial, window: { kernel, strides, dilations, ...pads } };
}

type Padding = { call: OperatorCall; spatial: number[]; strides: number[]; full: number[] };

function padsOf({ call, spatial, strides, full }: Padding): Pads {
    const mode = stringAttribute({ call, name: "auto_pad", fallback: "NOTSET" });
    const count = spatial.length;
    const isSame = mode === "SAME_UPPER" || mode === "SAME_LOWER";
    const wanted =
        intsAttribute({ call, name: "output_shape" })?.slice(-count) ??
        (isSame ? spatial.map((size, axis) => size * at(strides, axis)) : undefined);
    if (wanted === undefined) {
        const pads = axisAttribute({ call, name: "pads", count: 2 * count, least: 0, fallback: 0 });
        const none = new Array<number>(count).fill(0);
        if (mode === "VALID") return { padsBegin: none, padsEnd: none };
        return { padsBegin: pads.slice(0, count), padsEnd: pads.slice(count) };
    }
    const totals = full.map((size, axis) => Math.max(0, size - at(wanted, axis)));
    return shared({ call, mode: mode === "SAME_UPPER" ? mode : "SAME_LOWER", totals });
}

type Taps = { spatial: number[]; window: Window; outputSpatial: number[] };

/** By output position: which input offsets reach it, by which position of the kernel. */
function tapsOf({ spatial, window, outputSpatial }: Taps): { offset: number; tap: number }[][] {
    const positions = Array.from({ length: countOf(outputSpatial) }, (): { offset: number; tap: number }[] => []);
    const [inStrides, outStrides, tapStrides] = [spatial, outputSpatial, window.kernel].map(stridesOf);
    if (inStrides === undefined || outStrides === undefined || tapStrides === undefined) return positions;
    for (let offset = 0; offset < countOf(spatial); offset++) {
        for (let tap = 0; tap < countOf(window.kernel); tap++) {
            const coordinates = spatial.map((size, axis) => {
                const place = Math.floor(offset / at(inStrides, axis)) % size;
                const within = Math.floor(tap / at(tapStrides, axis)) % at(window.kernel, axis);
                return (
                    place * at(window.strides, axis) + within * at(window.dilations, axis) - at(window.padsBegin, axis)
                );
            });
            const isInside = coordinates.every((place, axis) => place >= 0 && place < at(outputSpatial, axis));
            if (isInside) at(positions, positionOf({ coordinates, strides: outStrides })).push({ offset, tap });
        }
    }
    return positions;
}
