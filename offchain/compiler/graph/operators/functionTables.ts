import { floatAttribute, stringAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import { createSteps } from "./_steps.ts";
import type { Operator, OperatorCall } from "./operator.ts";

/** An operator that is a function of `functions.ts` of each element. */
function tableOperator(name: string, functionName: string): Operator {
    return {
        supported: name,
        attributes: [],
        translate: (call) => mapped({ call, name: functionName, parameters: [] }),
    };
}

type Mapped = { call: OperatorCall; name: string; parameters: number[] };

function mapped({ call, name, parameters }: Mapped) {
    const { name: input, shape } = tensorOf({ call, index: 0 });
    return call.emit({ draft: { op: "lookUp", inputs: [input], function: { name, parameters } }, shape });
}

type Parametric = { name: string; functionName: string; fallbacks: Readonly<Record<string, number>> };

/** An operator whose float attributes are the parameters of the function, in order. */
function parametricOperator({ name, functionName, fallbacks }: Parametric): Operator {
    return {
        supported: name,
        attributes: Object.keys(fallbacks),
        translate: (call) => {
            const parameters = Object.entries(fallbacks).map(([attribute, fallback]) =>
                floatAttribute({ call, name: attribute, fallback }),
            );
            return mapped({ call, name: functionName, parameters });
        },
    };
}

/** Gelu, exact or by its approximation with tanh. */
const geluOperator: Operator = {
    supported: "Gelu with approximate none or tanh",
    attributes: ["approximate"],
    translate: (call) => {
        const approximate = stringAttribute({ call, name: "approximate", fallback: "none" });
        const name = GELU.get(approximate);
        if (name === undefined) throw unsupportedForm({ call, why: `approximate ${approximate} is unknown` });
        return mapped({ call, name, parameters: [] });
    },
};

const GELU: ReadonlyMap<string, string> = new Map([
    ["none", "gelu"],
    ["tanh", "geluTanh"],
]);

/** Square root of each element: exact but for its last bit. */
const sqrtOperator: Operator = {
    supported: "Sqrt",
    attributes: [],
    translate: (call) => {
        const { name, shape } = tensorOf({ call, index: 0 });
        return call.emit({ draft: { op: "squareRoot", inputs: [name] }, shape });
    },
};

/** 1 / x: exact but for its last bit. */
const reciprocalOperator: Operator = {
    supported: "Reciprocal of a positive tensor",
    attributes: [],
    translate: (call) => {
        const steps = createSteps(call);
        const reciprocal = steps.reciprocal({ tensor: tensorOf({ call, index: 0 }), label: "reciprocal" });
        return steps.finish({ tensor: reciprocal });
    },
};

/** Operators that map each element by itself, smoothly; defaults of attributes are ONNX's. */
export const FUNCTION_OPERATORS: readonly (readonly [string, Operator])[] = [
    ...(
        [
            ["Sigmoid", "sigmoid"],
            ["Tanh", "tanh"],
            ["Exp", "exp"],
            ["Log", "log"],
            ["Erf", "erf"],
            ["Softplus", "softplus"],
            ["Softsign", "softsign"],
            ["Mish", "mish"],
            ["Sin", "sin"],
            ["Cos", "cos"],
            ["Sinh", "sinh"],
            ["Cosh", "cosh"],
            ["Atan", "atan"],
            ["Asinh", "asinh"],
            ["Asin", "asin"],
            ["Acos", "acos"],
            ["Atanh", "atanh"],
            ["Acosh", "acosh"],
        ] as const
    ).map(([name, functionName]) => [name, tableOperator(name, functionName)] as const),
    ["Elu", parametricOperator({ name: "Elu", functionName: "elu", fallbacks: { alpha: 1 } })],
    ["Celu", parametricOperator({ name: "Celu", functionName: "celu", fallbacks: { alpha: 1 } })],
    [
        "Selu",
        parametricOperator({
            name: "Selu",
            functionName: "selu",
            fallbacks: { alpha: 1.6732631921768188, gamma: 1.0507010221481323 },
        }),
    ],
    ["Gelu", geluOperator],
    ["com.microsoft:Gelu", geluOperator],
    ["Sqrt", sqrtOperator],
    ["Reciprocal", reciprocalOperator],
];
