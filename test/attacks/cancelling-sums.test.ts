import { encodeTensor, publicSignals } from "@assay/protocol";
import { expect } from "chai";
import { buildCircuit } from "../../offchain/compiler/buildCircuit.ts";
import { balanced } from "../../offchain/compiler/circuit/system/field.ts";
import { wireNames } from "../../offchain/compiler/circuit/system/writeSym.ts";
import { analyse } from "../../offchain/compiler/integer/analyse.ts";
import { createInterpreter } from "../../offchain/compiler/integer/interpret.ts";
import { hull } from "../../offchain/compiler/integer/interval.ts";
import { found, type IntegerGraph, type IntegerNode, type Kernel } from "../../offchain/compiler/integer/types.ts";
import { createWitnessCalculator } from "../../offchain/compiler/proving/witness.ts";
import { byteSpec } from "../offchain/compiler/_circuitGraphs.ts";
import { createRandom, type NodeDraft, type Random } from "../offchain/compiler/_integerGraphs.ts";

const BIND = 7n;
const VK_HASH = `0x${"5a".repeat(32)}` as const;
const GRAPHS = 400;
const ZEROS = [0n, 0n, 0n, 0n];

/** Sums over x in [min, max]: x and 2x, each times its factor, and a bias. */
type Sums = { min: bigint; max: bigint; factors: [number, number]; bias: bigint };
type Next = { node: NodeDraft; count: number };

/** x, u = 2x, s = f x + g u + bias, whose interval does not know that x and u go together; then a chain behind s. */
function aGraphOf({ sums: { min, max, factors, bias }, chain }: { sums: Sums; chain: Next[] }): IntegerGraph {
    const scale = (factor: number): Kernel => ({ kind: "scale", factors: [factor, factor] });
    const nodes: IntegerNode[] = [
        { op: "linear", name: "u", inputs: ["x"], output: "u", kernels: [scale(2)], bias: [0n, 0n] },
        {
            ...{ op: "linear", name: "s", inputs: ["x", "u"], output: "s" },
            ...{ kernels: factors.map(scale), bias: [bias, bias] },
        },
    ];
    const tensors = new Map(["x", "u", "s"].map((name) => [name, tensorOf(2)]));
    let last = "s";
    for (const [index, { node, count }] of chain.entries()) {
        const output = `t${index}`;
        nodes.push({ ...node, name: output, inputs: [last], output });
        tensors.set(output, tensorOf(count));
        last = output;
    }
    return { version: 1, inputs: [{ tensor: "x", min, max }], nodes, outputs: [last], tensors };
}

function tensorOf(count: number) {
    return { shape: [count], scaleLog2: 0, zeroPoint: 0n };
}

/** Every input of a graph; fails where the circuit and the interpreter differ, or a signal leaves its bounds. */
function expectAgreement(graph: IntegerGraph): void {
    const [analysis, ioSpec] = [analyse(graph), byteSpec(graph)];
    const { plan, system } = buildCircuit({ analysis, ioSpec, name: "cancelling" });
    const calculator = createWitnessCalculator(system);
    const wires = new Map(wireNames(system).map((name, wire) => [name, wire]));
    const [{ min, max } = expect.fail("no input")] = graph.inputs;
    const values = Array.from({ length: Number(max - min) + 1 }, (_, index) => min + BigInt(index));

    for (const x of values.flatMap((left) => values.map((right) => [left, right]))) {
        const result = createInterpreter(analysis).run(x);
        const input = encodeTensor({ dtype: ioSpec.input.dtype, values: x });
        const output = encodeTensor({ dtype: ioSpec.output.dtype, values: result });
        const signals = publicSignals({ ioSpec, vkHash: VK_HASH, input, output, bind: BIND });
        const { wire } = calculator.calculate({ x, bind: [BIND] });

        expect(signals.map((_, index) => wire(index + 1))).to.deep.equal(signals);
        for (const { array, index, bounds } of plan.signals) {
            const value = balanced(wire(wires.get(`main.${array}[${index}]`) ?? 0));
            expect(value >= bounds.lo && value <= bounds.hi, `${array}[${index}] = ${value}`).to.equal(true);
        }
    }
}

/** One to three nodes behind such sums. */
function aChain({ random, sums }: { random: Random; sums: Sums }): Next[] {
    const chain: Next[] = [];
    for (let length = random.integer(1, 3); length > 0; length--) {
        const graph = aGraphOf({ sums, chain });
        const [name = ""] = graph.outputs;
        const { lo, hi } = hull(found({ map: analyse(graph).intervals, name }));
        const entries = Array.from({ length: Number(hi - lo) + 1 }, () => BigInt(random.integer(-9, 9)));
        const min = lo + BigInt(random.integer(-3, 3));
        const node = random.pick<NodeDraft>([
            { op: "compare", relation: random.pick(["zero", "nonNegative"]) },
            { op: "clamp", min, max: min + random.pick([1n, 3n, 4n, 7n, 15n]) },
            { op: "table", min: lo, columns: [entries] },
            { op: "relu" },
            { op: random.pick(["rescale", "reluRescale", "roundEven"]), shift: random.integer(1, 3) },
            { op: "maximum", size: 2, indices: [0, 1, 1, 1] },
        ]);
        chain.push({ node, count: 2 });
    }
    return chain;
}

describe("attacks on sums in which signals cancel", () => {
    const BITS: Sums = { min: 0n, max: 1n, factors: [1, -1], bias: -1n };
    const HIGH: Sums = { min: 0n, max: 3n, factors: [-1, 1], bias: 9n };
    const cases: { it: string; sums: Sums; chain: Next[] }[] = [
        {
            it: "one that never is 0, though its interval says that it may be, is not said to be",
            sums: BITS,
            chain: [{ node: { op: "compare", relation: "zero" }, count: 2 }],
        },
        {
            it: "one that always lies above a clamp gives its end, and bounds that hold",
            sums: HIGH,
            chain: [
                { node: { op: "clamp", min: -1n, max: 4n }, count: 2 },
                { node: { op: "compare", relation: "nonNegative" }, count: 2 },
            ],
        },
        {
            it: "one that fewer places of a one-hot can be",
            sums: BITS,
            chain: [
                { node: { op: "oneHot", min: -4n, depth: 6 }, count: 12 },
                {
                    node: { op: "linear", kernels: [{ kind: "select", from: 12, indices: [1, 2, 3, 8] }], bias: ZEROS },
                    count: 4,
                },
            ],
        },
        {
            it: "one that is clamped to more than a table holds",
            sums: HIGH,
            chain: [
                { node: { op: "clamp", min: -6n, max: 9n }, count: 2 },
                {
                    node: { op: "table", min: 6n, columns: [[5n, -1n, 7n, 3n]] },
                    count: 2,
                },
            ],
        },
    ];
    for (const { it: title, sums, chain } of cases) {
        it(title, () => {
            expectAgreement(aGraphOf({ sums, chain }));
        });
    }

    it(`${GRAPHS} random ones: circuit and interpreter agree on every input`, () => {
        for (let seed = 1; seed <= GRAPHS; seed++) {
            const random = createRandom(seed);
            const [min, max] = random.pick<[bigint, bigint]>([
                [0n, 1n],
                [0n, 3n],
                [-2n, 1n],
                [-1n, 2n],
            ]);
            const factors = random.pick<[number, number]>([
                [1, -1],
                [-1, 1],
                [2, -1],
                [-4, 1],
                [3, -2],
                [-2, 2],
            ]);
            const sums: Sums = { min, max, factors, bias: BigInt(random.integer(-12, 12)) };

            expectAgreement(aGraphOf({ sums, chain: aChain({ random, sums }) }));
        }
    }).timeout(20_000);
});
