import { unsupportedForm } from "./_call.ts";
import { numbersAttribute, textsAttribute } from "./_lists.ts";
import type { Steps } from "./_steps.ts";
import type { OperatorCall, TensorOperand } from "./operator.ts";

type Gate = { steps: Steps; input: TensorOperand; label: string };

/** A function that a recurrent operator applies to its gates. */
export type GateFunction = (gate: Gate) => TensorOperand;

type Parameters = { alpha: number; beta: number };
/** A function by its ONNX name; a parameter without a default must be given, and undefined says that there is none. */
type Definition = {
    alpha?: number | "required";
    beta?: number | "required";
    apply: (gate: Parameters & Gate) => TensorOperand;
};
const byTable =
    (name: string) =>
    ({ steps, input, label }: Gate): TensorOperand =>
        steps.lookUp({ tensor: input, name, label });

const DEFINITIONS: ReadonlyMap<string, Definition> = new Map<string, Definition>([
    ["sigmoid", { apply: byTable("sigmoid") }],
    ["tanh", { apply: byTable("tanh") }],
    ["softsign", { apply: byTable("softsign") }],
    ["softplus", { apply: byTable("softplus") }],
    ["relu", { apply: ({ steps, input, label }) => steps.map({ tensor: input, draft: { op: "relu" }, label }) }],
    [
        "elu",
        {
            alpha: 1,
            apply: ({ steps, input, label, alpha }) =>
                steps.lookUp({ tensor: input, name: "elu", parameters: [alpha], label }),
        },
    ],
    [
        "affine",
        {
            alpha: "required",
            beta: "required",
            apply: ({ steps, input, label, alpha, beta }) =>
                steps.combine({ parts: [{ tensor: input, factor: alpha }], bias: beta, label }),
        },
    ],
    [
        "leakyrelu",
        {
            alpha: 0.01,
            apply: ({ steps, input, label, alpha }) => {
                const positive = steps.map({ tensor: input, draft: { op: "relu" }, label: `${label}/positive` });
                const parts = [
                    { tensor: input, factor: alpha },
                    { tensor: positive, factor: 1 - alpha },
                ];
                return steps.combine({ parts, label });
            },
        },
    ],
    [
        "hardsigmoid",
        {
            alpha: 0.2,
            beta: 0.5,
            apply: ({ steps, input, label, alpha, beta }) => {
                const parts = [{ tensor: input, factor: alpha }];
                const line = steps.combine({ parts, bias: beta, label: `${label}/line` });
                return steps.map({ tensor: line, draft: { op: "clamp", min: 0, max: 1 }, label });
            },
        },
    ],
    [
        "scaledtanh",
        {
            alpha: "required",
            beta: "required",
            apply: ({ steps, input, label, alpha, beta }) => {
                const inner = steps.combine({ parts: [{ tensor: input, factor: beta }], label: `${label}/inner` });
                const tanh = steps.lookUp({ tensor: inner, name: "tanh", label: `${label}/tanh` });
                return steps.combine({ parts: [{ tensor: tanh, factor: alpha }], label });
            },
        },
    ],
    [
        "thresholdedrelu",
        {
            alpha: 1,
            apply: ({ steps, input, label, alpha }) => {
                const lead = steps.combine({ parts: [{ tensor: input }], bias: -alpha, label: `${label}/lead` });
                const compare = { op: "compare", relation: "positive" } as const;
                const isAbove = steps.map({ tensor: lead, draft: compare, label: `${label}/isAbove` });
                return steps.product({ left: isAbove, right: input, label });
            },
        },
    ],
]);

type Listed = { call: OperatorCall; defaults: readonly string[]; directions: number };

/**
 * The functions of each direction. Names are those of ONNX in any case; parameters are taken in order by the functions
 * that have them.
 */
export function gateFunctions({ call, defaults, directions }: Listed): GateFunction[][] {
    const every = Array.from({ length: directions }, () => defaults).flat();
    const names = textsAttribute({ call, name: "activations" }) ?? every;
    if (names.length !== every.length) {
        throw unsupportedForm({ call, why: `it lists ${names.length} activations instead of ${every.length}` });
    }
    const given = {
        alpha: [...(numbersAttribute({ call, name: "activation_alpha" }) ?? [])],
        beta: [...(numbersAttribute({ call, name: "activation_beta" }) ?? [])],
    };
    const functions = names.map((name): GateFunction => {
        const definition = DEFINITIONS.get(name.toLowerCase());
        if (definition === undefined) {
            const why = `activation ${name} is not supported; ${[...DEFINITIONS.keys()].join(", ")} are`;
            throw unsupportedForm({ call, why });
        }
        const parameter = (key: "alpha" | "beta"): number => {
            const fallback = definition[key];
            if (fallback === undefined) return 0;
            const value = given[key].shift() ?? fallback;
            if (value !== "required") return value;
            throw unsupportedForm({ call, why: `activation ${name} needs an activation_${key}` });
        };
        const parameters = { alpha: parameter("alpha"), beta: parameter("beta") };
        return (gate) => definition.apply({ ...gate, ...parameters });
    });
    const size = defaults.length;
    return Array.from({ length: directions }, (_, each) => functions.slice(each * size, (each + 1) * size));
}
