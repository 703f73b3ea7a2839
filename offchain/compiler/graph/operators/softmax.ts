import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { axisOf, intAttribute, tensorOf } from "./_call.ts";
import { exponentials, type Groups, groupOfEach } from "./_groups.ts";
import { selectorsOf } from "./_selection.ts";
import { createSteps, type Steps } from "./_steps.ts";
import type { Operator, OperatorCall, TensorOperand } from "./operator.ts";

/** From here on the axis is one axis; before, all axes from it on are one. */
const ONE_AXIS_OPSET = 13;

/** exp(x) over the sum of exp(x) along an axis. */
export const softmaxOperator: Operator = {
    supported: "Softmax",
    attributes: ["axis"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const steps = createSteps(call);
        const lines = linesOf({ call, shape: input.shape });
        return steps.finish({ tensor: shares({ steps, input, lines }) });
    },
};

/** 1 at the first greatest along an axis, 0 elsewhere. */
export const hardmaxOperator: Operator = {
    supported: "Hardmax",
    attributes: ["axis"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const steps = createSteps(call);
        const lines = linesOf({ call, shape: input.shape });
        const length = at(lines, 0).length;
        const inLines = steps.select({
            tensor: input,
            indices: lines.flat(),
            shape: [lines.length, length],
            label: "lines",
        });
        const best = steps.step({
            draft: { op: "argMax", inputs: [inLines.name], outer: lines.length, length, inner: 1 },
            shape: [lines.length],
            label: "best",
        });
        const hot = selectorsOf({ steps, index: best, size: length });
        const places = new Array<number>(countOf(input.shape));
        for (const [place, position] of lines.flat().entries()) places[position] = place;
        return steps.finish({
            tensor: steps.select({ tensor: hot, indices: places, shape: input.shape, label: "hot" }),
        });
    },
};

/** x less the logarithm of the sum of exp(x) along an axis. */
export const logSoftmaxOperator: Operator = {
    supported: "LogSoftmax",
    attributes: ["axis"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const steps = createSteps(call);
        const lines = linesOf({ call, shape: input.shape });
        const { below, total } = exponentials({ steps, input, groups: lines, shape: [lines.length] });
        const log = steps.lookUp({ tensor: total, name: "log", label: "log" });
        const spread = steps.select({ tensor: log, indices: groupOfEach(lines), shape: input.shape, label: "logs" });
        const parts = [{ tensor: below }, { tensor: spread, factor: -1 }];
        return steps.finish({ tensor: steps.combine({ parts, label: "logarithms" }) });
    },
};

/** Positions along the axis, for each place beside it. */
function linesOf({ call, shape }: { call: OperatorCall; shape: number[] }): Groups {
    const isOneAxis = call.opset >= ONE_AXIS_OPSET;
    const given = intAttribute({ call, name: "axis", fallback: isOneAxis ? -1 : 1 });
    const axis = axisOf({ call, axis: given, rank: shape.length });
    const outer = countOf(shape.slice(0, axis));
    const length = isOneAxis ? at(shape, axis) : countOf(shape.slice(axis));
    const inner = isOneAxis ? countOf(shape.slice(axis + 1)) : 1;
    return Array.from({ length: outer * inner }, (_, line) => {
        const start = Math.floor(line / inner) * length * inner + (line % inner);
        return Array.from({ length }, (_entry, place) => start + place * inner);
    });
}

type Softmax = { steps: Steps; input: TensorOperand; lines: Groups };

/** The softmax of each line: of two elements by one sigmoid, otherwise one reciprocal and a product each. */
export function shares({ steps, input, lines }: Softmax): TensorOperand {
    const length = at(lines, 0).length;
    if (length === 1) {
        const values = new Array<number>(countOf(input.shape)).fill(1);
        return steps.constants({ like: input, values, shape: input.shape });
    }
    if (length === 2) return pairShares({ steps, input, lines });
    const { powers, total } = exponentials({ steps, input, groups: lines, shape: [lines.length] });
    const share = steps.reciprocal({ tensor: total, label: "reciprocal" });
    const spread = steps.select({
        tensor: share,
        indices: groupOfEach(lines),
        shape: input.shape,
        label: "reciprocals",
    });
    return steps.product({ left: powers, right: spread, label: "shares" });
}

/** [sigmoid(a - b), 1 - sigmoid(a - b)]. */
function pairShares({ steps, input, lines }: Softmax): TensorOperand {
    const shape = [lines.length];
    const entries = (place: number, label: string) =>
        steps.select({ tensor: input, indices: lines.map((line) => at(line, place)), shape, label });
    const parts = [{ tensor: entries(0, "first") }, { tensor: entries(1, "second"), factor: -1 }];
    const lead = steps.combine({ parts, label: "lead" });
    const first = steps.lookUp({ tensor: lead, name: "sigmoid", label: "sigmoid" });
    const [weights, bias, index] = [[] as number[], [] as number[], groupOfEach(lines)];
    for (const positions of lines) {
        weights[at(positions, 0)] = 1;
        weights[at(positions, 1)] = -1;
        bias[at(positions, 0)] = 0;
        bias[at(positions, 1)] = 1;
    }
    const start = [...index.keys(), index.length];
    const kernel = { kind: "sparse", from: lines.length, start, index, weights } as const;
    return steps.combine({ parts: [{ tensor: first, kernel }], bias, shape: input.shape, label: "shares" });
}
