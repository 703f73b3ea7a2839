import { expect } from "chai";
import {
    bitsOfFloat,
    floatOfKey,
    GREATEST_KEY,
    keyOfBits,
    LEAST_KEY,
} from "../../../offchain/compiler/integer/floatKey.ts";
import { decodeGraph, encodeGraph } from "../../../offchain/compiler/integer/serialise.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxAttribute, OnnxNode } from "../../../offchain/compiler/onnx/model.ts";
import { createRandom } from "./_integerGraphs.ts";
import { expectExactTrees, rawGraph } from "./_treeRuns.ts";
import {
    aClassicalModel,
    aRegressor,
    aTree,
    COMPARISONS,
    ODD_FLOATS,
    placedAttributes,
    someRows,
    type Tree,
} from "./_trees.ts";

describe("tree ensembles", () => {
    for (const mode of [...COMPARISONS, "all"]) {
        it(`route float32 numbers by ${mode} as onnxruntime does`, async () => {
            const random = createRandom(mode.length);
            const modes = mode === "all" ? COMPARISONS : [mode];
            const threshold = () => random.pick([...ODD_FLOATS, 0.1, -0.1, 2.5].map(Math.fround));
            const trees = Array.from({ length: 12 }, () => aTree({ random, depth: 4, features: 5, modes, threshold }));

            await expectExactTrees(
                aRegressor({ trees, features: 5 }),
                someRows({ trees, features: 5, count: 120, seed: 7 }),
            );
        });
    }

    it("sum weights of several targets, of one target each tree, and of trees that are one leaf", async () => {
        const random = createRandom(3);
        const rows = (trees: Tree[]) => someRows({ trees, features: 4, count: 40, seed: 5 });
        const several = Array.from({ length: 6 }, () => aTree({ random, depth: 3, features: 4, targets: [0, 1, 2] }));
        const single = Array.from({ length: 6 }, (_, index) =>
            aTree({ random, depth: 3, features: 4, targets: [index % 3] }),
        );

        await expectExactTrees(aRegressor({ trees: several, features: 4, targets: 3 }), rows(several));
        await expectExactTrees(aRegressor({ trees: single, features: 4, targets: 3 }), rows(single));
        const withLeaf = [...several, aTree({ random, depth: 0, features: 4, targets: [0, 1, 2] })];
        await expectExactTrees(aRegressor({ trees: withLeaf, features: 4, targets: 3 }), rows(withLeaf));
    });

    for (const aggregate of ["SUM", "AVERAGE", "MIN", "MAX"]) {
        it(`give the ${aggregate} of the trees above base values`, async () => {
            const random = createRandom(aggregate.length);
            const trees = Array.from({ length: 8 }, () => aTree({ random, depth: 3, features: 3, targets: [0, 1] }));
            const extra: [string, { type: "floats"; value: number[] } | { type: "string"; value: string }][] = [
                ["aggregate_function", { type: "string", value: aggregate }],
                ["base_values", { type: "floats", value: [0.25, -3] }],
            ];

            await expectExactTrees(
                aRegressor({ trees, features: 3, targets: 2, extra }),
                someRows({ trees, features: 3, count: 60, seed: 2 }),
            );
        });
    }

    it("read version 5 as they read version 3", async () => {
        const random = createRandom(8);
        const trees = Array.from({ length: 9 }, () => aTree({ random, depth: 4, features: 4, modes: COMPARISONS }));
        const model = aClassicalModel({
            op: "TreeEnsemble",
            version: 5,
            attributes: [...placedAttributes(trees), ["n_targets", { type: "int", value: 1n }]],
            features: 4,
            outputs: [{ name: "y", dtype: 1, shape: [1, 1] }],
        });

        await expectExactTrees(model, someRows({ trees, features: 4, count: 100, seed: 4 }));
    });

    it("compare what a Scaler before them gives, rounded as onnxruntime rounds it", async () => {
        const random = createRandom(21);
        const threshold = () => random.pick([...ODD_FLOATS, 0.1, 1.7, -0.3].map(Math.fround));
        const trees = Array.from({ length: 8 }, () =>
            aTree({ random, depth: 4, features: 4, modes: COMPARISONS, threshold }),
        );
        const offset = [0.1, -2.7, 0, 1e-3].map(Math.fround);
        const scale = [0.3, 7.1, 1e-30, 3e8].map(Math.fround);
        const model = aRegressor({ trees, features: 4 });
        const scaler: OnnxNode = {
            op: "Scaler",
            domain: "ai.onnx.ml",
            name: "scaler",
            inputs: ["x"],
            outputs: ["scaled"],
            attributes: new Map([
                ["offset", { type: "floats", value: offset }],
                ["scale", { type: "floats", value: scale }],
            ]),
        };
        const nodes = [scaler, ...model.nodes.map((node) => ({ ...node, inputs: ["scaled"] }))];
        // what a threshold is before the Scaler, and the numbers beside it
        const rows = someRows({ trees, features: 4, count: 150, seed: 9 }).map((row) =>
            row.map((value, feature) => {
                const before = Math.fround(value / (scale[feature] ?? 1) + (offset[feature] ?? 0));
                const key = keyOfBits(bitsOfFloat(before)) + BigInt(random.integer(-2, 2));
                return random.integer(0, 1) === 0 || key < LEAST_KEY || key > GREATEST_KEY ? value : floatOfKey(key);
            }),
        );

        await expectExactTrees({ ...model, nodes }, rows);
    });

    it("compare doubles with double thresholds, given the inputs that float32 has", async () => {
        const random = createRandom(31);
        const threshold = () => random.pick([0.1, -0.3, 1.7, 0, 2 ** -149]);
        const modes = COMPARISONS;
        const trees = Array.from({ length: 8 }, () => aTree({ random, depth: 4, features: 4, modes, threshold }));
        const values = trees.flat().map((node) => ("weights" in node ? 0 : node.threshold));
        const doubles: OnnxAttribute = {
            type: "tensor",
            value: { dtype: DTYPE.DOUBLE, shape: [values.length], data: Float64Array.from(values) },
        };
        const weights = trees.flat().flatMap((node) => ("weights" in node ? Object.values(node.weights) : []));
        const weightTensor: OnnxAttribute = {
            type: "tensor",
            value: { dtype: DTYPE.DOUBLE, shape: [weights.length], data: Float64Array.from(weights) },
        };
        const model = aRegressor({ trees, features: 4, inputType: DTYPE.DOUBLE });
        const nodes = model.nodes.map((node) => {
            const attributes = new Map(node.attributes);
            for (const name of ["nodes_values", "target_weights"]) attributes.delete(name);
            attributes.set("nodes_values_as_tensor", doubles).set("target_weights_as_tensor", weightTensor);
            return { ...node, attributes };
        });

        await expectExactTrees({ ...model, nodes }, someRows({ trees, features: 4, count: 100, seed: 12 }));
    });

    it("survive being written to graph.json and read back", async () => {
        const random = createRandom(5);
        const trees = Array.from({ length: 5 }, () => aTree({ random, depth: 3, features: 3, modes: COMPARISONS }));
        const graph = rawGraph(aRegressor({ trees, features: 3 }));

        const copy = decodeGraph(encodeGraph(graph));

        expect(copy).to.deep.equal(graph);
    });
});
