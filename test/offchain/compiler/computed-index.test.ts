import { expect } from "chai";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxModel, OnnxNode, OnnxTensor } from "../../../offchain/compiler/onnx/model.ts";
import { approximate } from "../../../offchain/compiler/quantise/quantise.ts";
import { readModel } from "../../../offchain/compiler/readModel.ts";
import { expectFloat } from "./_floatAgreement.ts";
import { aFloatModel, aFloatTensor, aShapeTensor } from "./_floatModels.ts";
import { aNode } from "./_models.ts";

type Attributes = Record<string, bigint | bigint[] | string>;

const node = (op: string, inputs: string[], output: string, attributes: Attributes = {}) =>
    aNode(op, { inputs, output, attributes });

type Graph = {
    input: number[];
    output: number[];
    nodes: OnnxNode[];
    constants?: Record<string, OnnxTensor>;
    outputType?: OnnxModel["outputs"][number]["dtype"];
    opset?: number;
    tolerance?: number;
};

/** Whole inputs, so that no rounding decides which element is the greatest. */
function check({ tolerance = 0.01, opset = 17, ...graph }: Graph) {
    return expectFloat({ model: aFloatModel({ opset, ...graph }), tolerance, range: [-9, 9], isWhole: true });
}

const places = node("ArgMax", ["x"], "i", { axis: 1n, keepdims: 1n });
const place = node("ArgMax", ["x"], "i", { axis: 1n, keepdims: 0n });
const table = { d: aFloatTensor({ shape: [4, 3], seed: 2 }) };

describe("indices that the model computes", function () {
    this.timeout(20_000);

    it("gather rows of a constant, at no cost but the selectors", async () => {
        const nodes = [place, node("Gather", ["d", "i"], "y")];

        const { plan } = await check({ input: [1, 4], output: [1, 3], nodes, constants: table });

        const costs = plan.layers.filter(({ op }) => op !== "input" && op !== "argMax" && op !== "output");
        expect(costs.reduce((sum, { constraints }) => sum + constraints, 0)).to.be.at.most(6);
    });

    it("are said to be pushed inside where they may leave the axis", () => {
        const nodes = [node("Gather", ["d", "x"], "y")];
        const model = aFloatModel({ input: [1, 2], output: [1, 2, 3], nodes, constants: table, opset: 17 });
        const inputs = [{ name: "x", dtype: DTYPE.INT64, shape: [1, 2] }];
        const format = { dtype: DTYPE.INT8, bits: 8, scaleLog2: 0, zeroPoint: 0n };
        const notesOf = (min: bigint, max: bigint) => {
            const formats = new Map([["x", { ...format, min, max }]]);
            const precision = { formats, weightBits: 8, activationScales: new Map<string, number>(), operandBits: 12 };
            return approximate({ graph: readModel({ ...model, inputs }), precision }).approximations;
        };

        expect(notesOf(-5n, 3n).map(({ what }) => what)).to.deep.equal([
            "an index outside -4..3, which ONNX forbids, is the nearest one inside",
        ]);
        expect(notesOf(-4n, 3n)).to.deep.equal([]);
    });

    it("gather columns of a constant, counted from the back", async () => {
        const constants = { d: aFloatTensor({ shape: [2, 4], seed: 2 }), four: aShapeTensor([4]) };
        const nodes = [place, node("Sub", ["i", "four"], "back"), node("Gather", ["d", "back"], "y", { axis: 1n })];

        await check({ input: [1, 4], output: [2, 1], nodes, constants });
    });

    it("gather what the model computes", async () => {
        const nodes = [node("ArgMax", ["x"], "i", { axis: 0n, keepdims: 0n }), node("Gather", ["x", "i"], "y")];

        await check({ input: [3, 2], output: [2, 2], nodes });
    });

    it("gather elements of what the model computes", async () => {
        await check({
            input: [2, 4],
            output: [2, 1],
            nodes: [places, node("GatherElements", ["x", "i"], "y", { axis: 1n })],
        });
    });

    it("gather elements of a constant", async () => {
        const nodes = [places, node("GatherElements", ["d", "i"], "y", { axis: 1n })];

        await check({ input: [4, 3], output: [4, 1], nodes, constants: table });
    });

    it("gather by tuples, batched and of constants", async () => {
        const batched = [places, node("GatherND", ["x", "i"], "y", { batch_dims: 1n })];
        const constants = { ...table, zero: aFloatTensor({ shape: [1], values: [0] }) };
        const pair = [
            places,
            node("Mul", ["i", "i"], "square"),
            node("Sub", ["square", "square"], "none"),
            node("Concat", ["i", "none"], "tuple", { axis: 1n }),
            node("GatherND", ["d", "tuple"], "y"),
        ];

        await check({ input: [2, 4], output: [2], nodes: batched });
        await check({ input: [1, 4], output: [1], nodes: pair, constants });
    });

    it("put and add elements", async () => {
        const constants = { u: aFloatTensor({ shape: [2, 1], values: [9, -9] }) };
        const scatter = (attributes: Attributes) => [
            places,
            node("ScatterElements", ["x", "i", "u"], "y", { axis: 1n, ...attributes }),
        ];

        await check({ input: [2, 4], output: [2, 4], nodes: scatter({}), constants });
        await check({ input: [2, 4], output: [2, 4], nodes: scatter({ reduction: "add" }), constants });
    });

    it("put elements at constant places", async () => {
        const constants = {
            i: { dtype: DTYPE.INT64, shape: [1, 2], data: BigInt64Array.from([3n, -4n]) },
            u: aFloatTensor({ shape: [1, 2], values: [9, -9] }),
        };

        const nodes = [node("ScatterElements", ["x", "i", "u"], "y", { axis: 1n })];

        await check({ input: [1, 4], output: [1, 4], nodes, constants });
    });

    it("put and add slices", async () => {
        const update = node("ReduceSum", ["x"], "u", { keepdims: 0n });
        const one = { shape: aShapeTensor([1]) };
        const nodes = (attributes: Attributes) => [
            node("ArgMax", ["x"], "i", { axis: 1n, keepdims: 1n }),
            node("Reshape", ["x", "flat"], "f"),
            update,
            node("Reshape", ["u", "shape"], "u1"),
            node("ScatterND", ["f", "i", "u1"], "y", attributes),
        ];
        const constants = { ...one, flat: aShapeTensor([4]) };

        await check({ input: [1, 4], output: [4], nodes: nodes({}), constants });
        await check({ input: [1, 4], output: [4], nodes: nodes({ reduction: "add" }), constants });
    });

    it("become one 1 among 0s, or two other numbers, along any axis", async () => {
        const constants = { depth: aShapeTensor([3]), v: aFloatTensor({ shape: [2], values: [-1, 2] }) };
        const nodes = (axis: bigint) => [place, node("OneHot", ["i", "depth", "v"], "y", { axis })];

        // index 3 of four elements names no place of three
        await check({ input: [2, 4], output: [2, 3], nodes: nodes(-1n), constants });
        await check({ input: [2, 4], output: [3, 2], nodes: nodes(0n), constants });
    });
});

describe("TopK", function () {
    this.timeout(20_000);

    type Top = {
        input: number[];
        output: number[];
        count: number;
        shown: "values" | "indices";
        attributes?: Attributes;
    };

    function checkTop({ input, output, count, shown, attributes = {} }: Top) {
        const top = {
            ...node("TopK", ["x", "k"], "y", attributes),
            outputs: shown === "values" ? ["y", "rest"] : ["rest", "y"],
        };
        const outputType = shown === "values" ? DTYPE.FLOAT : DTYPE.INT64;
        const constants = { k: aShapeTensor([count]) };
        return check({ input, output, nodes: [top], constants, outputType, tolerance: 0 });
    }

    for (const shown of ["values", "indices"] as const) {
        it(`gives the ${shown} of the greatest in order, the first of equal ones first`, async () => {
            await checkTop({ input: [1, 8], output: [1, 3], count: 3, shown });
        });

        it(`gives the ${shown} of the least along an inner axis`, async () => {
            const attributes = { axis: 1n, largest: 0n };
            await checkTop({ input: [2, 4, 2], output: [2, 2, 2], count: 2, shown, attributes });
        });
    }

    it("sorts a whole line, and takes one of one", async () => {
        await checkTop({ input: [1, 4], output: [1, 4], count: 4, shown: "values" });
        await checkTop({ input: [1, 3, 1], output: [1, 3, 1], count: 1, shown: "indices" });
    });
});
