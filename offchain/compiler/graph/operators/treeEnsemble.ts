import { DTYPE } from "../../onnx/dtypes.ts";
import { intAttribute, stringAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import { type Ensemble, featuresOf, type LeafNode, leavesOf, type TreeLeaves, treesOf } from "./_ensemble.ts";
import {
    aggregateOf,
    NODE_ATTRIBUTES,
    readNumberedNodes,
    readPlacedNodes,
    TREE_ENSEMBLE_ATTRIBUTES,
} from "./_ensembleAttributes.ts";
import { eitherNumbers } from "./_lists.ts";
import {
    classLabels,
    elementAt,
    labelAbove,
    labelOfGreatest,
    noteTextLabels,
    POST_TRANSFORMS,
    type PostTransform,
    pairOf,
    pairOfLabels,
    postTransformOf,
    transformed,
} from "./_scores.ts";
import { createSteps } from "./_steps.ts";
import type { FloatNodeDraft, Operator, OperatorCall, TensorOperand } from "./operator.ts";

const WEIGHT_ATTRIBUTES = ["ids", "nodeids", "treeids", "weights", "weights_as_tensor"] as const;
const AGGREGATES = ["AVERAGE", "SUM", "MIN", "MAX"] as const;
type Aggregate = (typeof AGGREGATES)[number];

/** ai.onnx.ml TreeEnsembleRegressor: for each target the sum, mean, least or greatest of the trees' leaves. */
export const treeEnsembleRegressorOperator: Operator = {
    supported: "ai.onnx.ml TreeEnsembleRegressor on one row of features",
    attributes: [
        ...NODE_ATTRIBUTES,
        ...WEIGHT_ATTRIBUTES.map((name) => `target_${name}`),
        "aggregate_function",
        "base_values",
        "base_values_as_tensor",
        "n_targets",
        "post_transform",
    ],
    translate: (call) => {
        const targets = intAttribute({ call, name: "n_targets", fallback: 0 });
        return regress({
            call,
            ensemble: readNumberedNodes({ call, prefix: "target" }),
            targets,
            aggregate: knownAggregate({
                call,
                name: stringAttribute({ call, name: "aggregate_function", fallback: "SUM" }),
            }),
            base: eitherNumbers({ call, name: "base_values" }) ?? [],
            transform: textTransform(call),
        });
    },
};

/** ai.onnx.ml TreeEnsemble of version 5. */
export const treeEnsembleOperator: Operator = {
    supported: "ai.onnx.ml TreeEnsemble on one row of features",
    attributes: TREE_ENSEMBLE_ATTRIBUTES,
    translate: (call) => {
        const transform = intAttribute({ call, name: "post_transform", fallback: 0 });
        return regress({
            call,
            ensemble: readPlacedNodes(call),
            targets: intAttribute({ call, name: "n_targets", fallback: 0 }),
            aggregate: knownAggregate({ call, name: aggregateOf({ call, names: AGGREGATES }) }),
            base: [],
            transform: postTransformOf({ call, name: POST_TRANSFORMS[transform] ?? `${transform}` }),
        });
    },
};

/** ai.onnx.ml TreeEnsembleClassifier: the label and the scores, by onnxruntime's rules for two classes. */
export const treeEnsembleClassifierOperator: Operator = {
    supported: "ai.onnx.ml TreeEnsembleClassifier on one row of features",
    attributes: [
        ...NODE_ATTRIBUTES,
        ...WEIGHT_ATTRIBUTES.map((name) => `class_${name}`),
        "base_values",
        "base_values_as_tensor",
        "classlabels_int64s",
        "classlabels_strings",
        "post_transform",
    ],
    translate: (call) => {
        const ensemble = readNumberedNodes({ call, prefix: "class" });
        noteTextLabels({ call, name: "classlabels_strings" });
        const labels = classLabels({ call, names: { whole: "classlabels_int64s", text: "classlabels_strings" } });
        const features = featuresOf({ call, input: tensorOf({ call, index: 0 }) });
        const leaves = leavesOf({ call, ensemble, features, targets: labels.length });
        const base = eitherNumbers({ call, name: "base_values" }) ?? [];
        const classification = { call, ensemble, leaves, labels, base, transform: textTransform(call) };
        return labels.length > 2 ? chooseOfMany(classification) : chooseOfTwo(classification);
    },
};

function textTransform(call: OperatorCall): PostTransform {
    return postTransformOf({ call, name: stringAttribute({ call, name: "post_transform", fallback: "NONE" }) });
}

function knownAggregate({ call, name }: { call: OperatorCall; name: string }): Aggregate {
    const known = AGGREGATES.find((each) => each === name);
    if (known !== undefined) return known;
    throw unsupportedForm({ call, why: `aggregate_function is "${name}"` });
}

type Regression = {
    call: OperatorCall;
    ensemble: Ensemble;
    targets: number;
    aggregate: Aggregate;
    base: readonly number[];
    transform: PostTransform;
};

function regress({ call, ensemble, targets, aggregate, base, transform }: Regression): TensorOperand | undefined[] {
    const features = featuresOf({ call, input: tensorOf({ call, index: 0 }) });
    const leaves = leavesOf({ call, ensemble, features, targets });
    if (base.length !== 0 && base.length !== targets) {
        throw unsupportedForm({ call, why: `base_values has ${base.length} entries for ${targets} targets` });
    }
    const bias = Array.from({ length: targets }, (_, target) => base[target] ?? 0);
    const isExtreme = aggregate === "MIN" || aggregate === "MAX";
    const share = aggregate === "AVERAGE" ? ensemble.roots.length : 1;
    const scores = isExtreme
        ? extremes({ call, ensemble, leaves, bias, isGreatest: aggregate === "MAX" })
        : sums({ call, ensemble, leaves, bias, share });
    // onnxruntime leaves a single target as it is, whatever the transform, PROBIT apart
    const wanted = targets === 1 && transform !== "PROBIT" ? "NONE" : transform;
    const steps = createSteps(call);
    const tensor = transformed({ steps, scores, transform: wanted });
    return tensor === undefined ? [undefined] : steps.finish({ tensor });
}

type Summing = {
    call: OperatorCall;
    ensemble: Ensemble;
    leaves: TreeLeaves;
    bias: readonly number[];
    /** What weights are divided by. */
    share?: number;
};

/** For each target its bias and the weights of the leaves reached: [1, targets]. */
function sums({ call, ensemble, leaves, bias, share = 1 }: Summing): TensorOperand {
    const targets = bias.length;
    const owners = leaves.map(onlyTarget);
    const isSingle = targets > 1 && owners.every((target) => target !== undefined);
    const width = isSingle ? 1 : targets;
    const weightsOf = (leaf: LeafNode, tree: number) => {
        const wanted = isSingle ? [owners[tree] ?? 0] : bias.map((_, target) => target);
        return wanted.map((target) => weightOf({ leaf, target }) / share);
    };
    const groups = ensemble.roots.map((_, tree) => (isSingle ? (owners[tree] ?? 0) : 0));
    return addTrees({ call, ensemble, width, weightsOf, groups, bias });
}

/** For each target the least or greatest weight of the leaves reached, above its bias. */
function extremes({ call, ensemble, leaves, bias, isGreatest }: Summing & { isGreatest: boolean }): TensorOperand {
    const width = bias.length;
    const sign = isGreatest ? 1 : -1;
    if (leaves.some((tree) => tree.some(({ weights }) => weights.length !== width))) {
        throw unsupportedForm({ call, why: "under MIN and MAX every leaf must weigh every target" });
    }
    const weightsOf = (leaf: LeafNode) => bias.map((_, target) => sign * weightOf({ leaf, target }));
    const groups = ensemble.roots.map((_, tree) => tree);
    const each = addTrees({ call, ensemble, width, weightsOf, groups, bias: groups.flatMap(() => bias.map(() => 0)) });
    const steps = createSteps(call);
    const greatest = steps.greatest({
        tensor: each,
        groups: bias.map((_, target) => groups.map((tree) => tree * width + target)),
        shape: [1, width],
        label: "extremes",
    });
    return steps.combine({ parts: [{ tensor: greatest, factor: sign }], bias: [...bias], label: "scores" });
}

type Adding = {
    call: OperatorCall;
    ensemble: Ensemble;
    width: number;
    weightsOf: (leaf: LeafNode, tree: number) => number[];
    groups: number[];
    bias: readonly number[];
};

function addTrees({ call, ensemble, width, weightsOf, groups, bias }: Adding): TensorOperand {
    const trees = treesOf({ call, ensemble, width, weightsOf });
    const { name, dtype } = tensorOf({ call, index: 0 });
    // onnxruntime takes every other element type as float32
    const precision = dtype === DTYPE.DOUBLE ? "float64" : "float32";
    const draft: FloatNodeDraft = { op: "trees", inputs: [name], precision, width, groups, bias: [...bias], ...trees };
    return createSteps(call).step({ draft, shape: [1, bias.length], label: "trees" });
}

/** The one target that a tree's leaves weigh, if there is one. */
function onlyTarget(leaves: readonly LeafNode[]): number | undefined {
    const targets = new Set(leaves.flatMap(({ weights }) => weights.map(({ target }) => target)));
    return targets.size === 1 ? [...targets][0] : undefined;
}

function weightOf({ leaf: { weights }, target }: { leaf: LeafNode; target: number }): number {
    return weights.find((entry) => entry.target === target)?.weight ?? 0;
}

type Classification = {
    call: OperatorCall;
    ensemble: Ensemble;
    leaves: TreeLeaves;
    labels: number[];
    base: number[];
    transform: PostTransform;
};

type Outputs = readonly (TensorOperand | undefined)[];

function chooseOfMany({ call, ensemble, leaves, labels, base, transform }: Classification): Outputs {
    if (base.length !== 0 && base.length !== labels.length) {
        throw unsupportedForm({ call, why: `base_values has ${base.length} entries for ${labels.length} classes` });
    }
    if (base.length === 0) requireScores({ call, leaves, classes: labels.length });
    const bias = labels.map((_, index) => base[index] ?? 0);
    const scores = sums({ call, ensemble, leaves, bias });
    return [labelOfGreatest({ call, scores, labels }), scoreOutput({ call, scores, transform })];
}

/**
 * onnxruntime chooses among the classes that a reached leaf weighs. To choose among all is the same when each is
 * weighed by every leaf of some tree, or when no weight is negative and some tree always gives a positive one.
 */
function requireScores({ call, leaves, classes }: { call: OperatorCall; leaves: TreeLeaves; classes: number }): void {
    const areAllWeighed = Array.from({ length: classes }, (_, index) => index).every((target) =>
        isAlwaysWeighed({ leaves, target }),
    );
    const all = leaves.flat().flatMap(({ weights }) => weights);
    const isPositive = leaves.some((tree) => tree.every(({ weights }) => weights.some(({ weight }) => weight > 0)));
    if (areAllWeighed || (isPositive && all.every(({ weight }) => weight >= 0))) return;
    throw unsupportedForm({ call, why: "some leaves leave a class out and weights are negative; give base_values" });
}

function isAlwaysWeighed({ leaves, target }: { leaves: TreeLeaves; target: number }): boolean {
    const weighs = (leaf: LeafNode) => leaf.weights.some((entry) => entry.target === target);
    return leaves.some((tree) => tree.every(weighs));
}

/** Two classes, by the score of the second or, when leaves weigh but one class, by that one. */
function chooseOfTwo(classification: Classification): Outputs {
    const { call, leaves, labels, base, transform } = classification;
    const all = leaves.flat().flatMap(({ weights }) => weights);
    const weighed = [...new Set(all.map(({ target }) => target))];
    const hasSecond = weighed.includes(1);
    requirePairForm({ ...classification, weighed });
    const isBinary = labels.length === 2 && weighed.length === 1;
    // A class that no leaf weighs has the score 0, whatever its base value
    const bias = labels.map((_, index) => (weighed.includes(index) ? (base[index] ?? 0) : 0));
    const scores = sums({ ...classification, bias });
    const steps = createSteps(call);
    const chosen = labels.length === 1 ? scores : elementAt({ steps, tensor: scores, index: hasSecond ? 1 : 0 });
    const isShare = isBinary && all.every(({ weight }) => weight >= 0);
    const label = labelAbove({
        call,
        score: chosen,
        threshold: isShare ? 1 / 2 : 0,
        labels: isBinary ? pairOfLabels(labels) : [0, 1],
    });
    if (hasSecond || base.length === 2 || labels.length === 1) return [label, scoreOutput({ call, scores, transform })];
    return [label, pairOutput({ call, score: chosen, isShare, transform })];
}

function requirePairForm({ call, leaves, labels, base, weighed }: Classification & { weighed: number[] }): void {
    if (labels.length === 0) throw unsupportedForm({ call, why: "no class labels are given" });
    const stray = weighed.find((target) => !isAlwaysWeighed({ leaves, target }) && (target === 1 || base.length > 0));
    if (stray !== undefined) throw unsupportedForm({ call, why: `no tree weighs class ${stray} in every leaf` });
    if (base.length > labels.length || (base.length === 2 && weighed.includes(1))) {
        throw unsupportedForm({
            call,
            why: `base_values has ${base.length} entries beside weights of the second class`,
        });
    }
}

type Scoring = { call: OperatorCall; scores: TensorOperand; transform: PostTransform };

/** The second output, under its name; undefined when the transform has no form here. */
function scoreOutput({ call, scores, transform }: Scoring): TensorOperand | undefined {
    const steps = createSteps(call);
    const tensor = transformed({ steps, scores, transform });
    return tensor === undefined || isOmitted(call) ? undefined : steps.finish({ tensor, index: 1 });
}

type Pairing = { call: OperatorCall; score: TensorOperand; isShare: boolean; transform: PostTransform };

/** Of one score: shares that add up to 1, or a logistic pair, or the score and its negative. */
function pairOutput({ call, score, isShare, transform }: Pairing): TensorOperand | undefined {
    const steps = createSteps(call);
    if (transform === "PROBIT" || isOmitted(call)) return undefined;
    const isLogistic = !isShare && transform === "LOGISTIC";
    const wanted = isLogistic ? steps.lookUp({ tensor: score, name: "sigmoid", label: "logistic" }) : score;
    return steps.finish({ tensor: pairOf({ steps, score: wanted, isShare: isShare || isLogistic }), index: 1 });
}

function isOmitted(call: OperatorCall): boolean {
    return (call.node.outputs[1] ?? "") === "";
}
