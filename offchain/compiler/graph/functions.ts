import { ProtocolError } from "@assay/protocol";
import { errorFunction } from "./errorFunction.ts";
import type { RealFunction } from "./types.ts";

/** A function that the integer graph computes by table, in double precision. Between its turning points it is monotone. */
type Definition = {
    evaluate: (x: number, parameters: readonly number[]) => number;
    /** Where it is defined; everywhere unless told. An end that is not part of it has an infinite value. */
    domain?: (parameters: readonly number[]) => RealRange;
    /** Arguments where it stops rising or falling. */
    turningPoints?: readonly number[] | ((range: RealRange) => number[]);
};

/** All reals from lo to hi. */
export type RealRange = { lo: number; hi: number };

/** Where x * something smooth is least, so exact that the value there is. */
const MINIMUM = { gelu: -0.7517915247, geluTanh: -0.7524614221, mish: -1.1924312145, silu: -1.2784645428 } as const;

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const softplus = (x: number) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const elu = (x: number, alpha: number) => (x > 0 ? x : alpha * Math.expm1(x));

const DEFINITIONS: ReadonlyMap<string, Definition> = new Map<string, Definition>([
    ["sigmoid", { evaluate: sigmoid }],
    ["tanh", { evaluate: Math.tanh }],
    ["exp", { evaluate: Math.exp }],
    ["log", { evaluate: Math.log, domain: () => ({ lo: 0, hi: Number.POSITIVE_INFINITY }) }],
    ["sqrt", { evaluate: Math.sqrt, domain: () => ({ lo: 0, hi: Number.POSITIVE_INFINITY }) }],
    ["reciprocal", { evaluate: (x) => 1 / x, domain: () => ({ lo: 0, hi: Number.POSITIVE_INFINITY }) }],
    ["erf", { evaluate: errorFunction }],
    ["gelu", { evaluate: (x) => (x / 2) * (1 + errorFunction(x * Math.SQRT1_2)), turningPoints: [MINIMUM.gelu] }],
    [
        "geluTanh",
        {
            evaluate: (x) => (x / 2) * (1 + Math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x ** 3))),
            turningPoints: [MINIMUM.geluTanh],
        },
    ],
    ["silu", { evaluate: (x) => x * sigmoid(x), turningPoints: [MINIMUM.silu] }],
    ["softplus", { evaluate: softplus }],
    ["softsign", { evaluate: (x) => x / (1 + Math.abs(x)) }],
    ["mish", { evaluate: (x) => x * Math.tanh(softplus(x)), turningPoints: [MINIMUM.mish] }],
    // alpha < 0: falls to 0 and rises after it
    ["elu", { evaluate: (x, [alpha = 1]) => elu(x, alpha), turningPoints: [0] }],
    ["selu", { evaluate: (x, [alpha = 1, gamma = 1]) => gamma * elu(x, alpha), turningPoints: [0] }],
    ["celu", { evaluate: (x, [alpha = 1]) => (x > 0 ? x : alpha * Math.expm1(x / alpha)), turningPoints: [0] }],
    [
        "sin",
        { evaluate: Math.sin, turningPoints: (range) => multiples({ ...range, first: Math.PI / 2, step: Math.PI }) },
    ],
    ["cos", { evaluate: Math.cos, turningPoints: (range) => multiples({ ...range, first: 0, step: Math.PI }) }],
    ["sinh", { evaluate: Math.sinh }],
    ["cosh", { evaluate: Math.cosh, turningPoints: [0] }],
    ["atan", { evaluate: Math.atan }],
    ["asinh", { evaluate: Math.asinh }],
    ["asin", { evaluate: Math.asin, domain: () => ({ lo: -1, hi: 1 }) }],
    ["acos", { evaluate: Math.acos, domain: () => ({ lo: -1, hi: 1 }) }],
    ["atanh", { evaluate: Math.atanh, domain: () => ({ lo: -1, hi: 1 }) }],
    ["acosh", { evaluate: Math.acosh, domain: () => ({ lo: 1, hi: Number.POSITIVE_INFINITY }) }],
    [
        "power",
        {
            evaluate: (x, [exponent = 1]) => x ** exponent,
            domain: ([exponent = 1]) =>
                Number.isInteger(exponent) && exponent >= 0
                    ? { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY }
                    : { lo: 0, hi: Number.POSITIVE_INFINITY },
            turningPoints: [0],
        },
    ],
]);

/** What a function computes; throws MODEL_OP_UNSUPPORTED for a name that has no definition. */
export function realFunction({ name, parameters }: RealFunction): (x: number) => number {
    const { evaluate } = definitionOf(name);
    return (x) => evaluate(x, parameters);
}

/** Where a function is defined; throws as `realFunction` does. */
export function domainOf({ name, parameters }: RealFunction): RealRange {
    const everywhere = { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY };
    return definitionOf(name).domain?.(parameters) ?? everywhere;
}

/** Arguments inside a range between which a function is monotone; throws as `realFunction` does. */
export function turningPoints({ name }: RealFunction, range: RealRange): number[] {
    const { turningPoints: points = [] } = definitionOf(name);
    const all = typeof points === "function" ? points(range) : points;
    return all.filter((x) => x > range.lo && x < range.hi);
}

function definitionOf(name: string): Definition {
    const definition = DEFINITIONS.get(name);
    if (definition !== undefined) return definition;
    throw new ProtocolError({ code: "MODEL_OP_UNSUPPORTED", message: `There is no function "${name}".` });
}

/** first + k * step within a range. */
function multiples({ lo, hi, first, step }: RealRange & { first: number; step: number }): number[] {
    const start = Math.ceil((lo - first) / step);
    const count = Math.max(0, Math.floor((hi - first) / step) - start + 1);
    return Array.from({ length: count }, (_, index) => first + (start + index) * step);
}
