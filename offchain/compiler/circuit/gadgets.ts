import { bitLength } from "../integer/bigMath.ts";

/** A template of circuits/lib with its parameters. */
export type Gadget =
    | { template: "RangeCheckBound"; min: bigint; max: bigint }
    | { template: "Relu"; bits: number }
    | { template: "ReluRescale"; bits: number; shift: number }
    | { template: "Rescale"; bits: number; shift: number }
    | { template: "ArgMax"; count: number; bits: number };

/** Where each template lives below circuits/. */
export const TEMPLATE_FILES = {
    ArgMax: "lib/selection/arg-max.circom",
    BindStatement: "lib/binding/bind-statement.circom",
    BindWords: "lib/binding/bind-words.circom",
    PackSignedWord: "lib/binding/pack-signed-word.circom",
    PackWord: "lib/binding/pack-word.circom",
    RangeCheckBound: "lib/fixed-point/range-check-bound.circom",
    Relu: "lib/activation/relu.circom",
    ReluRescale: "lib/activation/relu-rescale.circom",
    Rescale: "lib/fixed-point/rescale.circom",
} as const;

/** A template of circuits/lib that an instance may call. */
export type TemplateName = keyof typeof TEMPLATE_FILES;

/** Template parameters in order. */
export function parametersOf(gadget: Gadget): (bigint | number)[] {
    switch (gadget.template) {
        case "RangeCheckBound":
            return [gadget.min, gadget.max];
        case "Relu":
            return [gadget.bits];
        case "ReluRescale":
        case "Rescale":
            return [gadget.bits, gadget.shift];
        case "ArgMax":
            return [gadget.count, gadget.bits];
    }
}

/** Constraints of one instance: the @constraints line of its template. */
export function gadgetConstraints(gadget: Gadget): number {
    switch (gadget.template) {
        case "RangeCheckBound":
            return rangeCheckConstraints(gadget.max - gadget.min);
        case "Relu":
            return gadget.bits + 1;
        case "ReluRescale":
            return gadget.bits + 2;
        case "Rescale":
            return gadget.bits + 1;
        case "ArgMax":
            return (gadget.count - 1) * (gadget.bits + 1) + 2 * (gadget.count - 2);
    }
}

/** Constraints of BindWords over `count` words. */
export function bindWordsConstraints(count: number): number {
    return 610 * Math.ceil(count / 15) + count - 1;
}

/** Bits of the span, one for each of its runs of zeros, one for each one above its lowest zero but the highest. */
function rangeCheckConstraints(span: bigint): number {
    const digits = span.toString(2);
    const runsOfZeros = digits.match(/0+/g)?.length ?? 0;
    const aboveLowestZero = digits.slice(0, digits.lastIndexOf("0") + 1);
    const ones = aboveLowestZero.match(/1/g)?.length ?? 0;
    return bitLength(span) + runsOfZeros + Math.max(0, ones - 1);
}
