import { ProtocolError } from "@assay/protocol";
import { at } from "../../integer/at.ts";
import { requireSize } from "../limits.ts";
import type { FloatSplit } from "../types.ts";
import { unsupportedForm } from "./_call.ts";
import type { OperatorCall, TensorOperand } from "./operator.ts";

/** Comparisons of ai.onnx.ml, in the order in which version 5 numbers them. */
export const MODES = [
    "BRANCH_LEQ",
    "BRANCH_LT",
    "BRANCH_GTE",
    "BRANCH_GT",
    "BRANCH_EQ",
    "BRANCH_NEQ",
    "BRANCH_MEMBER",
] as const;
/** One of the comparisons. */
export type Mode = (typeof MODES)[number];

/** A tree ensemble as an ONNX file has it: references are positions in `nodes`. */
export type Ensemble = { nodes: EnsembleNode[]; roots: number[] };
/** One node of an ensemble. */
export type EnsembleNode = BranchNode | LeafNode;
/** Where a tree ends. */
export type LeafNode = { kind: "leaf"; weights: LeafWeight[] };
/** What a leaf adds to one target. */
export type LeafWeight = { target: number; weight: number };
/** Where a tree goes on, by comparing one feature. */
export type BranchNode = {
    kind: "branch";
    feature: number;
    mode: Mode;
    /** The threshold, or the members of the set. */
    values: number[];
    whenTrue: number;
    whenFalse: number;
};

/** Leaf weights by tree of an ensemble; every tree ends somewhere, so none is empty. */
export type TreeLeaves = LeafNode[][];

type Checked = { call: OperatorCall; ensemble: Ensemble; features: number; targets: number };

/** The leaves of each tree; throws for references that lead nowhere or in circles and for numbers that are none. */
export function leavesOf({ call, ensemble: { nodes, roots }, features, targets }: Checked): TreeLeaves {
    if (targets < 1) throw unsupportedForm({ call, why: `there are ${targets} targets or classes` });
    requireSize({ what: call.where, elements: Math.max(nodes.length, targets), products: nodes.length * targets });
    for (const node of nodes) {
        if (node.kind === "branch") requireBranch({ call, node, features });
        else requireLeaf({ call, node, targets });
    }
    let visited = 0; // trees may share nodes, so that a small file describes many
    return roots.map((root) => {
        const order = treeOrder({ call, nodes, root });
        visited += order.length;
        requireSize({ what: call.where, elements: visited, products: visited * targets });
        return order.flatMap((index) => leavesIn(nodes, index));
    });
}

function leavesIn(nodes: EnsembleNode[], index: number): LeafNode[] {
    const node = at(nodes, index);
    return node.kind === "leaf" ? [node] : [];
}

function requireBranch({ call, node, features }: { call: OperatorCall; node: BranchNode; features: number }): void {
    if (!Number.isInteger(node.feature) || node.feature < 0 || node.feature >= features) {
        throw unsupportedForm({ call, why: `feature ${node.feature} is compared, of ${features}` });
    }
    if (node.values.some(Number.isNaN)) throw notFinite({ call, what: "A threshold" });
}

function requireLeaf({ call, node, targets }: { call: OperatorCall; node: LeafNode; targets: number }): void {
    const seen = new Set<number>();
    for (const { target, weight } of node.weights) {
        if (!Number.isFinite(weight)) throw notFinite({ call, what: "A weight" });
        if (!Number.isInteger(target) || target < 0 || target >= targets || seen.has(target)) {
            throw unsupportedForm({ call, why: `a leaf weighs target ${target} twice, or there are only ${targets}` });
        }
        seen.add(target);
    }
}

function notFinite({ call, what }: { call: OperatorCall; what: string }): ProtocolError {
    return new ProtocolError({ code: "MODEL_WEIGHT_NOT_FINITE", message: `${call.where}: ${what} is no number.` });
}

type Tree = { call: OperatorCall; nodes: EnsembleNode[]; root: number };

/** The nodes of one tree, children before parents. */
function treeOrder({ call, nodes, root }: Tree): number[] {
    const order: number[] = [];
    const state = new Map<number, "open" | "done">();
    const path = [root];
    for (let index = path.at(-1); index !== undefined; index = path.at(-1)) {
        const node = nodes[index];
        if (node === undefined) throw unsupportedForm({ call, why: `a branch leads to node ${index}, which is none` });
        const children = node.kind === "leaf" ? [] : [node.whenTrue, node.whenFalse];
        const next = children.filter((child) => state.get(child) !== "done");
        const isFirst = !state.has(index);
        if (isFirst && next.length > 0) {
            state.set(index, "open");
            if (next.some((child) => state.has(child))) throw unsupportedForm({ call, why: "a tree has a cycle" });
            path.push(...next);
            continue;
        }
        path.pop();
        if (state.get(index) === "done") continue;
        if (next.length > 0) throw unsupportedForm({ call, why: "a tree has a cycle" });
        state.set(index, "done");
        order.push(index);
    }
    return order;
}

/** Splits and leaves of a float graph's trees node. */
export type Trees = { splits: FloatSplit[]; leaves: number[]; roots: number[] };

type Building = {
    call: OperatorCall;
    ensemble: Ensemble;
    width: number;
    /** The `width` weights that a leaf gives in one tree. */
    weightsOf: (leaf: LeafNode, tree: number) => number[];
};

/** Trees of comparisons that lead up or down; leaves of equal weights are one leaf. */
export function treesOf({ call, ensemble: { nodes, roots }, width, weightsOf }: Building): Trees {
    const splits: FloatSplit[] = [];
    const leaves: number[] = [];
    const known = new Map<string, number>();
    const leafPlace = (weights: number[]): number => {
        const name = weights.join();
        const place = known.get(name) ?? -1 - leaves.length / width;
        if (!known.has(name)) {
            known.set(name, place);
            leaves.push(...weights);
        }
        return place;
    };
    const placesOf = (root: number, tree: number): number => {
        const places = new Map<number, number>();
        const placed = (index: number) => places.get(index) ?? Number.NaN;
        for (const index of treeOrder({ call, nodes, root })) {
            const node = at(nodes, index);
            if (node.kind === "leaf") places.set(index, leafPlace(weightsOf(node, tree)));
            else places.set(index, addBranch({ splits, node, yes: placed(node.whenTrue), no: placed(node.whenFalse) }));
        }
        return placed(root);
    };
    return { roots: roots.map(placesOf), splits, leaves };
}

type Branching = { splits: FloatSplit[]; node: BranchNode; yes: number; no: number };

/** Adds what a branch compares; where it goes when the comparison holds is `yes`. */
function addBranch({ splits, node: { feature, mode, values }, yes, no }: Branching): number {
    const add = (relation: FloatSplit["relation"], threshold: number, high: number, low: number) =>
        splits.push({ feature, relation, threshold, high, low }) - 1;
    const threshold = values[0] ?? 0;
    switch (mode) {
        case "BRANCH_LEQ":
            return add("above", threshold, no, yes);
        case "BRANCH_LT":
            return add("atLeast", threshold, no, yes);
        case "BRANCH_GTE":
            return add("atLeast", threshold, yes, no);
        case "BRANCH_GT":
            return add("above", threshold, yes, no);
        case "BRANCH_EQ":
            return add("equal", threshold, yes, no);
        case "BRANCH_NEQ":
            return add("equal", threshold, no, yes);
        case "BRANCH_MEMBER":
            return values.reduce((otherwise, member) => add("equal", member, yes, otherwise), no);
    }
}

/** Features of one sample that a classical model reads: [features] or [1, features]. */
export function featuresOf({ call, input }: { call: OperatorCall; input: TensorOperand }): number {
    const { shape } = input;
    const [batch, features] = shape.length === 1 ? [1, shape[0]] : shape;
    if (shape.length > 2 || batch !== 1 || features === undefined) {
        throw unsupportedForm({ call, why: `the input of shape [${shape.join(", ")}] must be one row of features` });
    }
    return features;
}
