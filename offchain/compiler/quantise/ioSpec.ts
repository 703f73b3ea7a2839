import { type IoSpec, ProtocolError } from "@assay/protocol";
import type { FloatGraph } from "../graph/types.ts";
import type { Analysis } from "../integer/analyse.ts";
import { at } from "../integer/at.ts";
import { bitLength } from "../integer/bigMath.ts";
import { type Bounds, hull, magnitudeBits } from "../integer/interval.ts";
import { countOf, found, shapeOf } from "../integer/types.ts";
import { DTYPE } from "../onnx/dtypes.ts";
import { type InputFormat, integerDtype } from "./inputFormat.ts";

/** Element types, widths and counts of both sides; an arg-max keeps ONNX's int64, values get the narrowest type. */
export function ioSpecOf({
    analysis: { graph, intervals },
    format,
}: {
    analysis: Analysis;
    format: InputFormat;
}): IoSpec {
    const output = at(graph.outputs, 0);
    const bounds = hull(found({ map: intervals, name: output }));
    const isArgMax = graph.nodes.some((node) => node.output === output && node.op === "argMax");
    const side = isArgMax ? { dtype: DTYPE.INT64, bits: signedBits(bounds) } : valueSide(bounds);
    const countIn = countOf(shapeOf({ graph, tensor: at(graph.inputs, 0).tensor }));
    const countOut = countOf(shapeOf({ graph, tensor: output }));
    return {
        input: { dtype: format.dtype, bits: format.bits, committed: false, count: countIn },
        output: { ...side, committed: false, count: countOut },
    };
}

/** The first form proves one tensor in, one tensor out. */
export function requireOneInputAndOutput({ inputs, outputs }: FloatGraph): void {
    if (inputs.length === 1 && outputs.length === 1) return;
    throw new ProtocolError({
        code: "MODEL_IO_UNSUPPORTED",
        message: `It has ${inputs.length} inputs and ${outputs.length} outputs.`,
    });
}

function valueSide(bounds: Bounds): { dtype: number; bits: number } {
    const isSigned = bounds.lo < 0n;
    const bits = isSigned ? signedBits(bounds) : Math.max(1, bitLength(bounds.hi));
    return { dtype: integerDtype({ isSigned, bits }), bits };
}

function signedBits(bounds: Bounds): number {
    return 1 + magnitudeBits(bounds);
}
