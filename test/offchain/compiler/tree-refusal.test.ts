import { expect } from "chai";
import type { OnnxAttribute } from "../../../offchain/compiler/onnx/model.ts";
import { readModel } from "../../../offchain/compiler/readModel.ts";
import { thrownBy } from "./_faults.ts";
import { createRandom } from "./_integerGraphs.ts";
import { aClassicalModel, aRegressor, aTree, placedAttributes, type Tree } from "./_trees.ts";

const FEATURES = 3;
const trees = [aTree({ random: createRandom(1), depth: 2, features: FEATURES })];

const ints = (...value: number[]): OnnxAttribute => ({ type: "ints", value: value.map(BigInt) });
const floats = (...value: number[]): OnnxAttribute => ({ type: "floats", value });
const whole = (value: number): OnnxAttribute => ({ type: "int", value: BigInt(value) });
const text = (value: string): OnnxAttribute => ({ type: "string", value });

/** A split on feature 0 at a threshold. */
const split = (whenTrue: number, whenFalse: number, threshold = 0, feature = 0) => ({
    mode: "BRANCH_LEQ",
    feature,
    threshold,
    whenTrue,
    whenFalse,
});
const leaf = (weight = 1): Tree[number] => ({ mode: "LEAF", weights: { 0: weight } });

/** Reads a regressor over trees some of whose attributes are others. */
function faultOf({ given = trees, changes = {} }: { given?: Tree[]; changes?: Record<string, OnnxAttribute> }) {
    const model = aRegressor({ trees: given, features: FEATURES });
    const nodes = model.nodes.map((node) => ({
        ...node,
        attributes: new Map([...node.attributes, ...Object.entries(changes)]),
    }));
    return thrownBy(() => readModel({ ...model, nodes }));
}

type Case = { what: string; given?: Tree[]; changes?: Record<string, OnnxAttribute>; says: string };

const MALFORMED: Case[] = [
    {
        what: "a cycle below a root",
        given: [[split(1, 2), split(2, 3), split(1, 3), leaf()]],
        says: "a tree has a cycle",
    },
    { what: "a cycle without a root", given: [[split(1, 1), split(0, 0)]], says: "a tree has a cycle" },
    { what: "a node that leads to itself", given: [[split(1, 2), leaf(), split(2, 1)]], says: "a tree has a cycle" },
    { what: "a child that does not exist", given: [[split(1, 9), leaf()]], says: "leads to node -1" },
    { what: "two roots", given: [[split(1, 1), leaf(), leaf()]], says: "two roots" },
    { what: "a feature beyond the input", given: [[split(1, 1, 0, 3), leaf()]], says: "feature 3 is compared, of 3" },
    {
        what: "two nodes of one number",
        changes: { nodes_nodeids: ints(...new Array(7).fill(0)) },
        says: "two nodes of one number",
    },
    {
        what: "a list of another length",
        changes: { nodes_featureids: ints(0) },
        says: "nodes_featureids has 1 entries",
    },
    { what: "weights of another length", changes: { target_weights: floats(1) }, says: "target_weights has 1 entries" },
    {
        what: "a leaf weighed twice",
        changes: { target_nodeids: ints(2, 2, 2, 2) },
        says: "a leaf weighs target 0 twice",
    },
    { what: "a target beyond their number", changes: { target_ids: ints(0, 1, 0, 0) }, says: "there are only 1" },
    { what: "no target", changes: { n_targets: whole(0) }, says: "there are 0 targets" },
    {
        what: "an unknown aggregate",
        changes: { aggregate_function: text("MEDIAN") },
        says: 'aggregate_function is "MEDIAN"',
    },
    { what: "an unknown transform", changes: { post_transform: text("TANH") }, says: 'post_transform is "TANH"' },
    {
        what: "base values for other targets",
        changes: { base_values: floats(1, 2) },
        says: "base_values has 2 entries for 1 targets",
    },
    { what: "an unknown attribute", changes: { nodes_colours: ints(1) }, says: "attribute nodes_colours is not known" },
];

describe("trees that are refused", () => {
    for (const { what, says, ...given } of MALFORMED) {
        it(`have ${what}`, () => {
            const fault = faultOf(given);

            expect(fault.code).to.equal("MODEL_OP_FORM_UNSUPPORTED");
            expect(fault.message).to.contain("node 0 (ai.onnx.ml.TreeEnsembleRegressor");
            expect(fault.message).to.contain(says);
        });
    }

    it("have a mode that is none", () => {
        const modes: OnnxAttribute = { type: "strings", value: ["BRANCH_MAYBE", "LEAF"] };
        const fault = faultOf({ given: [[split(1, 1), leaf()]], changes: { nodes_modes: modes } });

        expect(fault.message).to.contain('a node has the mode "BRANCH_MAYBE"');
    });

    it("have a threshold or a weight that is no number", () => {
        const threshold = faultOf({ given: [[split(1, 1, Number.NaN), leaf()]] });
        const weight = faultOf({ given: [[split(1, 1), leaf(Number.POSITIVE_INFINITY)]] });

        expect(threshold.code).to.equal("MODEL_WEIGHT_NOT_FINITE");
        expect(weight.code).to.equal("MODEL_WEIGHT_NOT_FINITE");
    });

    it("describe more than is bearable: many targets, or one tree many times", () => {
        const targets = faultOf({ changes: { n_targets: whole(2 ** 40) } });
        const deep = aTree({ random: createRandom(2), depth: 11, features: FEATURES });
        const roots = ints(...new Array(2000).fill(0));
        const model = aClassicalModel({
            op: "TreeEnsemble",
            version: 5,
            attributes: [...placedAttributes([deep]), ["n_targets", whole(1)], ["tree_roots", roots]],
            features: FEATURES,
            outputs: [{ name: "y", dtype: 1, shape: [1, 1] }],
        });

        expect(targets.code).to.equal("MODEL_TOO_LARGE");
        expect(thrownBy(() => readModel(model)).code).to.equal("MODEL_TOO_LARGE");
    });

    it("read more than one row", () => {
        const model = aRegressor({ trees, features: FEATURES });
        const inputs = model.inputs.map((input) => ({ ...input, shape: [2, FEATURES] }));

        expect(thrownBy(() => readModel({ ...model, inputs })).message).to.contain("must be one row of features");
    });
});
