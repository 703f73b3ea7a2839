import { compileModel } from "@assay/compiler";
import { expect } from "chai";
import { lower } from "../../offchain/compiler/circuit/lower.ts";
import { analyse } from "../../offchain/compiler/integer/analyse.ts";
import type { OnnxAttribute, OnnxModel } from "../../offchain/compiler/onnx/model.ts";
import { readOnnx } from "../../offchain/compiler/onnx/readOnnx.ts";
import { writeOnnx } from "../../offchain/compiler/onnx/writeOnnx.ts";
import { readModel } from "../../offchain/compiler/readModel.ts";
import { byteSpec } from "../offchain/compiler/_circuitGraphs.ts";
import { rejection, thrownBy } from "../offchain/compiler/_faults.ts";
import { aFloatModel, aFloatTensor, aShapeTensor } from "../offchain/compiler/_floatModels.ts";
import { aGraph } from "../offchain/compiler/_integerGraphs.ts";
import { aNode, aTensor } from "../offchain/compiler/_models.ts";
import { inTempDir } from "../offchain/compiler/_tempDir.ts";

/** Long enough that work which grows with its square takes minutes. */
const LENGTH = 100_000;

const ints = (value: (index: number) => number, length = LENGTH): OnnxAttribute => ({
    type: "ints",
    value: Array.from({ length }, (_, index) => BigInt(value(index))),
});
const floats = (value: (index: number) => number, length = LENGTH): OnnxAttribute => ({
    type: "tensor",
    value: aFloatTensor({ shape: [length], values: Array.from({ length }, (_, index) => value(index)) }),
});

function ensembleModel({ op, attributes }: { op: string; attributes: Record<string, OnnxAttribute> }): OnnxModel {
    const node = { ...aNode(op, { inputs: ["x"], output: "y" }), domain: "ai.onnx.ml" };
    const whole = { ...node, attributes: new Map(Object.entries(attributes)) };
    const model = aFloatModel({ input: [1, 1], output: [1, 1], nodes: [whole] });
    return { ...model, domains: new Map([["ai.onnx.ml", op === "TreeEnsemble" ? 5 : 3]]) };
}

describe("attacks by a hostile ONNX file", () => {
    it("a leaf that is weighed a hundred thousand times is refused at once", () => {
        const numbered = { nodes_treeids: ints(() => 0, 1), nodes_nodeids: ints(() => 0, 1) };
        const model = ensembleModel({
            op: "TreeEnsembleRegressor",
            attributes: {
                ...numbered,
                n_targets: { type: "int", value: 1n },
                nodes_featureids: ints(() => 0, 1),
                nodes_truenodeids: ints(() => 0, 1),
                nodes_falsenodeids: ints(() => 0, 1),
                nodes_modes: { type: "strings", value: ["LEAF"] },
                nodes_values: { type: "floats", value: [0] },
                target_ids: ints(() => 0),
                target_nodeids: ints(() => 0),
                target_treeids: ints(() => 0),
                target_weights: { type: "floats", value: new Array(LENGTH).fill(1) },
            },
        });

        expect(thrownBy(() => readModel(readOnnx(writeOnnx(model)))).code).to.equal("MODEL_OP_FORM_UNSUPPORTED");
    }).timeout(10_000);

    it("a hundred thousand sets of members are read one by one", () => {
        const last = LENGTH - 1;
        const model = ensembleModel({
            op: "TreeEnsemble",
            attributes: {
                n_targets: { type: "int", value: 1n },
                nodes_featureids: ints(() => 0),
                nodes_splits: floats(() => 0),
                nodes_modes: {
                    type: "tensor",
                    value: aTensor({ type: "uint8", shape: [LENGTH], values: new Array(LENGTH).fill(6n) }),
                },
                membership_values: floats((index) => (index % 2 === 0 ? index : Number.NaN), 2 * LENGTH),
                nodes_truenodeids: ints(() => 0),
                nodes_trueleafs: ints(() => 1),
                nodes_falsenodeids: ints((index) => (index === last ? 0 : index + 1)),
                nodes_falseleafs: ints((index) => (index === last ? 1 : 0)),
                leaf_targetids: ints(() => 0, 1),
                leaf_weights: floats(() => 1, 1),
                tree_roots: ints(() => 0, 1),
            },
        });

        const [node] = readModel(readOnnx(writeOnnx(model))).nodes;

        expect(node?.op).to.equal("trees");
    }).timeout(10_000);

    it("a Resize to a trillion elements is refused before its places are listed", () => {
        const model = aFloatModel({
            input: [1, 1, 2, 2],
            output: [1, 1, 2 ** 30, 2 ** 30],
            nodes: [aNode("Resize", { inputs: ["x", "", "", "sizes"], output: "y", attributes: { mode: "nearest" } })],
            constants: { sizes: aShapeTensor([1, 1, 2 ** 30, 2 ** 30]) },
        });

        expect(thrownBy(() => readModel(model)).code).to.equal("MODEL_TOO_LARGE");
    });

    it("a model whose numbers overflow on the calibration data is refused by name", async () => {
        const steps = 12;
        const nodes = Array.from({ length: steps }, (_, step) => {
            const before = step === 0 ? "x" : `t${step - 1}`;
            return aNode("Mul", { inputs: [before, before], output: step === steps - 1 ? "y" : `t${step}` });
        });
        const onnx = writeOnnx(aFloatModel({ input: [1, 2], output: [1, 2], nodes }));

        await inTempDir(async (dir) => {
            const fault = await rejection(
                compileModel({ onnx, name: "squares", calibration: [[4, -4]], outDir: `${dir}/out` }),
            );

            expect(fault.code).to.equal("MODEL_INTERVAL_OVERFLOW");
            expect(fault.message).to.contain('"y"');
        });
    }).timeout(20_000);

    it("an arg-max over ten thousand scores does not compare every two of them to plan it", () => {
        const length = 10_000;
        const node = { op: "argMax", outer: 1, length, inner: 1 } as const;
        const graph = aGraph({ shape: [1, length], min: 0n, max: 3n, nodes: [{ node, shape: [1] }] });

        const { layers } = lower({ analysis: analyse(graph), ioSpec: byteSpec(graph) });

        expect(layers.find(({ op }) => op === "argMax")?.constraints).to.equal((length - 1) * 3 + 2 * (length - 2));
    }).timeout(10_000);
});
