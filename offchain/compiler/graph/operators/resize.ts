import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { axisOf, constantOf, intsAttribute, operandOf, stringAttribute, unsupportedForm } from "./_call.ts";
import { forEachElement, positionOf, stridesOf } from "./_indices.ts";
import type { Operand, Operator, OperatorCall } from "./operator.ts";
import { emitSources } from "./sources.ts";

/** Nearest neighbours at another size. */
export const resizeOperator: Operator = {
    supported: "Resize to constant sizes, nearest",
    attributes: [
        ...["antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside"],
        ...["extrapolation_value", "keep_aspect_ratio_policy", "mode", "nearest_mode"],
    ],
    translate: (call) => {
        const transformation = stringAttribute({
            call,
            name: "coordinate_transformation_mode",
            fallback: call.opset < FIRST_WITH_MODES ? "asymmetric" : "half_pixel",
        });
        const rounding = stringAttribute({
            call,
            name: "nearest_mode",
            fallback: call.opset < FIRST_WITH_MODES ? "floor" : "round_prefer_floor",
        });
        return resized({ call, transformation, rounding, plan: planOf(call) });
    },
};

/** The older name. */
export const upsampleOperator: Operator = {
    supported: "Upsample by constant scales, nearest",
    attributes: ["mode", "scales"],
    translate: (call) => {
        const attribute = call.node.attributes.get("scales");
        const given = attribute?.type === "floats" ? [...attribute.value] : [...constantOf({ call, index: 1 }).values];
        const { shape } = operandOf({ call, index: 0 });
        const plan = scaledPlan({ call, shape, scales: given });
        return resized({ call, transformation: "asymmetric", rounding: "floor", plan });
    },
};

/** Before it, Resize has no modes and takes the scales as its second input. */
const FIRST_WITH_MODES = 11;

/** Output size and scale of each axis; `start` and `end` cut the input for tf_crop_and_resize, as parts of it. */
type Plan = { sizes: number[]; scales: number[]; roi: { start: number; end: number }[] };

type Resizing = { call: OperatorCall; transformation: string; rounding: string; plan: Plan };

function resized({ call, transformation, rounding, plan }: Resizing): Operand {
    const mode = stringAttribute({ call, name: "mode", fallback: "nearest" });
    if (mode !== "nearest") throw unsupportedForm({ call, why: `mode ${mode} is not nearest` });
    const input = operandOf({ call, index: 0 });
    requireSize({ what: call.where, elements: countOf(plan.sizes) });
    const strides = stridesOf(input.shape);
    const sources = plan.sizes.map((size, axis) =>
        Array.from({ length: size }, (_, place) => {
            const roi = at(plan.roi, axis);
            const line = { place, size, scale: at(plan.scales, axis), from: at(input.shape, axis), roi };
            return sourceOf({ call, transformation, rounding, line });
        }),
    );
    const indices = forEachElement({
        call,
        shape: plan.sizes,
        offsetOf: (coordinates) => {
            const places = coordinates.map((place, axis) => at(at(sources, axis), place));
            return places.includes(-1) ? -1 : positionOf({ coordinates: places, strides });
        },
    });
    const attribute = call.node.attributes.get("extrapolation_value");
    const fill = attribute?.type === "float" ? attribute.value : 0;
    return emitSources({
        call,
        sources: [{ operand: input, indices }],
        biasOf: (element) => (indices[element] === -1 ? fill : 0),
        shape: plan.sizes,
    });
}

type Line = { place: number; size: number; scale: number; from: number; roi: { start: number; end: number } };

/** The element that a place shows; -1 where it lies beyond the input and the mode extrapolates. */
function sourceOf({ call, transformation, rounding, line }: Omit<Resizing, "plan"> & { line: Line }): number {
    const { from, scale, size, place } = line;
    if (size === from && scale === 1 && transformation !== "tf_crop_and_resize") return place;
    const coordinate = coordinateOf({ call, transformation, line });
    if (transformation === "tf_crop_and_resize" && (coordinate < 0 || coordinate > from - 1)) return -1;
    const nearest = nearestOf({ call, rounding, coordinate });
    return Math.min(Math.max(nearest, 0), from - 1);
}

/** Where a place of the output lies in the input; float32, as onnxruntime computes it. */
function coordinateOf({ call, transformation, line }: { call: OperatorCall; transformation: string; line: Line }) {
    const { place, size, from, roi } = line;
    const scale = Math.fround(line.scale);
    const f = Math.fround;
    switch (transformation) {
        case "asymmetric":
            return f(place / scale);
        case "half_pixel":
            return f(f((place + 0.5) / scale) - 0.5);
        case "pytorch_half_pixel":
            return size > 1 ? f(f((place + 0.5) / scale) - 0.5) : 0;
        case "tf_half_pixel_for_nn":
            return f((place + 0.5) / scale);
        case "align_corners":
            return size === 1 ? 0 : f(f(place * (from - 1)) / (size - 1));
        case "half_pixel_symmetric": {
            const adjustment = f(size / f(scale * from));
            const offset = f(f(from / 2) * f(1 - adjustment));
            return f(offset + f(f((place + 0.5) / scale) - 0.5));
        }
        case "tf_crop_and_resize":
            return size > 1
                ? roi.start * (from - 1) + (place * (roi.end - roi.start) * (from - 1)) / (size - 1)
                : 0.5 * (roi.start + roi.end) * (from - 1);
        default:
            throw unsupportedForm({ call, why: `coordinate_transformation_mode ${transformation} is unknown` });
    }
}

function nearestOf({
    call,
    rounding,
    coordinate,
}: {
    call: OperatorCall;
    rounding: string;
    coordinate: number;
}): number {
    switch (rounding) {
        case "floor":
            return Math.floor(coordinate);
        case "ceil":
            return Math.ceil(coordinate);
        case "round_prefer_floor":
            return Math.ceil(coordinate - 0.5);
        case "round_prefer_ceil":
            return Math.floor(coordinate + 0.5);
        default:
            throw unsupportedForm({ call, why: `nearest_mode ${rounding} is unknown` });
    }
}

function planOf(call: OperatorCall): Plan {
    const { shape } = operandOf({ call, index: 0 });
    const rank = shape.length;
    const axes = (intsAttribute({ call, name: "axes" }) ?? shape.map((_, axis) => axis)).map((axis) =>
        axisOf({ call, axis, rank }),
    );
    const list = (index: number) => (call.operands[index] === undefined ? [] : [...constantOf({ call, index }).values]);
    const isOld = call.opset < FIRST_WITH_MODES;
    const scales = list(isOld ? 1 : 2);
    const sizes = isOld ? [] : list(3);
    const roi = isOld ? [] : list(1);
    const whole = (values: number[], fallback: (axis: number) => number) =>
        shape.map((_, axis) => values[axes.indexOf(axis)] ?? fallback(axis));
    const cut = shape.map((_, axis) => {
        const index = axes.indexOf(axis);
        const isCut = index >= 0 && roi.length === 2 * axes.length;
        return isCut ? { start: at(roi, index), end: at(roi, index + axes.length) } : { start: 0, end: 1 };
    });
    if (scales.length === axes.length && sizes.length === 0) {
        return { ...scaledPlan({ call, shape, scales: whole(scales, () => 1) }), roi: cut };
    }
    if (sizes.length !== axes.length || scales.length > 0) {
        throw unsupportedForm({ call, why: "it needs constant scales or sizes, one for each axis" });
    }
    return sizedPlan({ call, shape, axes, sizes: whole(sizes, (axis) => at(shape, axis)), roi: cut });
}

type Sized = { call: OperatorCall; shape: number[]; axes: number[]; sizes: number[]; roi: Plan["roi"] };

function sizedPlan({ call, shape, axes, sizes, roi }: Sized): Plan {
    const policy = stringAttribute({ call, name: "keep_aspect_ratio_policy", fallback: "stretch" });
    const scales = sizes.map((size, axis) => size / at(shape, axis));
    if (sizes.some((size) => !Number.isInteger(size) || size < 1))
        throw unsupportedForm({ call, why: "a size is no size" });
    if (policy === "stretch") return { sizes, scales, roi };
    const resizedScales = axes.map((axis) => at(scales, axis));
    const scale = policy === "not_larger" ? Math.min(...resizedScales) : Math.max(...resizedScales);
    if (policy !== "not_larger" && policy !== "not_smaller") {
        throw unsupportedForm({ call, why: `keep_aspect_ratio_policy ${policy} is unknown` });
    }
    const kept = shape.map((size, axis) => (axes.includes(axis) ? Math.round(size * scale) : size));
    return { sizes: kept, scales: shape.map((_, axis) => (axes.includes(axis) ? scale : 1)), roi };
}

function scaledPlan({ call, shape, scales }: { call: OperatorCall; shape: number[]; scales: number[] }): Plan {
    if (scales.length !== shape.length || scales.some((scale) => !(scale > 0))) {
        throw unsupportedForm({ call, why: `scales [${scales.join(", ")}] do not fit [${shape.join(", ")}]` });
    }
    const sizes = shape.map((size, axis) => Math.floor(size * Math.fround(at(scales, axis))));
    if (sizes.some((size) => size < 1)) throw unsupportedForm({ call, why: "it leaves nothing" });
    return { sizes, scales, roi: shape.map(() => ({ start: 0, end: 1 })) };
}
