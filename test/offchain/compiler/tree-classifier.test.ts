import { expect } from "chai";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxAttribute } from "../../../offchain/compiler/onnx/model.ts";
import { readModel } from "../../../offchain/compiler/readModel.ts";
import { thrownBy } from "./_faults.ts";
import { createRandom, type Random } from "./_integerGraphs.ts";
import { expectExactTrees, expectFloatGraph } from "./_treeRuns.ts";
import { aClassicalModel, aTree, someRows, type Tree, treeAttributes } from "./_trees.ts";

const FEATURES = 4;
type Attributes = [string, OnnxAttribute][];

type Classifier = {
    trees: Tree[];
    classes?: number;
    labels?: OnnxAttribute;
    base?: readonly number[];
    transform?: string;
    outputs?: ("label" | "scores")[];
};

/** A classifier that shows its label, its scores or both. */
function aClassifier({
    trees,
    classes = 2,
    labels,
    base,
    transform = "NONE",
    outputs = ["label", "scores"],
}: Classifier) {
    const whole: OnnxAttribute = { type: "ints", value: Array.from({ length: classes }, (_, index) => BigInt(index)) };
    const named = labels ?? whole;
    const attributes: Attributes = [
        ...treeAttributes(trees, "class"),
        [named.type === "strings" ? "classlabels_strings" : "classlabels_int64s", named],
        ["post_transform", { type: "string", value: transform }],
        ...(base === undefined ? [] : ([["base_values", { type: "floats", value: [...base] }]] satisfies Attributes)),
    ];
    const all = [
        { name: "label", dtype: DTYPE.INT64, shape: [1] },
        { name: "scores", dtype: DTYPE.FLOAT, shape: [1, Math.max(2, classes)] },
    ];
    const model = aClassicalModel({ op: "TreeEnsembleClassifier", attributes, features: FEATURES, outputs: all });
    return { ...model, outputs: model.outputs.filter(({ name }) => outputs.some((wanted) => wanted === name)) };
}

const signed = (random: Random) => random.integer(-3, 3) / 4;
const share = (random: Random) => random.integer(0, 4) / 64;

function someTrees({
    count = 8,
    targets,
    weight,
    seed = 1,
}: {
    count?: number;
    targets: (tree: number) => number[];
    weight: (random: Random) => number;
    seed?: number;
}): Tree[] {
    const random = createRandom(seed);
    return Array.from({ length: count }, (_, tree) =>
        aTree({ random, depth: 3, features: FEATURES, targets: targets(tree), weight }),
    );
}

const rowsOf = (trees: Tree[]) => someRows({ trees, features: FEATURES, count: 60, seed: 3 });

describe("TreeEnsembleClassifier", () => {
    const CASES: { what: string; classifier: Classifier }[] = [];
    for (const [only, name] of [
        [0, "the first class alone"],
        [1, "the second class alone"],
    ] as const) {
        for (const [weight, sign] of [
            [signed, "weights of both signs"],
            [share, "shares"],
        ] as const) {
            for (const base of [undefined, [0.25], ...(only === 0 ? [[0.25, -0.5]] : [])]) {
                const trees = someTrees({ targets: () => [only], weight, seed: 10 + only });
                CASES.push({
                    what: `${name}, ${sign}, ${base?.length ?? 0} base values`,
                    classifier: { trees, ...(base === undefined ? {} : { base }) },
                });
            }
        }
    }
    const both = someTrees({ targets: () => [0, 1], weight: signed, seed: 4 });
    const shares = someTrees({ targets: () => [0, 1], weight: share, seed: 5 });
    CASES.push({ what: "two classes in every leaf, weights of both signs", classifier: { trees: both } });
    CASES.push({ what: "two classes in every leaf, shares", classifier: { trees: shares } });
    CASES.push({ what: "two classes in every leaf, one base value", classifier: { trees: both, base: [0.5] } });
    CASES.push({
        what: "three classes in every leaf",
        classifier: { trees: someTrees({ targets: () => [0, 1, 2], weight: signed }), classes: 3 },
    });
    CASES.push({
        what: "three classes, one each tree, with base values",
        classifier: {
            trees: someTrees({ targets: (tree) => [tree % 3], weight: signed }),
            classes: 3,
            base: [0.5, -0.25, 0],
        },
    });
    CASES.push({
        what: "four classes, one each tree",
        classifier: { trees: someTrees({ targets: (tree) => [tree % 4], weight: signed }), classes: 4 },
    });
    CASES.push({
        what: "one class",
        classifier: { trees: someTrees({ targets: () => [0], weight: signed }), classes: 1, outputs: ["label"] },
    });

    for (const { what, classifier } of CASES) {
        it(`gives onnxruntime's labels and scores for ${what}`, async () => {
            for (const output of classifier.outputs ?? (["label", "scores"] as const)) {
                await expectExactTrees(aClassifier({ ...classifier, outputs: [output] }), rowsOf(classifier.trees));
            }
        });
    }

    it("gives labels that are no positions, and ties to the first", async () => {
        const labels: OnnxAttribute = { type: "ints", value: [7n, -2n, 30n] };
        const tie = (random: Random) => random.integer(0, 1);
        const three = someTrees({ count: 3, targets: (tree) => [tree], weight: tie });
        const two = someTrees({ targets: () => [0], weight: signed });

        await expectExactTrees(aClassifier({ trees: three, classes: 3, labels, outputs: ["label"] }), rowsOf(three));
        const pair: OnnxAttribute = { type: "ints", value: [5n, 3n] };
        await expectExactTrees(aClassifier({ trees: two, labels: pair, outputs: ["label"] }), rowsOf(two));
    });

    it("gives class numbers for text labels, and says what they stand for", () => {
        const labels: OnnxAttribute = { type: "strings", value: ["cat", "dog"] };
        const graph = readModel(
            aClassifier({ trees: someTrees({ targets: () => [0], weight: signed }), labels, outputs: ["label"] }),
        );

        expect(graph.notes.join()).to.contain('the label is a class number: 0 is "cat", 1 is "dog"');
        expect(graph.nodes.at(-1)?.op).to.equal("argMax");
    });

    it("transforms scores as onnxruntime does", async () => {
        const two = someTrees({ targets: () => [0], weight: signed });
        const many = someTrees({ targets: (tree) => [tree % 4], weight: signed });
        for (const transform of ["LOGISTIC", "SOFTMAX"]) {
            for (const classifier of [{ trees: two }, { trees: two, base: [0.5] }, { trees: many, classes: 4 }]) {
                const model = aClassifier({ ...classifier, transform, outputs: ["scores"] });
                await expectFloatGraph(model, rowsOf(classifier.trees));
            }
        }
    });

    it("needs no form for scores that nothing reads", () => {
        const trees = someTrees({ targets: (tree) => [tree % 3], weight: signed });
        const graph = readModel(aClassifier({ trees, classes: 3, transform: "PROBIT", outputs: ["label"] }));

        expect(graph.nodes.map(({ op }) => op)).to.deep.equal(["trees", "argMax"]);
    });

    it("refuses scores that onnxruntime ignores or leaves out for some inputs", () => {
        const second = someTrees({ targets: () => [1], weight: signed });
        const partial = [
            ...someTrees({ count: 1, targets: () => [0], weight: signed }),
            ...someTrees({ count: 1, targets: () => [1], weight: signed }),
        ];
        const [first = []] = partial;
        for (const node of first) if ("weights" in node && first.at(-1) === node) node.weights = {};
        const sparse = someTrees({ targets: () => [0, 1], weight: signed });

        for (const [classifier, says] of [
            [{ trees: second, base: [1, 2] }, "2 entries beside weights of the second class"],
            [{ trees: partial, base: [1] }, "no tree weighs class 0 in every leaf"],
            [{ trees: sparse, classes: 3 }, "some leaves leave a class out"],
            [{ trees: sparse, classes: 3, base: [1] }, "base_values has 1 entries for 3 classes"],
        ] as const) {
            const fault = thrownBy(() => readModel(aClassifier(classifier)));
            expect(fault.code).to.equal("MODEL_OP_FORM_UNSUPPORTED");
            expect(fault.message).to.contain(says);
        }
    });
});
