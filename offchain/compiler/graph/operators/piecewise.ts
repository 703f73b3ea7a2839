import { constantOf, floatAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import { mixedProduct, mixedSum } from "./_mixed.ts";
import { createSteps, type Steps } from "./_steps.ts";
import { broadcastShape, broadcastValues } from "./broadcast.ts";
import type { Operator, OperatorCall, TensorOperand } from "./operator.ts";

/** x, or alpha * x where x is negative. */
const leakyReluOperator: Operator = {
    supported: "LeakyRelu",
    attributes: ["alpha"],
    translate: (call) => {
        const x = tensorOf({ call, index: 0 });
        const alpha = floatAttribute({ call, name: "alpha", fallback: 0.01 });
        const slopes = new Array<number>(x.shape.reduce((count, size) => count * size, 1)).fill(alpha);
        return leaky({ call, x, slopes });
    },
};

/** x, or slope * x where x is negative. */
const pReluOperator: Operator = {
    supported: "PRelu with a constant slope that broadcasts to its input",
    attributes: [],
    translate: (call) => {
        const x = tensorOf({ call, index: 0 });
        const slope = constantOf({ call, index: 1 });
        const shape = broadcastShape({ left: x.shape, right: slope.shape });
        if (shape?.join() !== x.shape.join()) {
            const why = `a slope of shape [${slope.shape.join(", ")}] does not broadcast to [${x.shape.join(", ")}]`;
            throw unsupportedForm({ call, why });
        }
        return leaky({ call, x, slopes: broadcastValues({ source: slope, shape: x.shape }) });
    },
};

/** slope * x + (1 - slope) * max(0, x). */
function leaky({ call, x, slopes }: { call: OperatorCall; x: TensorOperand; slopes: number[] }) {
    const steps = createSteps(call);
    const positive = steps.map({ tensor: x, draft: { op: "relu" }, label: "positive" });
    const parts = [
        { tensor: x, kernel: { kind: "scale" as const, factors: slopes } },
        { tensor: positive, kernel: { kind: "scale" as const, factors: slopes.map((slope) => 1 - slope) } },
    ];
    return steps.finish({ tensor: steps.combine({ parts, label: "leaky" }) });
}

/** The nearest value in [min, max]: attributes up to opset 10, then inputs. */
const clipOperator: Operator = {
    supported: "Clip with constant ends",
    attributes: ["min", "max"],
    translate: (call) => {
        const { name, shape } = tensorOf({ call, index: 0 });
        const [least, max] = [endOf({ call, name: "min", index: 1 }), endOf({ call, name: "max", index: 2 })];
        const min = Math.min(least, max); // beyond each other, ONNX gives max
        if (min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY) {
            return call.emit({ draft: { op: "reshape", inputs: [name] }, shape });
        }
        return call.emit({ draft: { op: "clamp", inputs: [name], min, max }, shape });
    },
};

function endOf({ call, name, index }: { call: OperatorCall; name: "min" | "max"; index: number }): number {
    const open = name === "min" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    if (call.operands[index] === undefined) return floatAttribute({ call, name, fallback: open });
    const { values } = constantOf({ call, index });
    const [value] = values;
    if (value === undefined || values.length !== 1) throw unsupportedForm({ call, why: `${name} must be one number` });
    return value;
}

/** alpha * x + beta within [0, 1]. */
const hardSigmoidOperator: Operator = {
    supported: "HardSigmoid",
    attributes: ["alpha", "beta"],
    translate: (call) => {
        const steps = createSteps(call);
        const factor = floatAttribute({ call, name: "alpha", fallback: 0.2 });
        const bias = floatAttribute({ call, name: "beta", fallback: 0.5 });
        const tensor = hardSigmoid({ steps, tensor: tensorOf({ call, index: 0 }), factor, bias });
        return steps.finish({ tensor });
    },
};

type Gate = { steps: Steps; tensor: TensorOperand; factor: number; bias: number };

function hardSigmoid({ steps, tensor, factor, bias }: Gate): TensorOperand {
    const line = steps.combine({ parts: [{ tensor, factor }], bias, label: "line" });
    return steps.map({ tensor: line, draft: { op: "clamp", min: 0, max: 1 }, label: "gate" });
}

/** x * (x / 6 + 1/2 within [0, 1]). */
const hardSwishOperator: Operator = {
    supported: "HardSwish",
    attributes: [],
    translate: (call) => {
        const steps = createSteps(call);
        const left = tensorOf({ call, index: 0 });
        const right = hardSigmoid({ steps, tensor: left, factor: 1 / 6, bias: 1 / 2 });
        return steps.finish({ tensor: steps.product({ left, right, label: "swish" }) });
    },
};

/** |x| = 2 max(0, x) - x. */
const absOperator: Operator = {
    supported: "Abs",
    attributes: [],
    translate: (call) => {
        const steps = createSteps(call);
        const x = tensorOf({ call, index: 0 });
        const positive = steps.map({ tensor: x, draft: { op: "relu" }, label: "positive" });
        const parts = [
            { tensor: positive, factor: 2 },
            { tensor: x, factor: -1 },
        ];
        return steps.finish({ tensor: steps.combine({ parts, label: "magnitude" }) });
    },
};

/** 2 [x >= 0] - [x = 0] - 1. */
const signOperator: Operator = {
    supported: "Sign",
    attributes: [],
    translate: (call) => {
        const steps = createSteps(call);
        const tensor = tensorOf({ call, index: 0 });
        const test = (relation: "nonNegative" | "zero") =>
            steps.map({ tensor, draft: { op: "compare", relation }, label: relation });
        const parts = [
            { tensor: test("nonNegative"), factor: 2 },
            { tensor: test("zero"), factor: -1 },
        ];
        return steps.finish({ tensor: steps.combine({ parts, bias: -1, label: "sign" }) });
    },
};

/** x where x > alpha, else 0. */
const thresholdedReluOperator: Operator = {
    supported: "ThresholdedRelu",
    attributes: ["alpha"],
    translate: (call) => {
        const steps = createSteps(call);
        const x = tensorOf({ call, index: 0 });
        const alpha = floatAttribute({ call, name: "alpha", fallback: 1 });
        return steps.finish({ tensor: kept({ steps, x, factor: 1, limit: alpha, offset: 0 }) });
    },
};

/** x + bias where x < -lambd, x - bias where x > lambd, else 0. */
const shrinkOperator: Operator = {
    supported: "Shrink",
    attributes: ["bias", "lambd"],
    translate: (call) => {
        const steps = createSteps(call);
        const x = tensorOf({ call, index: 0 });
        const limit = floatAttribute({ call, name: "lambd", fallback: 0.5 });
        const offset = -floatAttribute({ call, name: "bias", fallback: 0 });
        const [above, below] = [1, -1].map((factor) => kept({ steps, x, factor, limit, offset }));
        if (above === undefined || below === undefined) throw new RangeError("There are two sides");
        const parts = [{ tensor: above }, { tensor: below, factor: -1 }];
        return steps.finish({ tensor: steps.combine({ parts, label: "shrunk" }) });
    },
};

type Kept = { steps: Steps; x: TensorOperand; factor: number; limit: number; offset: number };

/** factor * x + offset where factor * x > limit, else 0. */
function kept({ steps, x, factor, limit, offset }: Kept): TensorOperand {
    const { shape } = x;
    const terms = [{ operand: x, factor }];
    const margin = mixedSum({ steps, terms, bias: -limit, shape, label: "margin" });
    const left = steps.map({ tensor: margin, draft: { op: "compare", relation: "positive" }, label: "isKept" });
    const right = mixedSum({ steps, terms, bias: offset, shape, label: "moved" });
    return mixedProduct({ steps, left, right, shape, label: "kept" });
}

function roundOperator(name: string, mode: "floor" | "ceiling" | "halfEven"): Operator {
    return {
        supported: name,
        attributes: [],
        translate: (call) => {
            const { name: input, shape } = tensorOf({ call, index: 0 });
            return call.emit({ draft: { op: "round", inputs: [input], mode }, shape });
        },
    };
}

/** Operators that map each element by itself, in pieces. */
export const PIECEWISE_OPERATORS: readonly (readonly [string, Operator])[] = [
    ["LeakyRelu", leakyReluOperator],
    ["PRelu", pReluOperator],
    ["Clip", clipOperator],
    ["HardSigmoid", hardSigmoidOperator],
    ["HardSwish", hardSwishOperator],
    ["Abs", absOperator],
    ["Sign", signOperator],
    ["ThresholdedRelu", thresholdedReluOperator],
    ["Shrink", shrinkOperator],
    ["Floor", roundOperator("Floor", "floor")],
    ["Ceil", roundOperator("Ceil", "ceiling")],
    ["Round", roundOperator("Round", "halfEven")],
];
