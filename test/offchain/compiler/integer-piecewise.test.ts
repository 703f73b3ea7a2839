import { expect } from "chai";
import fc from "fast-check";
import { expectAgreement } from "./_agreement.ts";
import { aGraph, createRandom, type NodeDraft } from "./_integerGraphs.ts";

type Step = { node: NodeDraft; shape: number[] };

/** x * factor + bias, element by element. */
function affine({ factors, bias }: { factors: number[]; bias: bigint[] }): NodeDraft {
    return { op: "linear", kernels: [{ kind: "scale", factors }], bias };
}

/** A graph of one row whose nodes all keep its shape, on bytes. */
function aRow({
    count,
    min = -128n,
    max = 127n,
    nodes,
}: {
    count: number;
    min?: bigint;
    max?: bigint;
    nodes: NodeDraft[];
}) {
    const steps: Step[] = nodes.map((node) => ({ node, shape: [1, count] }));
    return aGraph({ shape: [1, count], min, max, nodes: steps });
}

/** Constraints of the layers of one operation. */
function costOf(circuit: Awaited<ReturnType<typeof expectAgreement>>, op: string): number {
    return circuit.plan.layers
        .filter((layer) => layer.op === op)
        .reduce((sum, { constraints }) => sum + constraints, 0);
}

function someEntries({ length, span, seed }: { length: number; span: number; seed: number }): bigint[] {
    const random = createRandom(seed);
    return Array.from({ length }, () => BigInt(random.integer(-span, span)));
}

describe("integer kinds in pieces", function () {
    this.timeout(20_000);

    for (const [bits, products] of [
        [4, 5],
        [6, 15],
        [8, 37],
        [10, 83],
    ] as const) {
        it(`looks up tables of ${bits} bits for ${products} products and the bits`, async () => {
            const [min, max] = [-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n];
            const entries = someEntries({ length: 2 ** bits, span: 1000, seed: bits });
            const nodes: NodeDraft[] = [
                affine({ factors: [3], bias: [5n] }),
                { op: "clamp", min, max },
                { op: "table", min, columns: [entries] },
            ];

            const circuit = await expectAgreement({ graph: aRow({ count: 1, nodes }) });

            if (bits <= 8) expect(costOf(circuit, "table")).to.be.at.most(products + 1); // and the choice of the clamp
        });
    }

    for (const [min, max] of [
        [0n, 1n],
        [-1n, 1n],
        [-3n, 7n],
        [5n, 14n],
        [-100n, 27n],
        [-128n, 127n],
    ] as const) {
        it(`looks up a table whose argument lies in ${min}..${max}, two columns of it`, async () => {
            const length = Number(max - min) + 4;
            const columns = [1, 2].map((seed) => someEntries({ length, span: 2 ** 20, seed }));
            const graph = aGraph({
                shape: [1, 3],
                min,
                max,
                nodes: [{ node: { op: "table", min: min - 2n, columns }, shape: [1, 3, 2] }],
            });

            await expectAgreement({ graph });
        });

        it(`marks the place of an index in ${min}..${max}`, async () => {
            const depth = Number(max - min) + 4;
            const graph = aGraph({
                shape: [1, 2],
                min,
                max,
                nodes: [{ node: { op: "oneHot", min: min - 2n, depth }, shape: [1, 2, depth] }],
            });

            await expectAgreement({ graph });
        });
    }

    it("takes n - 1 constraints for one of n places", async () => {
        for (const count of [2n, 3n, 7n, 10n, 16n, 100n]) {
            const node: NodeDraft = { op: "oneHot", min: 0n, depth: Number(count) };
            const graph = aGraph({
                shape: [1, 1],
                min: 0n,
                max: count - 1n,
                nodes: [{ node, shape: [1, Number(count)] }],
            });

            const { plan } = await expectAgreement({ graph, count: 10 });

            const settled = plan.layers.find(({ op }) => op === "oneHot")?.constraints;
            expect(settled, `${count}`).to.be.at.most(Number(count) - 1);
        }
    });

    it("clamps to every kind of range", async () => {
        for (const [min, max] of [
            [0n, 255n], // one block of digits
            [-128n, 127n],
            [0n, 48n],
            [-7n, 19n],
            [-1000n, 3n], // only above
            [3n, 1000n], // only below
            [0n, 63n],
            [64n, 127n],
            [300n, 400n], // hardly ever inside
            [5n, 5n],
        ] as const) {
            const nodes: NodeDraft[] = [affine({ factors: [3, -5, 1], bias: [5n, 7n, 0n] }), { op: "clamp", min, max }];

            await expectAgreement({ graph: aRow({ count: 3, nodes }), seed: Number(max & 0xffn) });
        }
    });

    it("clamps for the bits and at most five constraints", async () => {
        const nodes: NodeDraft[] = [affine({ factors: [3], bias: [5n] }), { op: "clamp", min: -64n, max: 63n }];

        const circuit = await expectAgreement({ graph: aRow({ count: 1, nodes }) });

        expect(costOf(circuit, "clamp")).to.be.at.most(1 + 10 + 3); // the sum, its bits, inside, the choice
    });

    it("needs no value of a clamp that only a table reads", async () => {
        const entries = someEntries({ length: 256, span: 100, seed: 3 });
        const chain: NodeDraft[] = [
            affine({ factors: [801], bias: [512n] }),
            { op: "rescale", shift: 7 },
            { op: "clamp", min: -128n, max: 127n },
            { op: "table", min: -128n, columns: [entries] },
        ];

        const circuit = await expectAgreement({ graph: aRow({ count: 1, nodes: chain }) });

        const bits = 18; // of 102,528 to both sides
        const parts = ["rescale", "clamp", "table"].map((op) => costOf(circuit, op));
        expect(parts).to.deep.equal([1 + bits, 2, 37 + 1]);
    });

    it("compares with zero in one bit", async () => {
        for (const relation of ["nonNegative", "zero"] as const) {
            for (const bias of [0n, 1n, -128n, 127n, 128n, -127n, 300n]) {
                const nodes: NodeDraft[] = [
                    affine({ factors: [1, -1], bias: [bias, -bias] }),
                    { op: "compare", relation },
                ];

                await expectAgreement({ graph: aRow({ count: 2, nodes }), count: 20 });
            }
        }
    });

    it("compares bits with zero for nothing", async () => {
        for (const [min, max] of [
            [0n, 1n],
            [-1n, 0n],
        ] as const) {
            const circuit = await expectAgreement({
                graph: aRow({ count: 1, min, max, nodes: [{ op: "compare", relation: "zero" }] }),
            });

            expect(costOf(circuit, "compare")).to.equal(0);
        }
    });

    it("rounds half to even", async () => {
        for (const shift of [1, 2, 5, 9, 12]) {
            for (const bias of [0n, 1n, -77n, 1n << BigInt(shift - 1)]) {
                const nodes: NodeDraft[] = [
                    affine({ factors: [1, 3, 16], bias: [bias, bias, bias] }),
                    { op: "roundEven", shift },
                ];

                await expectAgreement({ graph: aRow({ count: 3, nodes }), count: 30, seed: shift });
            }
        }
    });

    it("takes a rectifier of digits that are known", async () => {
        const nodes: NodeDraft[] = [affine({ factors: [7], bias: [3n] }), { op: "rescale", shift: 2 }, { op: "relu" }];

        const circuit = await expectAgreement({ graph: aRow({ count: 1, nodes }) });

        expect(costOf(circuit, "relu")).to.equal(1);
    });

    it("agrees on chains at random", async () => {
        const draft = fc.oneof(
            fc.record({ op: fc.constant("rescale" as const), shift: fc.integer({ min: 1, max: 9 }) }),
            fc.record({ op: fc.constant("roundEven" as const), shift: fc.integer({ min: 1, max: 9 }) }),
            fc.record({ op: fc.constant("reluRescale" as const), shift: fc.integer({ min: 1, max: 9 }) }),
            fc.record({ op: fc.constant("relu" as const) }),
            fc
                .tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: 0, max: 300 }))
                .map(([min, span]) => ({ op: "clamp" as const, min: BigInt(min), max: BigInt(min + span) })),
            fc
                .tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: 0, max: 8 }))
                .map(([min, bits]) => ({ op: "clamp" as const, min: BigInt(min), max: BigInt(min + 2 ** bits - 1) })),
            fc.record({
                op: fc.constant("compare" as const),
                relation: fc.constantFrom("nonNegative" as const, "zero" as const),
            }),
        );
        const sums = fc
            .array(fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -500, max: 500 })), {
                minLength: 2,
                maxLength: 2,
            })
            .map((pairs) =>
                affine({ factors: pairs.map(([factor]) => factor), bias: pairs.map(([, bias]) => BigInt(bias)) }),
            );
        const chains = fc.array(fc.oneof(draft, draft, sums), { minLength: 1, maxLength: 6 });

        await fc.assert(
            fc.asyncProperty(chains, sums, async (chain, first) => {
                await expectAgreement({ graph: aRow({ count: 2, nodes: [first, ...chain] }), count: 6 });
            }),
            { numRuns: 60 },
        );
    });
});
