import { at } from "../../integer/at.ts";
import { countOf, type Kernel } from "../../integer/types.ts";
import { unsupportedForm } from "./_call.ts";
import { numbersAttribute, textsAttribute } from "./_lists.ts";
import { createSteps, type Steps } from "./_steps.ts";
import type { FloatNodeDraft, OperatorCall, TensorOperand } from "./operator.ts";
import { shares } from "./softmax.ts";

/** What is done to scores before they come out. */
export const POST_TRANSFORMS = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"] as const;
/** One of the transforms. */
export type PostTransform = (typeof POST_TRANSFORMS)[number];

/** A transform by its name. */
export function postTransformOf({ call, name }: { call: OperatorCall; name: string }): PostTransform {
    const known = POST_TRANSFORMS.find((each) => each === name);
    if (known !== undefined) return known;
    throw unsupportedForm({ call, why: `post_transform is "${name}"` });
}

type Transforming = { steps: Steps; scores: TensorOperand; transform: PostTransform };

/** Scores after the transform; undefined for the two that have no form here. */
export function transformed({ steps, scores, transform }: Transforming): TensorOperand | undefined {
    switch (transform) {
        case "NONE":
            return scores;
        case "LOGISTIC":
            return steps.lookUp({ tensor: scores, name: "sigmoid", label: "logistic" });
        case "SOFTMAX": {
            const line = Array.from({ length: countOf(scores.shape) }, (_, index) => index);
            return shares({ steps, input: scores, lines: [line] });
        }
        case "SOFTMAX_ZERO":
        case "PROBIT":
            return undefined;
    }
}

/** The whole numbers that stand for the classes: those of the file, or the positions of its texts. */
export function classLabels({ call, names }: { call: OperatorCall; names: { whole: string; text: string } }): number[] {
    const texts = textsAttribute({ call, name: names.text }) ?? [];
    if (texts.length > 0) return texts.map((_, index) => index);
    return numbersAttribute({ call, name: names.whole }) ?? [];
}

/** Says which text each class number stands for. */
export function noteTextLabels({ call, name }: { call: OperatorCall; name: string }): void {
    const texts = textsAttribute({ call, name }) ?? [];
    if (texts.length === 0) return;
    call.note(
        `the label is a class number: ${texts.map((text, index) => `${index} is ${JSON.stringify(text)}`).join(", ")}`,
    );
}

type Choosing = { call: OperatorCall; scores: TensorOperand; labels: readonly number[] };

/** The label of the first greatest score, as the first output of a node; undefined when the node omits that. */
export function labelOfGreatest({ call, scores, labels }: Choosing): TensorOperand | undefined {
    if ((call.node.outputs[0] ?? "") === "") return undefined;
    const index = firstGreatest({ call, scores, isLast: isCounting(labels) });
    if (isCounting(labels)) return index;
    const steps = createSteps(call);
    const depth = labels.length;
    const places = steps.step({
        draft: { op: "oneHot", inputs: [index.name], min: 0, depth },
        shape: [1, depth],
        label: "class",
    });
    const kernel: Kernel = { kind: "dense", positions: 1, rows: 1, columns: depth, weights: [...labels] };
    const parts = [{ tensor: places, kernel }];
    return steps.finish({ tensor: steps.combine({ parts, shape: [1], label: "label" }) });
}

type Thresholding = { call: OperatorCall; score: TensorOperand; threshold: number; labels: readonly [number, number] };

/** labels[1] where the one score is above the threshold, else labels[0]: the arg-max of 0 and the difference. */
export function labelAbove({ call, score, threshold, labels }: Thresholding): TensorOperand | undefined {
    const steps = createSteps(call);
    const kernel: Kernel = { kind: "select", from: 1, indices: [-1, 0] };
    const sides = steps.combine({
        parts: [{ tensor: score, kernel }],
        bias: [0, -threshold],
        shape: [1, 2],
        label: "sides",
    });
    return labelOfGreatest({ call, scores: sides, labels });
}

function firstGreatest({ call, scores, isLast }: { call: OperatorCall; scores: TensorOperand; isLast: boolean }) {
    const inputs = [scores.name];
    const draft: FloatNodeDraft = { op: "argMax", inputs, outer: 1, length: countOf(scores.shape), inner: 1 };
    return isLast ? call.emit({ draft, shape: [1] }) : call.step({ draft, shape: [1], label: "index" });
}

/** Whether labels are 0, 1, 2, …: then an index is the label. */
function isCounting(labels: readonly number[]): boolean {
    return labels.every((label, index) => label === index);
}

/** Two scores of one: [other, score], other being 1 - score or -score. */
export function pairOf({ steps, score, isShare }: { steps: Steps; score: TensorOperand; isShare: boolean }) {
    const kernel: Kernel = { kind: "sparse", from: 1, start: [0, 1, 2], index: [0, 0], weights: [-1, 1] };
    return steps.combine({
        parts: [{ tensor: score, kernel }],
        bias: [isShare ? 1 : 0, 0],
        shape: [1, 2],
        label: "pair",
    });
}

/** The element of a tensor at a position. */
export function elementAt({ steps, tensor, index }: { steps: Steps; tensor: TensorOperand; index: number }) {
    return steps.select({ tensor, indices: [index], shape: [1, 1], label: `score ${index}` });
}

/** Labels of two classes. */
export function pairOfLabels(labels: readonly number[]): [number, number] {
    return [at(labels, 0), at(labels, 1)];
}
