import { at } from "../../integer/at.ts";
import { countOf, type Kernel } from "../../integer/types.ts";
import { intAttribute, stringAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import { featuresOf } from "./_ensemble.ts";
import { numbersAttribute, requiredNumbers } from "./_lists.ts";
import {
    classLabels,
    labelAbove,
    labelOfGreatest,
    noteTextLabels,
    pairOf,
    pairOfLabels,
    postTransformOf,
    transformed,
} from "./_scores.ts";
import { createSteps } from "./_steps.ts";
import type { Operator, OperatorCall, TensorOperand } from "./operator.ts";

/** ai.onnx.ml LinearRegressor: one weighted sum of the features for each target. */
export const linearRegressorOperator: Operator = {
    supported: "ai.onnx.ml LinearRegressor on one row of features",
    attributes: ["coefficients", "intercepts", "post_transform", "targets"],
    translate: (call) => {
        const targets = intAttribute({ call, name: "targets", fallback: 1 });
        const intercepts = numbersAttribute({ call, name: "intercepts" }) ?? new Array<number>(targets).fill(0);
        const steps = createSteps(call);
        const tensor = transformed({ steps, scores: weightedSums({ call, intercepts }), transform: transformOf(call) });
        return tensor === undefined ? [undefined] : steps.finish({ tensor });
    },
};

/** ai.onnx.ml LinearClassifier: the label and the scores, by onnxruntime's rules for two classes. */
export const linearClassifierOperator: Operator = {
    supported: "ai.onnx.ml LinearClassifier on one row of features",
    attributes: [
        "classlabels_ints",
        "classlabels_strings",
        "coefficients",
        "intercepts",
        "multi_class",
        "post_transform",
    ],
    translate: (call) => {
        noteTextLabels({ call, name: "classlabels_strings" });
        const labels = classLabels({ call, names: { whole: "classlabels_ints", text: "classlabels_strings" } });
        const intercepts = requiredNumbers({ call, name: "intercepts" });
        const scores = weightedSums({ call, intercepts });
        return intercepts.length === 1
            ? chooseByOne({ call, scores, labels })
            : chooseOfMany({ call, scores, labels, classes: intercepts.length });
    },
};

function transformOf(call: OperatorCall) {
    return postTransformOf({ call, name: stringAttribute({ call, name: "post_transform", fallback: "NONE" }) });
}

/** coefficients * x + intercepts: [1, rows]. */
function weightedSums({ call, intercepts }: { call: OperatorCall; intercepts: number[] }): TensorOperand {
    const input = tensorOf({ call, index: 0 });
    const columns = featuresOf({ call, input });
    const rows = intercepts.length;
    const weights = requiredNumbers({ call, name: "coefficients", length: rows * columns });
    if (![...weights, ...intercepts].every(Number.isFinite)) {
        throw unsupportedForm({ call, why: "a coefficient is no finite number" });
    }
    const kernel: Kernel = { kind: "dense", positions: 1, rows, columns, weights };
    return createSteps(call).combine({
        parts: [{ tensor: input, kernel }],
        bias: intercepts,
        shape: [1, rows],
        label: "scores",
    });
}

type Choice = { call: OperatorCall; scores: TensorOperand; labels: number[] };

/** One score: its sign is the label; two labels make a pair of it, which onnxruntime does not transform. */
function chooseByOne({ call, scores, labels }: Choice): (TensorOperand | undefined)[] {
    const steps = createSteps(call);
    const transform = transformOf(call);
    const isPair = labels.length === 2;
    const label = labelAbove({ call, score: scores, threshold: 0, labels: isPair ? pairOfLabels(labels) : [0, 1] });
    if (isScoreOmitted(call) || transform === "PROBIT") return [label];
    const tensor = isPair ? pairOf({ steps, score: scores, isShare: true }) : scores;
    return [label, steps.finish({ tensor, index: 1 })];
}

function chooseOfMany({ call, scores, labels, classes }: Choice & { classes: number }): (TensorOperand | undefined)[] {
    if (labels.length !== classes) {
        throw unsupportedForm({ call, why: `${labels.length} class labels are given for ${classes} scores` });
    }
    const label = labelOfGreatest({ call, scores, labels });
    if (isScoreOmitted(call)) return [label];
    const steps = createSteps(call);
    const tensor = transformed({ steps, scores, transform: transformOf(call) });
    return [label, tensor === undefined ? undefined : steps.finish({ tensor, index: 1 })];
}

function isScoreOmitted(call: OperatorCall): boolean {
    return (call.node.outputs[1] ?? "") === "";
}

/** ai.onnx.ml Scaler: (x - offset) * scale for each feature. */
export const scalerOperator: Operator = {
    supported: "ai.onnx.ml Scaler",
    attributes: ["offset", "scale"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const width = input.shape.at(-1) ?? 1;
        const list = (name: string) => {
            const values = requiredNumbers({ call, name });
            if (values.length === 1) return new Array<number>(width).fill(at(values, 0));
            return requiredNumbers({ call, name, length: width });
        };
        const [offset, scale] = [list("offset"), list("scale")];
        if (![...offset, ...scale].every(Number.isFinite)) {
            throw unsupportedForm({ call, why: "an offset or a scale is no finite number" });
        }
        const column = (values: number[]) =>
            Array.from({ length: countOf(input.shape) }, (_, index) => at(values, index % width));
        const scaler = { offset: column(offset), scale: column(scale) };
        const bias = scaler.offset.map((value, index) => -value * at(scaler.scale, index));
        const kernels: Kernel[] = [{ kind: "scale", factors: scaler.scale }];
        return call.emit({ draft: { op: "affine", inputs: [input.name], kernels, bias, scaler }, shape: input.shape });
    },
};
