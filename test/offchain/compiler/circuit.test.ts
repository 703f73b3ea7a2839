import { encodeTensor, FIELD_ORDER, type IoSpec, isBound, publicSignals } from "@assay/protocol";
import { expect } from "chai";
import { buildCircuit, type Circuit } from "../../../offchain/compiler/buildCircuit.ts";
import { circomText } from "../../../offchain/compiler/circuit/circomText.ts";
import { lower } from "../../../offchain/compiler/circuit/lower.ts";
import { publicCountOf } from "../../../offchain/compiler/circuit/system/r1cs.ts";
import { type Analysis, analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import type { IntegerGraph } from "../../../offchain/compiler/integer/types.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { createWitnessCalculator, WitnessRefused } from "../../../offchain/compiler/proving/witness.ts";
import { ioSpecOf } from "../../../offchain/compiler/quantise/ioSpec.ts";
import { aGraph, aRandomGraph, formatsOf, type NodeDraft, someInputs } from "./_integerGraphs.ts";

const VK_HASH = `0x${"5a".repeat(32)}` as const;
const BIND = 12345678901234567890n;

function specOf(analysis: Analysis): IoSpec {
    const [{ min, max } = { min: 0n, max: 0n }] = analysis.graph.inputs;
    const dtype = min < 0n ? DTYPE.INT8 : DTYPE.UINT8;
    return ioSpecOf({
        analysis,
        formats: formatsOf({
            graph: analysis.graph,
            format: { dtype, bits: 8, min, max, scaleLog2: 0, zeroPoint: 0n },
        }),
    });
}

function build(graph: IntegerGraph): Circuit & { analysis: Analysis; ioSpec: IoSpec } {
    const analysis = analyse(graph);
    const ioSpec = specOf(analysis);
    return { ...buildCircuit({ analysis, ioSpec, name: "test" }), analysis, ioSpec };
}

type Built = ReturnType<typeof build>;

/** Public signals of the witness for an input. */
function signalsOf({ system, ioSpec }: Built, { x, r = 0n }: { x: bigint[]; r?: bigint }): bigint[] {
    const calculator = createWitnessCalculator(system);
    const { wire } = calculator.calculate({ x, bind: [BIND], ...(isBound(ioSpec) ? { r: [r] } : {}) });
    return Array.from({ length: publicCountOf(system.r1cs) }, (_, index) => wire(index + 1));
}

/** Expects the circuit's public signals to be those that the gate rebuilds from the interpreter's tensors. */
function expectInterpreter(built: Built, x: bigint[]): void {
    const { analysis, ioSpec } = built;
    const input = encodeTensor({ dtype: ioSpec.input.dtype, values: x });
    const output = encodeTensor({ dtype: ioSpec.output.dtype, values: createInterpreter(analysis).run(x) });
    const parts = { ioSpec, vkHash: VK_HASH, input, output, bind: BIND };
    if (!isBound(ioSpec)) {
        expect(signalsOf(built, { x })).to.deep.equal(publicSignals(parts));
        return;
    }
    const [c = 0n] = signalsOf(built, { x });
    const expected = publicSignals({ ...parts, c });
    const [, , r = 0n] = expected;
    expect(signalsOf(built, { x, r })).to.deep.equal(expected);
}

const linear = (factors: number[], bias: bigint[]): NodeDraft => ({
    op: "linear",
    kernels: [{ kind: "scale", factors }],
    bias,
});

describe("circuit of a graph", function () {
    this.timeout(60_000); // each test compiles a circuit

    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
        it(`gives the interpreter's output on random graph ${seed}, with the planned number of constraints`, async () => {
            const graph = aRandomGraph({ seed, weightBits: 4, endsInArgMax: seed % 2 === 0 });

            const built = build(graph); // throws CIRCUIT_COUNT_MISMATCH

            for (const x of someInputs({ graph, count: 4, seed })) expectInterpreter(built, x);
        });
    }

    it("binds more than four words, in the gate's order", async () => {
        const count = 130; // 5 input words of bytes
        const dense: NodeDraft = {
            op: "linear",
            kernels: [
                {
                    kind: "dense",
                    positions: 1,
                    rows: 2,
                    columns: count,
                    weights: Array.from({ length: 2 * count }, (_, i) => (i % 7) - 3),
                },
            ],
            bias: [1n, -1n],
        };
        const graph = aGraph({ shape: [1, count], min: -8n, max: 7n, nodes: [{ node: dense, shape: [1, 2] }] });

        const built = build(graph);

        expect(built.plan.binding.isBound).to.equal(true);
        for (const x of someInputs({ graph, count: 2, seed: 1 })) expectInterpreter(built, x);
    });

    it("handles elements that never vary", async () => {
        const nodes = [
            { node: linear([1, 0, 0, 1], [0n, 5n, -5n, -100n]), shape: [1, 4] },
            { node: { op: "relu" } satisfies NodeDraft, shape: [1, 4] }, // copy, 5, 0, 0
            { node: linear([3, 2, 1, 1], [0n, 0n, 7n, 0n]), shape: [1, 4] },
        ];
        const graph = aGraph({ shape: [1, 4], min: 0n, max: 15n, nodes });

        const built = build(graph);

        expect(built.plan.layers.map(({ constraints }) => constraints)).to.deep.equal([16, 0, 0, 0, 1]);
        for (const x of someInputs({ graph, count: 4, seed: 1 })) expectInterpreter(built, x);
    });

    for (const constants of [
        [4n, 5n],
        [0n, 0n],
    ]) {
        it(`starts an arg-max with the constants ${constants}`, async () => {
            const nodes = [
                { node: linear([0, 0, 1, -1], [...constants, 0n, 9n]), shape: [1, 4] },
                { node: { op: "argMax", outer: 1, length: 4, inner: 1 } satisfies NodeDraft, shape: [1] },
            ];
            const graph = aGraph({ shape: [1, 4], min: 0n, max: 15n, nodes });

            const built = build(graph);

            for (const x of someInputs({ graph, count: 8, seed: 1 })) expectInterpreter(built, x);
        });
    }

    it("binds an output that never varies", async () => {
        const dense: NodeDraft = {
            op: "linear",
            kernels: [{ kind: "dense", positions: 1, rows: 1, columns: 130, weights: new Array<number>(130).fill(0) }],
            bias: [-5n],
        };
        const graph = aGraph({ shape: [1, 130], min: 0n, max: 1n, nodes: [{ node: dense, shape: [1, 1] }] });

        const built = build(graph);

        for (const x of someInputs({ graph, count: 1, seed: 1 })) expectInterpreter(built, x);
    });

    it("compares an element with copies of itself in an arg-max", async () => {
        const kernels = [
            { kind: "dense" as const, positions: 1, rows: 4, columns: 2, weights: [1, 0, 0, 1, 1, 0, 0, 1] },
        ];
        const nodes = [
            { node: { op: "linear", kernels, bias: [0n, 0n, 0n, 0n] } satisfies NodeDraft, shape: [1, 4] },
            { node: { op: "argMax", outer: 1, length: 4, inner: 1 } satisfies NodeDraft, shape: [1] },
        ];
        const graph = aGraph({ shape: [1, 2], min: 0n, max: 7n, nodes });

        const built = build(graph);

        for (const x of someInputs({ graph, count: 8, seed: 1 })) expectInterpreter(built, x);
    });

    it("takes several arg-max lines and ties", async () => {
        const node: NodeDraft = { op: "argMax", outer: 2, length: 3, inner: 2 };
        const graph = aGraph({ shape: [2, 3, 2], min: -2n, max: 1n, nodes: [{ node, shape: [2, 2] }] });

        const built = build(graph);

        for (const x of someInputs({ graph, count: 12, seed: 1 })) expectInterpreter(built, x);
    });

    it("has no witness for an element outside its range", async () => {
        const nodes = [{ node: linear([1, 1], [0n, 0n]), shape: [1, 2] }];
        const built = build(aGraph({ shape: [1, 2], min: 0n, max: 31n, nodes }));

        for (const outside of [32n, -1n, FIELD_ORDER - 1n, 1n << 250n]) {
            expect(() => signalsOf(built, { x: [0n, outside] }), `${outside}`).to.throw(WitnessRefused);
        }
    });

    it("is the same, byte for byte, each time", async () => {
        const graph = aRandomGraph({ seed: 3, weightBits: 4, endsInArgMax: true });

        const [first, second] = [build(graph), build(graph)];

        expect(first.source).to.equal(second.source);
        expect(first.r1cs).to.deep.equal(second.r1cs);
    });

    describe("source text", () => {
        const textOf = (nodeName: string, columns = 40) => {
            const kernels = [
                {
                    kind: "dense" as const,
                    positions: 1,
                    rows: 1,
                    columns,
                    weights: Array.from({ length: columns }, (_, i) => i + 1),
                },
            ];
            const graph = aGraph({
                shape: [1, columns],
                min: 0n,
                max: 1n,
                nodes: [{ node: { op: "linear", kernels, bias: [-3n] }, shape: [1, 1] }],
            });
            for (const node of graph.nodes) node.name = nodeName;
            const analysis = analyse(graph);
            const ioSpec = specOf(analysis);
            return circomText({ plan: lower({ analysis, ioSpec }), name: "8x8 digits, v2", root: "../" });
        };

        it("cuts long sums into statements of 16 terms", () => {
            const sums = textOf("fc")
                .split("\n")
                .filter((line) => line.includes("lc +="));

            expect(sums.map((line) => line.split("*").length - 1)).to.deep.equal([16, 16, 8]);
        });

        it("never lets a name out of its comment", () => {
            const text = textOf('fc"\n    x[0] === 0; //\u2028');

            expect(text).to.contain('// linear: fc"?    x[0] === 0; //?; constraints: 0');
            expect(text.split("\n").filter((line) => line.includes("==="))).to.have.length(1);
        });

        it("names the template after the model and includes the library from the given root", () => {
            const text = textOf("fc");

            expect(text).to.contain("component main { public [bind] } = Model8x8DigitsV2();");
            expect(text).to.contain('include "../lib/fixed-point/range-check-bound.circom";');
        });
    });
});
