import { bitsOfFloat, floatOfKey, keyOfBits } from "../../../offchain/compiler/integer/floatKey.ts";
import { DTYPE, type Dtype } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxAttribute, OnnxModel, OnnxNode } from "../../../offchain/compiler/onnx/model.ts";
import { createRandom, type Random } from "./_integerGraphs.ts";
import { aModel } from "./_models.ts";

/** A node of one tree: children by their number in the tree, or what a leaf gives each target that it names. */
export type TreeNode =
    | { mode: string; feature: number; threshold: number; whenTrue: number; whenFalse: number }
    | { mode: "LEAF"; weights: Record<number, number> };
export type Tree = TreeNode[];

/** Comparisons of versions 1 to 4. */
export const COMPARISONS = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"] as const;

/** Thresholds where float32 has corners: ±0, subnormals, the ends and infinities. */
export const ODD_FLOATS = [
    ...[0, -0, 2 ** -149, -(2 ** -149), 2 ** -126, -(2 ** -126), 1, -1, 0.5, 3],
    ...[Math.fround(3.4e38), -Math.fround(3.4e38), Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
];

/** A tree grown at random to a depth; leaf weights are multiples of 1/256, whose sums float32 holds exactly. */
export function aTree({
    random,
    depth,
    features,
    targets = [0],
    modes = ["BRANCH_LEQ"],
    weight = (each) => each.integer(-512, 512) / 256,
    threshold = (each) => Math.fround(each.integer(-4000, 4000) / 1000),
}: {
    random: Random;
    depth: number;
    features: number;
    targets?: number[];
    modes?: readonly string[];
    weight?: (random: Random) => number;
    threshold?: (random: Random) => number;
}): Tree {
    const nodes: Tree = [];
    const grow = (left: number): number => {
        const place = nodes.length;
        const leaf: TreeNode = {
            mode: "LEAF",
            weights: Object.fromEntries(targets.map((target) => [target, weight(random)])),
        };
        nodes.push(leaf);
        if (left === 0 || (left < depth && random.integer(0, 9) === 0)) return place;
        const branch = {
            mode: random.pick(modes),
            feature: random.integer(0, features - 1),
            threshold: threshold(random),
        };
        nodes[place] = { ...branch, whenTrue: grow(left - 1), whenFalse: grow(left - 1) };
        return place;
    };
    grow(depth);
    return nodes;
}

const ints = (value: number[]): OnnxAttribute => ({ type: "ints", value: value.map(BigInt) });
const floats = (value: number[]): OnnxAttribute => ({ type: "floats", value });
const strings = (value: readonly string[]): OnnxAttribute => ({ type: "strings", value });

/** The attributes of versions 1 to 4 that hold trees; leaf weights are "target_…" or "class_…". */
export function treeAttributes(trees: Tree[], prefix: "target" | "class"): [string, OnnxAttribute][] {
    const all = trees.flatMap((nodes, tree) => nodes.map((node, number) => ({ tree, number, node })));
    const branch = <T>(pick: (node: Exclude<TreeNode, { mode: "LEAF" }>) => T, leaf: T) =>
        all.map(({ node }) => ("weights" in node ? leaf : pick(node)));
    const leaves = all.flatMap(({ tree, number, node }) =>
        "weights" in node
            ? Object.entries(node.weights).map(([id, weight]) => ({ tree, number, id: Number(id), weight }))
            : [],
    );
    return [
        ["nodes_treeids", ints(all.map(({ tree }) => tree))],
        ["nodes_nodeids", ints(all.map(({ number }) => number))],
        ["nodes_modes", strings(all.map(({ node }) => node.mode))],
        ["nodes_featureids", ints(branch((node) => node.feature, 0))],
        ["nodes_values", floats(branch((node) => node.threshold, 0))],
        ["nodes_truenodeids", ints(branch((node) => node.whenTrue, 0))],
        ["nodes_falsenodeids", ints(branch((node) => node.whenFalse, 0))],
        [`${prefix}_treeids`, ints(leaves.map(({ tree }) => tree))],
        [`${prefix}_nodeids`, ints(leaves.map(({ number }) => number))],
        [`${prefix}_ids`, ints(leaves.map(({ id }) => id))],
        [`${prefix}_weights`, floats(leaves.map(({ weight }) => weight))],
    ];
}

/** The same trees as version 5 has them, of one target each leaf. */
export function placedAttributes(trees: Tree[]): [string, OnnxAttribute][] {
    const branches: { node: Exclude<TreeNode, { mode: "LEAF" }>; tree: number; number: number }[] = [];
    const leaves: { target: number; weight: number; tree: number; number: number }[] = [];
    for (const [tree, nodes] of trees.entries()) {
        for (const [number, node] of nodes.entries()) {
            if (!("weights" in node)) branches.push({ node, tree, number });
            else
                for (const [id, weight] of Object.entries(node.weights))
                    leaves.push({ target: Number(id), weight, tree, number });
        }
    }
    const isLeaf = (tree: number, number: number) => "weights" in (trees[tree]?.[number] ?? {});
    const placeOf = (tree: number, number: number) =>
        (isLeaf(tree, number) ? leaves : branches).findIndex((each) => each.tree === tree && each.number === number);
    const numbers = (values: number[], dtype: Dtype): OnnxAttribute => ({
        type: "tensor",
        value: {
            dtype,
            shape: [values.length],
            data: dtype === DTYPE.UINT8 ? Uint8Array.from(values) : Float32Array.from(values),
        },
    });
    const ways = (side: "whenTrue" | "whenFalse") => branches.map(({ node, tree }) => placeOf(tree, node[side]));
    const leads = (side: "whenTrue" | "whenFalse") =>
        branches.map(({ node, tree }) => Number(isLeaf(tree, node[side])));
    return [
        ["aggregate_function", { type: "int", value: 1n }],
        ["leaf_targetids", ints(leaves.map(({ target }) => target))],
        [
            "leaf_weights",
            numbers(
                leaves.map(({ weight }) => weight),
                DTYPE.FLOAT,
            ),
        ],
        ["nodes_falseleafs", ints(leads("whenFalse"))],
        ["nodes_falsenodeids", ints(ways("whenFalse"))],
        ["nodes_featureids", ints(branches.map(({ node }) => node.feature))],
        [
            "nodes_modes",
            numbers(
                branches.map(({ node }) => ([...COMPARISONS] as string[]).indexOf(node.mode)),
                DTYPE.UINT8,
            ),
        ],
        [
            "nodes_splits",
            numbers(
                branches.map(({ node }) => node.threshold),
                DTYPE.FLOAT,
            ),
        ],
        ["nodes_trueleafs", ints(leads("whenTrue"))],
        ["nodes_truenodeids", ints(ways("whenTrue"))],
        [
            "tree_roots",
            ints(trees.map((_, tree) => branches.findIndex((each) => each.tree === tree && each.number === 0))),
        ],
    ];
}

/** One ai.onnx.ml node over one row of features. */
export function aClassicalModel({
    op,
    attributes,
    features,
    outputs,
    version = 3,
    inputType = DTYPE.FLOAT,
}: {
    op: string;
    attributes: [string, OnnxAttribute][];
    features: number;
    outputs: { name: string; dtype: Dtype; shape: number[] }[];
    version?: number;
    inputType?: Dtype;
}): OnnxModel {
    const node: OnnxNode = {
        op,
        domain: "ai.onnx.ml",
        name: op,
        inputs: ["x"],
        outputs: outputs.map(({ name }) => name),
        attributes: new Map(attributes),
    };
    return aModel({
        domains: new Map([["ai.onnx.ml", version]]),
        nodes: [node],
        initializers: new Map(),
        inputs: [{ name: "x", dtype: inputType, shape: [1, features] }],
        outputs,
    });
}

/** A regressor over trees. */
export function aRegressor({
    trees,
    features,
    targets = 1,
    extra = [],
    inputType = DTYPE.FLOAT,
}: {
    trees: Tree[];
    features: number;
    targets?: number;
    extra?: [string, OnnxAttribute][];
    inputType?: Dtype;
}): OnnxModel {
    return aClassicalModel({
        op: "TreeEnsembleRegressor",
        attributes: [
            ...treeAttributes(trees, "target"),
            ["n_targets", { type: "int", value: BigInt(targets) }],
            ...extra,
        ],
        features,
        inputType,
        outputs: [{ name: "y", dtype: DTYPE.FLOAT, shape: [1, targets] }],
    });
}

/** Rows of features: numbers of the thresholds' size, thresholds themselves, and the float32 numbers beside them. */
export function someRows({
    trees,
    features,
    count,
    seed,
}: {
    trees: Tree[];
    features: number;
    count: number;
    seed: number;
}): number[][] {
    const random = createRandom(seed);
    const thresholds = trees.flat().flatMap((node) => ("weights" in node ? [] : [node.threshold]));
    const beside = (value: number) => {
        const key = keyOfBits(bitsOfFloat(value)) + BigInt(random.integer(-1, 1));
        return key < keyOfBits(0xff80_0000n) || key > keyOfBits(0x7f80_0000n) ? value : floatOfKey(key);
    };
    const element = () => {
        const kind = random.integer(0, 9);
        if (kind < 5) return beside(random.pick(thresholds));
        return kind < 7 ? random.pick(ODD_FLOATS) : Math.fround(random.integer(-5000, 5000) / 1000);
    };
    return Array.from({ length: count }, () => Array.from({ length: features }, element));
}
