import type { IoSpec } from "@assay/protocol";
import { expect } from "chai";
import { type Analysis, analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import { countOf, shapeOf } from "../../../offchain/compiler/integer/types.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { ioSpecOf } from "../../../offchain/compiler/quantise/ioSpec.ts";
import { integerModel } from "../../../offchain/compiler/runtime/integerModel.ts";
import { aGraph, aRandomGraph, formatsOf, type NodeDraft, someInputs } from "./_integerGraphs.ts";

const NAMES = { inputs: ["image"], outputs: ["result"] };

/** The ioSpec that a compilation of this graph would have. */
function specOf(analysis: Analysis): IoSpec {
    const [input] = analysis.graph.inputs;
    const min = input?.min ?? 0n;
    const format = {
        dtype: min < 0n ? DTYPE.INT8 : DTYPE.UINT8,
        bits: 8,
        min,
        max: input?.max ?? 0n,
        scaleLog2: 0,
        zeroPoint: 0n,
    };
    return ioSpecOf({ analysis, formats: formatsOf({ graph: analysis.graph, format }) });
}

/** Compares onnxruntime with the interpreter on random graphs; returns the operators met, some with their type. */
async function compare({ seeds, weightBits }: { seeds: number[]; weightBits: number }): Promise<Set<string>> {
    const operators = new Set<string>();
    for (const seed of seeds) {
        const graph = aRandomGraph({ seed, weightBits, endsInArgMax: seed % 2 === 0 });
        const analysis = analyse(graph);
        if ([...analysis.reach.values()].some((reach) => reach >= 1n << 62n)) continue; // no type of onnxruntime holds it
        const model = integerModel({ analysis, ioSpec: specOf(analysis), names: NAMES });
        for (const { op, inputs } of model.nodes) {
            operators.add(op);
            const type = inputs.map((name) => model.initializers.get(name)?.dtype).find((dtype) => dtype !== undefined);
            if (op === "MatMul" || op === "Conv" || op === "Div") operators.add(`${op} ${type}`);
        }
        const session = await createSession(writeOnnx(model));
        const interpreter = createInterpreter(analysis);
        for (const input of someInputs({ graph, count: 12, seed })) {
            expect(await session.runIntegers(input), `seed ${seed}`).to.deep.equal(interpreter.run(input));
        }
        await session.close();
    }
    return operators;
}

const seedsFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

describe("integer ONNX model", () => {
    it("equals the interpreter where float32 is exact, convolutions included", async () => {
        const operators = await compare({ seeds: seedsFrom(1, 40), weightBits: 4 });

        expect(operators).to.include.keys("Conv 1", "MatMul 1", "Floor", "ArgMax", "Reshape");
    });

    it("equals the interpreter where only doubles are exact", async () => {
        const operators = await compare({ seeds: seedsFrom(100, 40), weightBits: 20 });

        expect(operators).to.include.keys("Gather", "MatMul 11", "Floor", "ArgMax");
    });

    it("equals the interpreter where only int64 is exact", async () => {
        const operators = await compare({ seeds: seedsFrom(200, 40), weightBits: 26 });

        expect(operators).to.include.keys("Gather", "MatMul 7", "Div 7");
    });

    it("keeps the names of the source and has the element types of the ioSpec", () => {
        const nodes: { node: NodeDraft; shape: number[] }[] = [
            { node: { op: "linear", kernels: [{ kind: "scale", factors: [300, 1] }], bias: [0n, 0n] }, shape: [1, 2] },
        ];
        const analysis = analyse(aGraph({ shape: [1, 2], min: -8n, max: 7n, nodes }));

        const model = integerModel({ analysis, ioSpec: specOf(analysis), names: NAMES });

        expect(model.inputs).to.deep.equal([{ name: "image", dtype: DTYPE.INT8, shape: [1, 2] }]);
        expect(model.outputs).to.deep.include({ name: "result", dtype: DTYPE.INT16, shape: [1, 2] });
    });

    it("survives tensors that are named like what it writes", async () => {
        const graph = aGraph({ shape: [1, 2], min: 0n, max: 7n, nodes: [{ node: { op: "relu" }, shape: [1, 2] }] });
        graph.tensors.set("constant", { shape: [1], scaleLog2: 0, zeroPoint: 0n });
        const analysis = analyse(graph);

        const model = integerModel({ analysis, ioSpec: specOf(analysis), names: { inputs: ["t0"], outputs: ["x"] } });
        const session = await createSession(writeOnnx(model));

        expect(await session.runIntegers([3n, 4n])).to.deep.equal([3n, 4n]);
        expect(countOf(shapeOf({ graph, tensor: "t0" }))).to.equal(2);
        await session.close();
    });

    it("is the same, byte for byte, each time", () => {
        const write = () => {
            const analysis = analyse(aRandomGraph({ seed: 7, weightBits: 20, endsInArgMax: true }));
            return writeOnnx(integerModel({ analysis, ioSpec: specOf(analysis), names: NAMES }));
        };

        expect(write()).to.deep.equal(write());
    });
});
