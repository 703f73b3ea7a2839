import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileModel, interpret, loadModel, rebuildKey } from "@assay/compiler";
import { encodeTensor, FIELD_ORDER, uintToHex, unboundBind, verifyGroth16, vkHashOf } from "@assay/protocol";
import { createProver } from "@assay/prover";
import { readCompiledModel } from "@assay/sdk";
import { expect } from "chai";
import { z } from "zod";
import { buildCircuit } from "../../../offchain/compiler/buildCircuit.ts";
import { parametersHash } from "../../../offchain/compiler/circuit/parameters.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { privateParametersOf, rangeOf } from "../../../offchain/compiler/integer/privateParameters.ts";
import type { IntegerGraph } from "../../../offchain/compiler/integer/types.ts";
import { createWitnessCalculator, WitnessRefused } from "../../../offchain/compiler/proving/witness.ts";
import { chainOf } from "../../support/poseidon.ts";
import { byteSpec, CIRCUIT_GRAPHS } from "./_circuitGraphs.ts";
import { aGraph, type NodeDraft, someInputs } from "./_integerGraphs.ts";
import { inTempDir } from "./_tempDir.ts";

const MODELS = fileURLToPath(new URL("../../../models/", import.meta.url));
const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });

/** Two neurons on three inputs, then ReLU; the salt of their commitment if it is one. */
function twoNeurons({
    weights = [3, -2, 1, 0, 7, -8],
    bias = [5n, -6n],
    salt = 99n,
}: {
    weights?: number[];
    bias?: bigint[];
    salt?: bigint;
} = {}): IntegerGraph {
    const nodes: { node: NodeDraft; shape: number[] }[] = [
        {
            node: { op: "linear", kernels: [{ kind: "dense", positions: 1, rows: 2, columns: 3, weights }], bias },
            shape: [1, 2],
        },
        { node: { op: "relu" }, shape: [1, 2] },
    ];
    return { ...aGraph({ shape: [1, 3], min: -8n, max: 7n, nodes }), parametersSalt: salt };
}

function circuitOf(graph: IntegerGraph) {
    return buildCircuit({ analysis: analyse(graph), ioSpec: byteSpec(graph), name: "hidden" });
}

/** Whether the circuit has a witness for an input under given private parameters. */
function accepts({ graph, w, salt }: { graph: IntegerGraph; w?: bigint[]; salt?: bigint }): boolean {
    const calculator = createWitnessCalculator(circuitOf(graph).system);
    const own = { ...(w === undefined ? {} : { w }), ...(salt === undefined ? {} : { parametersSalt: [salt] }) };
    try {
        calculator.calculate({ x: [1n, 2n, 3n], bind: [7n], ...own });
        return true;
    } catch (error) {
        if (error instanceof WitnessRefused) return false;
        throw error;
    }
}

describe("committed parameters", function () {
    this.timeout(60_000); // compiles a model

    it("are all weights and biases of linear layers, each in the range of its block", () => {
        const { values, blocks } = privateParametersOf(twoNeurons()) ?? expect.fail("nothing is private");

        expect(values).to.deep.equal([3n, -2n, 1n, 0n, 7n, -8n, 5n, -6n]);
        expect(blocks).to.deep.equal([
            { first: 0, count: 6, bits: 5 },
            { first: 6, count: 2, bits: 4 },
        ]);
        expect(rangeOf({ bits: 5 })).to.deep.equal({ lo: -16n, hi: 15n });
        expect(privateParametersOf({ ...twoNeurons(), parametersSalt: undefined })).to.equal(undefined);
    });

    it("leave public what is the same for all elements, and refuse to hide nothing", () => {
        const nodes: { node: NodeDraft; shape: number[] }[] = [
            { node: { op: "linear", kernels: [{ kind: "scale", factors: [4, 4] }], bias: [8n, 8n] }, shape: [1, 2] },
        ];
        const graph = { ...aGraph({ shape: [1, 2], min: 0n, max: 7n, nodes }), parametersSalt: 1n };

        expect(() => privateParametersOf(graph))
            .to.throw(Error)
            .with.property("code", "MODEL_PARAMETERS_PUBLIC");
    });

    it("cannot be those of trees", () => {
        const trees = CIRCUIT_GRAPHS.find(({ name }) => name === "trees") ?? expect.fail("no trees");

        expect(() => analyse({ ...trees.graph, parametersSalt: 1n }))
            .to.throw(Error)
            .with.property("code", "MODEL_PARAMETERS_PUBLIC");
    });

    it("are held to the chain over their words under the salt", () => {
        const parameters = privateParametersOf(twoNeurons()) ?? expect.fail("nothing is private");
        const wordOf = (elements: bigint[]) =>
            Array.from({ length: 31 }, (_, k) => (elements[k] ?? 0n) + 128n).reduce((word, e) => (word << 8n) | e, 0n);
        const words = [wordOf([3n, -2n, 1n, 0n, 7n, -8n]), wordOf([5n, -6n])];

        expect(parametersHash(parameters)).to.equal(chainOf({ words, start: 99n }));
    });

    it("say nothing in the circuit but their number, their bits and the commitment", () => {
        const [one, other] = [twoNeurons(), twoNeurons({ weights: [-9, 8, 9, 1, 2, 3], bias: [7n, 0n], salt: 5n })];
        const hashOf = (graph: IntegerGraph) => {
            const parameters = privateParametersOf(graph) ?? expect.fail("nothing is private");
            return `${parametersHash(parameters)}`;
        };
        const textOf = (graph: IntegerGraph) => circuitOf(graph).source.replace(hashOf(graph), "COMMITMENT");

        expect(textOf(one)).to.include("COMMITMENT");
        expect(textOf(other)).to.equal(textOf(one));
        expect(analyse(other).intervals).to.deep.equal(analyse(one).intervals);
    });

    it("compute what the interpreter does", () => {
        const graph = twoNeurons();
        const circuit = circuitOf(graph);
        const calculator = createWitnessCalculator(circuit.system);
        const [wide] = circuit.plan.binding.outputWords;

        for (const x of someInputs({ graph, count: 30, seed: 4 })) {
            const y = interpret(graph, x);
            const { wire } = calculator.calculate({ x, bind: [7n] });
            const expected = [...y, 0n].reduce((word, e) => (word << 64n) | (e + (1n << 63n)), 0n);

            expect(wide?.sizeBytes).to.equal(8);
            expect(wire(1)).to.equal(expected);
        }
    });

    it("refuse other weights, another bias, another salt", () => {
        const graph = twoNeurons();
        const { values } = privateParametersOf(graph) ?? expect.fail("nothing is private");

        expect(accepts({ graph })).to.equal(true);
        expect(accepts({ graph, w: [...values] })).to.equal(true);
        for (const index of values.keys()) {
            expect(accepts({ graph, w: values.with(index, (values[index] ?? 0n) + 1n) }), `${index}`).to.equal(false);
        }
        expect(accepts({ graph, salt: 98n })).to.equal(false);
    });

    it("refuse other digits of the same words, and aliases modulo the field", () => {
        const graph = twoNeurons();
        const { values } = privateParametersOf(graph) ?? expect.fail("nothing is private");
        const [first = 0n, second = 0n] = values;

        expect(accepts({ graph, w: values.with(0, first + 1n).with(1, second - 256n) })).to.equal(false);
        expect(accepts({ graph, w: values.with(0, first - 1n).with(1, second + 256n) })).to.equal(false);
        expect(accepts({ graph, w: values.with(0, first + FIELD_ORDER) })).to.equal(true); // the same field element
    });

    it("make models that are proven, and rebuilt from file and directory", async () => {
        await inTempDir(async (dir) => {
            const text = await readFile(join(MODELS, "argmax-8-4-2.calibration.json"), "utf8");
            const { input_data: calibration } = calibrationFile.parse(JSON.parse(text));
            const onnx = new Uint8Array(await readFile(join(MODELS, "argmax-8-4-2.onnx")));
            const modelDir = join(dir, "hidden");
            const manifest = await compileModel({
                ...{ onnx, name: "hidden", outDir: modelDir, calibration, parameters: "committed" },
            });
            const { graph } = await loadModel(modelDir);
            const { key } = await readCompiledModel({ dir: modelDir });
            const parameters = privateParametersOf(graph) ?? expect.fail("nothing is private");
            const prover = await createProver({ modelDir });

            for (const x of someInputs({ graph, count: 2, seed: 9 })) {
                const input = encodeTensor({ dtype: manifest.inputs[0]?.dtype ?? "", values: x });
                const { proof, signals } = await prover.prove({ input, bind: unboundBind(manifest.vkHash) });
                expect(verifyGroth16({ key, signals, proof })).to.equal(true);
            }
            await prover.close();

            expect(manifest.parameters).to.deep.equal({
                commitment: uintToHex(parametersHash(parameters)),
                count: parameters.values.length,
            });
            expect(vkHashOf(await rebuildKey({ modelDir, onnx }))).to.equal(manifest.vkHash);
        });
    });

    it("have a fresh salt for every compilation: equal weights do not show", async () => {
        const hashes = await Promise.all(
            ["a", "b"].map((name) =>
                inTempDir(async (dir) => {
                    const onnx = new Uint8Array(await readFile(join(MODELS, "argmax-8-4-2.onnx")));
                    const manifest = await compileModel({
                        ...{ onnx, name: "same", outDir: join(dir, name), parameters: "committed" },
                    });
                    return manifest.parameters?.commitment;
                }),
            ),
        );

        expect(hashes).to.not.include(undefined);
        expect(hashes[0]).to.not.equal(hashes[1]);
    });
});
