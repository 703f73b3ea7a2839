import { expect } from "chai";
import fc from "fast-check";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import { decodeGraph, encodeGraph } from "../../../offchain/compiler/integer/serialise.ts";
import type { IntegerGraph, IntegerNode } from "../../../offchain/compiler/integer/types.ts";

type Draft = IntegerNode extends infer N
    ? N extends IntegerNode
        ? Omit<N, "name" | "inputs" | "output">
        : never
    : never;

/** One node on tensors x and y of `count` elements, x in [min, max] and y in [least, least + 9]. */
function aGraphOf({ node, min, max, least, count, outputs }: Case): IntegerGraph {
    const plain = (size: number) => ({ shape: [size], scaleLog2: 0, zeroPoint: 0n });
    const isBinary = node.op === "product" || node.op === "divide";
    return {
        version: 1,
        inputs: [
            { tensor: "x", min, max },
            { tensor: "y", min: least, max: least + 9n },
        ],
        nodes: [{ name: "node", inputs: isBinary ? ["x", "y"] : ["x"], output: "z", ...node } as IntegerNode],
        outputs: ["z"],
        tensors: new Map([
            ["x", plain(count)],
            ["y", plain(count)],
            ["z", plain(outputs)],
        ]),
    };
}

type Case = { node: Draft; min: bigint; max: bigint; least: bigint; count: number; outputs: number };

const COUNT = 3;
const elementwise = (node: Draft): fc.Arbitrary<Case> =>
    fc.record({ lo: fc.bigInt(-5000n, 5000n), width: fc.bigInt(0n, 400n) }).map(({ lo, width }) => ({
        node,
        min: lo,
        max: lo + width,
        least: 1n,
        count: COUNT,
        outputs: COUNT,
    }));
const within = (node: Draft, outputs: number): fc.Arbitrary<Case> =>
    fc.constant({ node, min: -4n, max: 3n, least: 1n, count: COUNT, outputs });

const kinds: Record<string, fc.Arbitrary<Case>> = {
    relu: elementwise({ op: "relu" }),
    rescale: elementwise({ op: "rescale", shift: 3 }),
    reluRescale: elementwise({ op: "reluRescale", shift: 3 }),
    roundEven: elementwise({ op: "roundEven", shift: 3 }),
    clamp: elementwise({ op: "clamp", min: -17n, max: 40n }),
    "compare with 0": elementwise({ op: "compare", relation: "nonNegative" }),
    "equality with 0": elementwise({ op: "compare", relation: "zero" }),
    product: elementwise({ op: "product" }),
    divide: elementwise({ op: "divide" }),
    squareRoot: fc.bigInt(0n, 10_000n).map((lo) => ({
        node: { op: "squareRoot" },
        min: lo,
        max: lo + 100n,
        least: 1n,
        count: COUNT,
        outputs: COUNT,
    })),
    maximum: fc.array(fc.integer({ min: 0, max: COUNT - 1 }), { minLength: 4, maxLength: 4 }).map((indices) => ({
        node: { op: "maximum", size: 2, indices },
        min: -9n,
        max: 9n,
        least: 1n,
        count: COUNT,
        outputs: 2,
    })),
    table: within(
        {
            op: "table",
            min: -4n,
            columns: [
                [5n, -1n, 0n, 9n, 9n, 2n, 1n, 3n],
                [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n],
            ],
        },
        2 * COUNT,
    ),
    oneHot: within({ op: "oneHot", min: -4n, depth: 8 }, 8 * COUNT),
};

describe("integer kinds", () => {
    for (const [name, cases] of Object.entries(kinds)) {
        it(`${name}: every value lies within its interval, and the graph survives being written`, () => {
            fc.assert(
                fc.property(cases, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (given, stream) => {
                    const graph = decodeGraph(encodeGraph(aGraphOf(given)));
                    const analysis = analyse(graph);
                    const interval = analysis.intervals.get("z");
                    const pick = (min: bigint, max: bigint) =>
                        min + BigInt(Math.floor((stream.next().value as number) * (Number(max - min) + 0.999)));
                    const x = Array.from({ length: COUNT }, () => pick(given.min, given.max));
                    const y = Array.from({ length: COUNT }, () => pick(given.least, given.least + 9n));

                    const z = createInterpreter(analysis).run([...x, ...y]);

                    expect(z).to.have.length(given.outputs);
                    for (const [index, value] of z.entries()) {
                        expect(value >= (interval?.lo[index] ?? 1n)).to.equal(true);
                        expect(value <= (interval?.hi[index] ?? -1n)).to.equal(true);
                    }
                }),
                { seed: 20261121, numRuns: 60 },
            );
        });
    }

    it("agree with their definitions", () => {
        const run = (node: Draft, x: bigint, y = 1n) =>
            createInterpreter(
                analyse(aGraphOf({ node, min: -1000n, max: 1000n, least: 1n, count: 1, outputs: 1 })),
            ).run([x, y])[0];

        for (let x = -1000n; x <= 1000n; x += 1n) {
            const half = Number(x) / 8;
            const nearest = Math.abs(half % 1) === 0.5 ? 2 * Math.round(half / 2) : Math.round(half);
            expect(run({ op: "roundEven", shift: 3 }, x)).to.equal(BigInt(nearest));
            expect(run({ op: "divide" }, x, 7n)).to.equal(BigInt(Math.floor(Number(x) / 7)));
            expect(run({ op: "clamp", min: -5n, max: 6n }, x)).to.equal(BigInt(Math.min(Math.max(Number(x), -5), 6)));
        }
    });

    it("refuse a divisor that may be 0, the root of what may be negative, and an argument that may leave its table", () => {
        const zero = aGraphOf({ node: { op: "divide" }, min: 1n, max: 2n, least: 0n, count: 1, outputs: 1 });
        const table = aGraphOf({
            node: { op: "table", min: 0n, columns: [[1n, 2n]] },
            min: 0n,
            max: 2n,
            least: 1n,
            count: 1,
            outputs: 1,
        });

        const root = aGraphOf({ node: { op: "squareRoot" }, min: -1n, max: 2n, least: 1n, count: 1, outputs: 1 });

        expect(() => analyse(zero))
            .to.throw("its divisor may be 0")
            .with.property("code", "MODEL_DIR_INVALID");
        expect(() => analyse(root))
            .to.throw("may be negative")
            .with.property("code", "MODEL_DIR_INVALID");
        expect(() => analyse(table))
            .to.throw("leaves the table")
            .with.property("code", "MODEL_INTERVAL_OVERFLOW");
    });
});
