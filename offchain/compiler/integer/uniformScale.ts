import type { ScaleKernel } from "./types.ts";

/** y = factor * x for each of `count` elements. */
export function uniformScale({ count, factor }: { count: number; factor: number }): ScaleKernel {
    return { kind: "scale", factors: new Array<number>(count).fill(factor) };
}
