import { expect } from "chai";
import type { IntegerGraph, IntegerNode } from "../../../offchain/compiler/integer/types.ts";
import { expectAgreement } from "./_agreement.ts";
import { createRandom } from "./_integerGraphs.ts";

type Draft = { node: IntegerNode; shape: number[] };

/** A graph of one input "x" whose last node is the output. */
function graphOf({ count, min, max, nodes }: { count: number; min: bigint; max: bigint; nodes: Draft[] }) {
    const entry = (shape: number[]) => ({ shape, scaleLog2: 0, zeroPoint: 0n });
    const tensors = new Map([["x", entry([1, count])]]);
    for (const { node, shape } of nodes) tensors.set(node.output, entry(shape));
    const graph: IntegerGraph = {
        version: 1,
        inputs: [{ tensor: "x", min, max }],
        nodes: nodes.map(({ node }) => node),
        outputs: [nodes.at(-1)?.node.output ?? "x"],
        tensors,
    };
    return graph;
}

/** Sums over x with random weights, as the operand of what is tested. */
function sums(options: {
    output: string;
    count: number;
    rows: number;
    weight: number;
    bias: bigint;
    seed: number;
}): Draft {
    const { output, count, rows, weight, bias, seed } = options;
    const random = createRandom(seed);
    const weights = Array.from({ length: rows * count }, () => random.integer(-weight, weight));
    return {
        node: {
            op: "linear",
            name: output,
            inputs: ["x"],
            output,
            kernels: [{ kind: "dense", positions: 1, rows, columns: count, weights }],
            bias: new Array<bigint>(rows).fill(bias),
        },
        shape: [1, rows],
    };
}

const base = { count: 3, min: -128n, max: 127n };

describe("integer kinds of two operands", function () {
    this.timeout(20_000);

    for (const weight of [3, 60_000, 2 ** 20]) {
        it(`multiplies alike in interpreter, onnxruntime and circuit, weights to ${weight}`, async () => {
            const left = sums({ output: "a", count: 3, rows: 4, weight, bias: 5n, seed: 1 });
            const right = sums({ output: "b", count: 3, rows: 4, weight, bias: -7n, seed: 2 });
            const product: Draft = {
                node: { op: "product", name: "product", inputs: ["a", "b"], output: "y" },
                shape: [1, 4],
            };

            const { plan } = await expectAgreement({ graph: graphOf({ ...base, nodes: [left, right, product] }) });

            expect(plan.layers.find(({ op }) => op === "product")?.constraints).to.equal(4);
        });
    }

    it("makes a signal of a long factor, once for all products that it is part of", async () => {
        const count = 40; // more terms than a factor may have
        const nodes: Draft[] = [
            sums({ output: "a", count, rows: 1, weight: 3, bias: 5n, seed: 1 }),
            { node: { op: "product", name: "square", inputs: ["a", "a"], output: "s" }, shape: [1, 1] },
            { node: { op: "product", name: "cube", inputs: ["s", "a"], output: "y" }, shape: [1, 1] },
        ];

        const { plan } = await expectAgreement({ graph: graphOf({ count, min: -8n, max: 7n, nodes }) });

        const products = plan.layers.filter(({ op }) => op === "product");
        expect(products.map(({ constraints }) => constraints)).to.deep.equal([2, 1]);
    });

    for (const weight of [3, 2 ** 20, 2 ** 44]) {
        it(`divides alike in interpreter, onnxruntime and circuit, weights to ${weight}`, async () => {
            const dividend = sums({ output: "a", count: 3, rows: 4, weight, bias: 1n, seed: 3 });
            const divisor = sums({ output: "b", count: 3, rows: 4, weight: 2, bias: 1000n, seed: 4 });
            const quotient: Draft = {
                node: { op: "divide", name: "quotient", inputs: ["a", "b"], output: "y" },
                shape: [1, 4],
            };

            await expectAgreement({ graph: graphOf({ ...base, nodes: [dividend, divisor, quotient] }) });
        });
    }

    for (const weight of [1, 2 ** 10, 2 ** 20]) {
        it(`takes square roots alike in interpreter, onnxruntime and circuit, weights to ${weight}`, async () => {
            const nodes: Draft[] = [
                sums({ output: "a", count: 3, rows: 4, weight, bias: 0n, seed: 5 }),
                { node: { op: "product", name: "square", inputs: ["a", "a"], output: "s" }, shape: [1, 4] },
                { node: { op: "squareRoot", name: "root", inputs: ["s"], output: "r" }, shape: [1, 4] },
            ];

            await expectAgreement({ graph: graphOf({ ...base, nodes }) });
        });
    }

    it("takes the greatest of groups alike in interpreter, onnxruntime and circuit", async () => {
        const nodes: Draft[] = [
            sums({ output: "a", count: 3, rows: 5, weight: 9, bias: 0n, seed: 6 }),
            {
                node: {
                    op: "maximum",
                    name: "greatest",
                    inputs: ["a"],
                    output: "y",
                    size: 3,
                    indices: [0, 1, 2, 2, 3, 4, 4, 4, 0],
                },
                shape: [1, 3],
            },
        ];

        await expectAgreement({ graph: graphOf({ ...base, nodes }) });
    });
});
