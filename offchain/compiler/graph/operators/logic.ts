import { tensorOf } from "./_call.ts";
import { mixedProduct, mixedSum, readOf } from "./_mixed.ts";
import { createSteps } from "./_steps.ts";
import { jointShape } from "./arithmetic.ts";
import { broadcastValues } from "./broadcast.ts";
import type { Operand, Operator, OperatorCall, TensorOperand } from "./operator.ts";

type Relation = "nonNegative" | "positive" | "zero";

/** Compares right - left, times a sign, with 0. */
function relationOperator(name: string, { relation, sign }: { relation: Relation; sign: 1 | -1 }): Operator {
    return {
        supported: name,
        attributes: [],
        translate: (call) => {
            const steps = createSteps(call);
            const [left, right] = [readOf({ call, index: 0 }), readOf({ call, index: 1 })];
            const shape = jointShape({ call, operands: [left, right] });
            const terms = [
                { operand: right, factor: sign },
                { operand: left, factor: -sign },
            ];
            const difference = mixedSum({ steps, terms, shape, label: "difference" });
            return call.emit({ draft: { op: "compare", inputs: [difference.name], relation }, shape });
        },
    };
}

/** 1 - x. */
const notOperator: Operator = {
    supported: "Not",
    attributes: [],
    translate: (call) => {
        const steps = createSteps(call);
        const parts = [{ tensor: tensorOf({ call, index: 0 }), factor: -1 }];
        return steps.finish({ tensor: steps.combine({ parts, bias: 1, label: "not" }) });
    },
};

/** outer * (left + right) + inner * left * right, on bits. */
function bitOperator(name: string, { outer, inner }: { outer: number; inner: number }): Operator {
    return {
        supported: name,
        attributes: [],
        translate: (call) => {
            const steps = createSteps(call);
            const { tensor, other } = pairOf(call);
            const shape = jointShape({ call, operands: [tensor, other] });
            const both = mixedProduct({ steps, left: tensor, right: other, shape, label: "both" });
            const terms = [
                { operand: both, factor: inner },
                { operand: tensor, factor: outer },
                { operand: other, factor: outer },
            ];
            const used = terms.filter(({ factor }) => factor !== 0);
            return steps.finish({ tensor: mixedSum({ steps, terms: used, shape, label: name }) });
        },
    };
}

/** Two operands of which the first is a tensor. */
function pairOf(call: OperatorCall): { tensor: TensorOperand; other: Operand } {
    const [left, right] = [readOf({ call, index: 0 }), readOf({ call, index: 1 })];
    if (left.kind === "tensor") return { tensor: left, other: right };
    return { tensor: tensorOf({ call, index: 1 }), other: left };
}

/** second + condition * (first - second). */
const whereOperator: Operator = {
    supported: "Where",
    attributes: [],
    translate: (call) => {
        const [condition, first, second] = [0, 1, 2].map((index) => readOf({ call, index }));
        if (condition === undefined || first === undefined || second === undefined)
            throw new RangeError("Three inputs");
        const shape = jointShape({ call, operands: [condition, first, second] });
        if (condition.kind === "constant") return chosen({ call, condition, first, second, shape });
        const steps = createSteps(call);
        const right = difference({ call, first, second, shape });
        const gain = mixedProduct({ steps, left: condition, right, shape, label: "gain" });
        const terms = [
            { operand: gain, factor: 1 },
            { operand: second, factor: 1 },
        ];
        return steps.finish({ tensor: mixedSum({ steps, terms, shape, label: "chosen" }) });
    },
};

type Choice = { call: OperatorCall; first: Operand; second: Operand; shape: number[] };

/** first - second; a constant where both are. */
function difference({ call, first, second, shape }: Choice): Operand {
    if (first.kind === "constant" && second.kind === "constant") {
        const others = broadcastValues({ source: second, shape });
        const values = broadcastValues({ source: first, shape }).map((value, index) => value - (others[index] ?? 0));
        return { ...first, shape, values: Float64Array.from(values) };
    }
    const terms = [
        { operand: first, factor: 1 },
        { operand: second, factor: -1 },
    ];
    return mixedSum({ steps: createSteps(call), terms, shape, label: "difference" });
}

/** With a constant condition each element comes from one side: a linear map. */
function chosen({ call, condition, first, second, shape }: Choice & { condition: Operand & { kind: "constant" } }) {
    const steps = createSteps(call);
    const isFirst = broadcastValues({ source: condition, shape }).map((value) => Number(value !== 0));
    const masked = (operand: Operand, mask: number[]): Operand => {
        if (operand.kind === "constant") {
            const values = broadcastValues({ source: operand, shape }).map(
                (value, index) => value * (mask[index] ?? 0),
            );
            return { ...operand, shape, values: Float64Array.from(values) };
        }
        const right = { ...condition, shape, values: Float64Array.from(mask) };
        return mixedProduct({ steps, left: operand, right, shape, label: "masked" });
    };
    const terms = [
        { operand: masked(first, isFirst), factor: 1 },
        {
            operand: masked(
                second,
                isFirst.map((bit) => 1 - bit),
            ),
            factor: 1,
        },
    ];
    return steps.finish({ tensor: mixedSum({ steps, terms, shape, label: "chosen" }) });
}

/** Operators on truth values, which are 0 and 1, and those that give them. */
export const LOGIC_OPERATORS: readonly (readonly [string, Operator])[] = [
    ["Less", relationOperator("Less", { relation: "positive", sign: 1 })],
    ["LessOrEqual", relationOperator("LessOrEqual", { relation: "nonNegative", sign: 1 })],
    ["Greater", relationOperator("Greater", { relation: "positive", sign: -1 })],
    ["GreaterOrEqual", relationOperator("GreaterOrEqual", { relation: "nonNegative", sign: -1 })],
    ["Equal", relationOperator("Equal", { relation: "zero", sign: 1 })],
    ["Not", notOperator],
    ["And", bitOperator("And", { outer: 0, inner: 1 })],
    ["Or", bitOperator("Or", { outer: 1, inner: -1 })],
    ["Xor", bitOperator("Xor", { outer: 1, inner: -2 })],
    ["Where", whereOperator],
];
