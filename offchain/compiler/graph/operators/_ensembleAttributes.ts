import { at } from "../../integer/at.ts";
import { intAttribute, unsupportedForm } from "./_call.ts";
import { type BranchNode, type Ensemble, type EnsembleNode, type LeafWeight, MODES, type Mode } from "./_ensemble.ts";
import { eitherNumbers, numbersAttribute, requiredNumbers, textsAttribute } from "./_lists.ts";
import type { OperatorCall } from "./operator.ts";

/** Attributes of versions 1 to 4 that say how the trees branch; hit rates and NaN tracks route nothing here. */
export const NODE_ATTRIBUTES = [
    "nodes_falsenodeids",
    "nodes_featureids",
    "nodes_hitrates",
    "nodes_hitrates_as_tensor",
    "nodes_missing_value_tracks_true",
    "nodes_modes",
    "nodes_nodeids",
    "nodes_treeids",
    "nodes_truenodeids",
    "nodes_values",
    "nodes_values_as_tensor",
] as const;

/** Attributes of version 5. */
export const TREE_ENSEMBLE_ATTRIBUTES = [
    "aggregate_function",
    "leaf_targetids",
    "leaf_weights",
    "membership_values",
    "n_targets",
    "nodes_falseleafs",
    "nodes_falsenodeids",
    "nodes_featureids",
    "nodes_hitrates",
    "nodes_missing_value_tracks_true",
    "nodes_modes",
    "nodes_splits",
    "nodes_trueleafs",
    "nodes_truenodeids",
    "post_transform",
    "tree_roots",
] as const;

type Numbered = { call: OperatorCall; prefix: "class" | "target" };

/** The ensemble of versions 1 to 4: nodes are named by tree and number, and a root is a node that no other leads to. */
export function readNumberedNodes({ call, prefix }: Numbered): Ensemble {
    const trees = requiredNumbers({ call, name: "nodes_treeids" });
    const length = trees.length;
    const list = (name: string) => requiredNumbers({ call, name, length });
    const modes = textsAttribute({ call, name: "nodes_modes" }) ?? [];
    const values = eitherNumbers({ call, name: "nodes_values" }) ?? [];
    if (modes.length !== length || values.length !== length) {
        throw unsupportedForm({ call, why: `nodes_modes or nodes_values does not name all ${length} nodes` });
    }
    const places = placesOf({ call, trees, numbers: list("nodes_nodeids") });
    const place = (tree: number, number: number) => places.get(nameOf(tree, number)) ?? -1;
    const weights = leafWeights({ call, prefix, place });
    const [features, yes, no] = [list("nodes_featureids"), list("nodes_truenodeids"), list("nodes_falsenodeids")];
    const nodes = trees.map((tree, index): EnsembleNode => {
        const mode = at(modes, index);
        if (mode === "LEAF") return { kind: "leaf", weights: weights.get(index) ?? [] };
        return {
            kind: "branch",
            feature: at(features, index),
            mode: namedMode({ call, mode }),
            values: [at(values, index)],
            whenTrue: place(tree, at(yes, index)),
            whenFalse: place(tree, at(no, index)),
        };
    });
    return { nodes, roots: rootsOf({ call, trees, nodes }) };
}

function nameOf(tree: number, number: number): string {
    return `${tree} ${number}`;
}

type Numbers = { call: OperatorCall; trees: number[]; numbers: number[] };

function placesOf({ call, trees, numbers }: Numbers): Map<string, number> {
    const places = new Map(trees.map((tree, index) => [nameOf(tree, at(numbers, index)), index]));
    if (places.size !== trees.length) throw unsupportedForm({ call, why: "a tree has two nodes of one number" });
    return places;
}

type Weighing = Numbered & { place: (tree: number, number: number) => number };

/** By node: what it adds to its targets. */
function leafWeights({ call, prefix, place }: Weighing): Map<number, LeafWeight[]> {
    const targets = requiredNumbers({ call, name: `${prefix}_ids` });
    const list = (name: string) => requiredNumbers({ call, name: `${prefix}_${name}`, length: targets.length });
    const values = eitherNumbers({ call, name: `${prefix}_weights` }) ?? [];
    if (values.length !== targets.length) {
        throw unsupportedForm({ call, why: `${prefix}_weights has ${values.length} entries, not ${targets.length}` });
    }
    const [trees, numbers] = [list("treeids"), list("nodeids")];
    const weights = new Map<number, LeafWeight[]>();
    for (const [index, target] of targets.entries()) {
        const node = place(at(trees, index), at(numbers, index));
        const own = weights.get(node) ?? [];
        own.push({ target, weight: at(values, index) });
        weights.set(node, own);
    }
    return weights;
}

function namedMode({ call, mode }: { call: OperatorCall; mode: string }): Mode {
    const known = MODES.find((each) => each === mode);
    if (known !== undefined && known !== "BRANCH_MEMBER") return known;
    throw unsupportedForm({ call, why: `a node has the mode "${mode}"` });
}

/** The one node of each tree that no other leads to, trees in the order in which they are named. */
function rootsOf({ call, trees, nodes }: { call: OperatorCall; trees: number[]; nodes: EnsembleNode[] }): number[] {
    const led = new Set(nodes.flatMap((node) => (node.kind === "branch" ? [node.whenTrue, node.whenFalse] : [])));
    const roots = new Map<number, number>();
    for (const [index, tree] of trees.entries()) {
        if (led.has(index)) continue;
        if (roots.has(tree)) throw unsupportedForm({ call, why: `tree ${tree} has two roots` });
        roots.set(tree, index);
    }
    if (roots.size !== new Set(trees).size) throw unsupportedForm({ call, why: "a tree has a cycle" });
    return [...roots.values()];
}

/** The ensemble of version 5: branches and leaves are numbered apart, and roots are named. */
export function readPlacedNodes(call: OperatorCall): Ensemble {
    const features = requiredNumbers({ call, name: "nodes_featureids" });
    const length = features.length;
    const list = (name: string) => requiredNumbers({ call, name, length });
    const [splits, modes] = [list("nodes_splits"), list("nodes_modes")];
    const members = readMembers(numbersAttribute({ call, name: "membership_values" }) ?? []).values();
    const yes = ways({ call, side: "true", length });
    const no = ways({ call, side: "false", length });
    const branches = features.map((feature, index): BranchNode => {
        const mode = MODES[at(modes, index)];
        if (mode === undefined) throw unsupportedForm({ call, why: `a node has the mode ${modes[index]}` });
        const values = mode === "BRANCH_MEMBER" ? (members.next().value ?? []) : [at(splits, index)];
        return { kind: "branch", feature, mode, values, whenTrue: at(yes, index), whenFalse: at(no, index) };
    });
    const targets = requiredNumbers({ call, name: "leaf_targetids" });
    const weights = requiredNumbers({ call, name: "leaf_weights", length: targets.length });
    const leaves = targets.map((target, index): EnsembleNode => {
        return { kind: "leaf", weights: [{ target, weight: at(weights, index) }] };
    });
    return { nodes: [...branches, ...leaves], roots: requiredNumbers({ call, name: "tree_roots" }) };
}

/** Where each branch leads on one side: to a branch, or to a leaf, which stand behind the branches. */
function ways({ call, side, length }: { call: OperatorCall; side: "true" | "false"; length: number }): number[] {
    const numbers = requiredNumbers({ call, name: `nodes_${side}nodeids`, length });
    const areLeaves = requiredNumbers({ call, name: `nodes_${side}leafs`, length });
    return numbers.map((number, index) => (at(areLeaves, index) === 0 ? number : length + number));
}

/** The sets of all BRANCH_MEMBER nodes in order, each ended by a NaN. */
function readMembers(values: readonly number[]): number[][] {
    const sets: number[][] = [];
    let open: number[] = [];
    for (const value of values) {
        if (!Number.isNaN(value)) {
            open.push(value);
            continue;
        }
        sets.push(open);
        open = [];
    }
    return open.length > 0 ? [...sets, open] : sets;
}

/** The name of version 5's aggregate function, or of a text attribute of the versions before. */
export function aggregateOf({ call, names }: { call: OperatorCall; names: readonly string[] }): string {
    const number = intAttribute({ call, name: "aggregate_function", fallback: 1 });
    return names[number] ?? `${number}`;
}
