import type { IoSpec } from "@assay/protocol";
import type { Analysis } from "../integer/analyse.ts";
import { bitLength, greatestOf, leastOf } from "../integer/bigMath.ts";
import { type Bounds, hull, magnitudeBits } from "../integer/interval.ts";
import { countOf, found, type IntegerGraph, shapeOf } from "../integer/types.ts";
import { DTYPE } from "../onnx/dtypes.ts";
import { integerDtype } from "./inputFormat.ts";
import { type InputFormats, joinFormats } from "./inputFormats.ts";

/**
 * Element types, widths and counts of both sides, one type for all tensors of a side. Indices alone keep ONNX's int64;
 * outputs with values among them get the narrowest type that holds them all.
 */
export function ioSpecOf({
    analysis: { graph, intervals },
    formats,
}: {
    analysis: Analysis;
    formats: InputFormats;
}): IoSpec {
    const bounds = hullOf(graph.outputs.map((name) => hull(found({ map: intervals, name }))));
    const areIndices = graph.outputs.every((output) => isIndex({ graph, tensor: output }));
    const side = areIndices ? { dtype: DTYPE.INT64, bits: signedBits(bounds) } : valueSide(bounds);
    const countAll = (tensors: string[]) =>
        tensors.reduce((sum, tensor) => sum + countOf(shapeOf({ graph, tensor })), 0);
    return {
        input: { ...joinFormats(formats), committed: false, count: countAll(graph.inputs.map(({ tensor }) => tensor)) },
        output: { ...side, committed: false, count: countAll(graph.outputs) },
    };
}

/** Whether a tensor is an arg-max, be it under another shape. */
export function isIndex({ graph, tensor }: { graph: IntegerGraph; tensor: string }): boolean {
    const producer = graph.nodes.find(({ output }) => output === tensor);
    if (producer?.op === "reshape") return producer.inputs.some((input) => isIndex({ graph, tensor: input }));
    return producer?.op === "argMax";
}

function hullOf(all: readonly Bounds[]): Bounds {
    return { lo: leastOf(all.map(({ lo }) => lo)), hi: greatestOf(all.map(({ hi }) => hi)) };
}

function valueSide(bounds: Bounds): { dtype: number; bits: number } {
    const isSigned = bounds.lo < 0n;
    const bits = isSigned ? signedBits(bounds) : Math.max(1, bitLength(bounds.hi));
    return { dtype: integerDtype({ isSigned, bits }), bits };
}

function signedBits(bounds: Bounds): number {
    return 1 + magnitudeBits(bounds);
}
