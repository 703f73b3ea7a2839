import { expect } from "chai";
import fc from "fast-check";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { createInterpreter, interpret } from "../../../offchain/compiler/integer/interpret.ts";
import { reachOf } from "../../../offchain/compiler/integer/ops/linear.ts";
import { decodeGraph, encodeGraph } from "../../../offchain/compiler/integer/serialise.ts";
import type { IntegerGraph } from "../../../offchain/compiler/integer/types.ts";
import { thrownBy } from "./_faults.ts";
import { aGraph, aRandomGraph, type NodeDraft, someInputs } from "./_integerGraphs.ts";

const RUNS = { seed: 20261121, numRuns: 60 };
const aSeed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const someBits = fc.constantFrom(4, 8, 20, 26);

/** One node on the integers -8..7. */
function apply({ node, input, output }: { node: NodeDraft; input: bigint[]; output?: number }): bigint[] {
    const shape = [1, input.length];
    const nodes = [{ node, shape: [1, output ?? input.length] }];
    return interpret(aGraph({ shape, min: -8n, max: 7n, nodes }), input);
}

describe("integer graph", () => {
    describe("interpreter", () => {
        it("applies a dense kernel with its bias", () => {
            const node: NodeDraft = {
                op: "linear",
                kernels: [{ kind: "dense", positions: 1, rows: 2, columns: 3, weights: [1, 2, 3, -1, 0, 1] }],
                bias: [10n, -10n],
            };

            expect(apply({ node, input: [1n, -2n, 3n], output: 2 })).to.deep.equal([16n, -8n]);
        });

        it("adds what several kernels give", () => {
            const graph = aGraph({ shape: [1, 2], min: -8n, max: 7n, nodes: [] });
            graph.nodes.push({
                op: "linear",
                name: "sum",
                inputs: ["x", "x"],
                output: "y",
                kernels: [
                    { kind: "scale", factors: [3, 4] },
                    { kind: "scale", factors: [-1, 1] },
                ],
                bias: [0n, 1n],
            });
            graph.tensors.set("y", { shape: [1, 2], scaleLog2: 0, zeroPoint: 0n });
            graph.outputs.splice(0, 1, "y");

            expect(interpret(graph, [5n, 6n])).to.deep.equal([10n, 31n]);
        });

        it("rounds a rescale towards minus infinity", () => {
            expect(apply({ node: { op: "rescale", shift: 2 }, input: [7n, 4n, 3n, 0n, -1n, -4n, -5n] })).to.deep.equal([
                1n,
                1n,
                0n,
                0n,
                -1n,
                -1n,
                -2n,
            ]);
        });

        it("cuts a ReLU at zero, with and without rescale", () => {
            expect(apply({ node: { op: "relu" }, input: [7n, 0n, -1n] })).to.deep.equal([7n, 0n, 0n]);
            expect(apply({ node: { op: "reluRescale", shift: 1 }, input: [7n, 1n, -1n] })).to.deep.equal([3n, 0n, 0n]);
        });

        it("takes the first of equal greatest elements", () => {
            const node: NodeDraft = { op: "argMax", outer: 1, length: 4, inner: 1 };

            expect(apply({ node, input: [3n, 7n, 7n, -1n], output: 1 })).to.deep.equal([1n]);
        });

        it("takes an arg-max along a middle axis", () => {
            const node: NodeDraft = { op: "argMax", outer: 2, length: 2, inner: 2 };

            expect(apply({ node, input: [1n, 2n, 3n, 0n, 5n, 5n, 5n, 6n], output: 4 })).to.deep.equal([1n, 0n, 0n, 1n]);
        });

        it("refuses an input of another count", () => {
            const graph = aGraph({
                shape: [1, 2],
                min: 0n,
                max: 31n,
                nodes: [{ node: { op: "relu" }, shape: [1, 2] }],
            });

            const fault = thrownBy(() => interpret(graph, [1n]));

            expect(fault.code).to.equal("MODEL_INPUT_SHAPE");
            expect(fault.message).to.contain("takes 2 input elements, got 1.");
        });

        it("refuses an element outside the declared range, by index and value", () => {
            const graph = aGraph({
                shape: [1, 2],
                min: 0n,
                max: 31n,
                nodes: [{ node: { op: "relu" }, shape: [1, 2] }],
            });

            const fault = thrownBy(() => interpret(graph, [31n, 32n]));

            expect(fault.code).to.equal("MODEL_INPUT_RANGE");
            expect(fault.message).to.contain('Element 1 of input "x" is 32, outside 0..31.');
        });
    });

    describe("intervals", () => {
        it("hold every element of every tensor for every input", () => {
            fc.assert(
                fc.property(aSeed, someBits, fc.boolean(), (seed, weightBits, endsInArgMax) => {
                    const graph = aRandomGraph({ seed, weightBits, endsInArgMax });
                    const analysis = analyse(graph);
                    const interpreter = createInterpreter(analysis);
                    for (const input of someInputs({ graph, count: 20, seed })) {
                        for (const [name, values] of interpreter.trace(input)) {
                            const { lo, hi } = analysis.intervals.get(name) ?? { lo: [], hi: [] };
                            for (const [index, value] of values.entries()) {
                                expect(
                                    value >= (lo[index] ?? 0n) && value <= (hi[index] ?? 0n),
                                    `${name}[${index}]`,
                                ).to.equal(true);
                            }
                        }
                    }
                }),
                RUNS,
            );
        });

        it("of a linear node are reached, element by element", () => {
            fc.assert(
                fc.property(aSeed, someBits, (seed, weightBits) => {
                    const { nodes, ...graph } = aRandomGraph({ seed, weightBits, endsInArgMax: false });
                    const first: IntegerGraph = { ...graph, nodes: nodes.slice(0, 1), outputs: ["t0"] };
                    const analysis = analyse(first);
                    const [rows] = analysis.rows.get("t0") ?? [];
                    const { lo, hi } = analysis.intervals.get("t0") ?? { lo: [], hi: [] };
                    const [{ min, max } = { min: 0n, max: 0n }] = first.inputs;
                    for (let output = 0; output < lo.length; output++) {
                        const extreme = (sign: number) => {
                            const input = new Array<bigint>(
                                first.tensors.get("x")?.shape.reduce((a, b) => a * b, 1) ?? 0,
                            ).fill(min);
                            for (let term = rows?.start[output] ?? 0; term < (rows?.start[output + 1] ?? 0); term++) {
                                const isHigh = (rows?.weight[term] ?? 0) * sign > 0;
                                input[rows?.index[term] ?? 0] = isHigh ? max : min;
                            }
                            return createInterpreter(analysis).run(input)[output];
                        };
                        expect(extreme(-1)).to.equal(lo[output]);
                        expect(extreme(1)).to.equal(hi[output]);
                    }
                }),
                RUNS,
            );
        });

        it("narrow an arg-max to the elements that can win", () => {
            const nodes: { node: NodeDraft; shape: number[] }[] = [
                {
                    node: {
                        op: "linear",
                        kernels: [{ kind: "scale", factors: [1, 1, 1, 1] }],
                        bias: [0n, 100n, 105n, 0n],
                    },
                    shape: [1, 4],
                },
                { node: { op: "argMax", outer: 1, length: 4, inner: 1 }, shape: [1] },
            ];
            const { intervals } = analyse(aGraph({ shape: [1, 4], min: 0n, max: 9n, nodes }));

            expect(intervals.get("t1")).to.deep.equal({ lo: [1n], hi: [2n] });
        });
    });

    describe("reach", () => {
        it("is exact on both sides of 2^53", () => {
            for (const weight of [2 ** 52 - 1, 2 ** 52, Number.MAX_SAFE_INTEGER]) {
                const kernels = [{ kind: "scale" as const, factors: [weight] }];
                const node = { op: "linear" as const, name: "n", inputs: ["x"], output: "y", kernels, bias: [-1n] };
                const rows = [{ start: Int32Array.of(0, 1), index: Int32Array.of(0), weight: Float64Array.of(weight) }];

                expect(reachOf({ node, inputs: [{ lo: [-2n], hi: [1n] }], rows })).to.equal(2n * BigInt(weight) + 1n);
            }
        });

        it("makes doubles and BigInts agree where doubles are used", () => {
            fc.assert(
                fc.property(aSeed, (seed) => {
                    const graph = aRandomGraph({ seed, weightBits: 12, endsInArgMax: false });
                    const analysis = analyse(graph);
                    const far = { ...analysis, reach: new Map([...analysis.reach].map(([name]) => [name, 1n << 60n])) };
                    for (const input of someInputs({ graph, count: 5, seed })) {
                        expect(createInterpreter(analysis).run(input)).to.deep.equal(createInterpreter(far).run(input));
                    }
                }),
                RUNS,
            );
        });
    });

    describe("graph.json", () => {
        it("gives the same graph and the same text again", () => {
            fc.assert(
                fc.property(aSeed, someBits, fc.boolean(), (seed, weightBits, endsInArgMax) => {
                    const graph = aRandomGraph({ seed, weightBits, endsInArgMax });

                    const text = encodeGraph(graph);

                    expect(decodeGraph(text)).to.deep.equal(graph);
                    expect(encodeGraph(decodeGraph(text))).to.equal(text);
                }),
                RUNS,
            );
        });

        const relu: NodeDraft = { op: "relu" };
        const aFile = () =>
            JSON.parse(
                encodeGraph(aGraph({ shape: [1, 2], min: 0n, max: 7n, nodes: [{ node: relu, shape: [1, 2] }] })),
            );
        const FAULTS = [
            {
                what: "a truncated file",
                text: () => encodeGraph(aGraph({ shape: [1], min: 0n, max: 1n, nodes: [] })).slice(0, 20),
            },
            { what: "another version", text: () => JSON.stringify({ ...aFile(), version: 2 }) },
            { what: "an unknown member", text: () => JSON.stringify({ ...aFile(), extra: 1 }) },
            {
                what: "an empty input range",
                text: () => JSON.stringify({ ...aFile(), inputs: [{ tensor: "x", min: "1", max: "0" }] }),
            },
            { what: "an output that nothing defines", text: () => JSON.stringify({ ...aFile(), outputs: ["y"] }) },
            {
                what: "sizes that do not fit",
                text: () =>
                    JSON.stringify({
                        ...aFile(),
                        tensors: [
                            ["x", { shape: [1, 2], scaleLog2: 0, zeroPoint: "0" }],
                            ["t0", { shape: [3], scaleLog2: 0, zeroPoint: "0" }],
                        ],
                    }),
            },
            {
                what: "a node that reads itself",
                text: () =>
                    JSON.stringify({ ...aFile(), nodes: [{ op: "relu", name: "n", inputs: ["t0"], output: "t0" }] }),
            },
        ];
        for (const { what, text } of FAULTS) {
            it(`refuses ${what}`, () => {
                expect(thrownBy(() => decodeGraph(text())).code).to.equal("MODEL_DIR_INVALID");
            });
        }
    });
});
