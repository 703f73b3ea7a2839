import { encodeTensor, publicSignals } from "@assay/protocol";
import { expect } from "chai";
import { buildCircuit } from "../../offchain/compiler/buildCircuit.ts";
import { analyse } from "../../offchain/compiler/integer/analyse.ts";
import { createInterpreter } from "../../offchain/compiler/integer/interpret.ts";
import { DTYPE, type Dtype } from "../../offchain/compiler/onnx/dtypes.ts";
import { createSession } from "../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../offchain/compiler/onnx/writeOnnx.ts";
import { createWitnessCalculator, WitnessRefused } from "../../offchain/compiler/proving/witness.ts";
import { ioSpecOf } from "../../offchain/compiler/quantise/ioSpec.ts";
import { integerModel } from "../../offchain/compiler/runtime/integerModel.ts";
import { aGraph, type NodeDraft } from "../offchain/compiler/_integerGraphs.ts";

const BIND = 7n;
const VK_HASH = `0x${"5a".repeat(32)}` as const;
const BYTE = { dtype: DTYPE.UINT8, bits: 8, min: 0n, max: 255n };
const INT32 = { dtype: DTYPE.INT32, bits: 32, min: -(2n ** 31n), max: 2n ** 31n - 1n };
const WEIGHT = 2 ** 23 - 1;

/** Rows of two weights each, and one bias for each row. */
function dense(weights: [number, number][], bias: bigint[]): { node: NodeDraft; shape: number[] } {
    const kernel = { kind: "dense", positions: 1, rows: bias.length, columns: 2, weights: weights.flat() } as const;
    return { node: { op: "linear", kernels: [kernel], bias }, shape: [1, bias.length] };
}

function each(node: NodeDraft, count: number): { node: NodeDraft; shape: number[] } {
    return { node, shape: [1, count] };
}

function argMax(length: number): { node: NodeDraft; shape: number[] } {
    return { node: { op: "argMax", outer: 1, length, inner: 1 }, shape: [1] };
}

type Range = { dtype: Dtype; bits: number; min: bigint; max: bigint };

const CASES: { it: string; range: Range; nodes: { node: NodeDraft; shape: number[] }[] }[] = [
    {
        it: "sums that nearly leave 63 bits, compared",
        range: INT32,
        nodes: [
            dense(
                [
                    [WEIGHT, -WEIGHT],
                    [WEIGHT, WEIGHT],
                ],
                [0n, 0n],
            ),
            each({ op: "relu" }, 2),
            argMax(2),
        ],
    },
    {
        it: "scores that differ by one beside biases of 2^62",
        range: { ...BYTE, bits: 2, max: 3n },
        nodes: [
            dense(
                [
                    [1, -1],
                    [2, 3],
                    [3, 1],
                ],
                [2n ** 62n, 2n ** 62n, 2n ** 62n - 1n],
            ),
            argMax(3),
        ],
    },
    {
        it: "copies of one signal: the first of equals wins",
        range: { ...BYTE, bits: 2, max: 3n },
        nodes: [
            dense(
                [
                    [1, 0],
                    [0, 1],
                    [1, 0],
                    [0, 1],
                    [1, 1],
                ],
                [0n, 0n, 0n, 0n, -1n],
            ),
            argMax(5),
        ],
    },
    {
        it: "a shift of 62 bits",
        range: BYTE,
        nodes: [
            dense(
                [
                    [1, 1],
                    [1, -1],
                ],
                [2n ** 62n - 1n, 2n ** 62n],
            ),
            each({ op: "rescale", shift: 62 }, 2),
        ],
    },
    {
        it: "negative weights only, and a ReLU that never opens",
        range: BYTE,
        nodes: [
            dense(
                [
                    [-1, -2],
                    [-3, 4],
                ],
                [0n, 0n],
            ),
            each({ op: "reluRescale", shift: 2 }, 2),
        ],
    },
    {
        it: "a range that is no power of two, biases beyond 2^40",
        range: { dtype: DTYPE.INT8, bits: 8, min: -37n, max: 90n },
        nodes: [
            dense(
                [
                    [1, -1],
                    [2, 3],
                ],
                [2n ** 45n, -(2n ** 45n)],
            ),
        ],
    },
];

describe("attacks on odd graphs", function () {
    this.timeout(60_000); // circuits are compiled

    for (const { it: title, range, nodes } of CASES) {
        it(`${title}: interpreter, onnxruntime and circuit agree on every corner, and nothing else has a witness`, async () => {
            const { min, max } = range;
            const analysis = analyse(aGraph({ shape: [1, 2], min, max, nodes }));
            const format = { ...range, scaleLog2: 0, zeroPoint: 0n };
            const formats = new Map(analysis.graph.inputs.map(({ tensor }) => [tensor, format]));
            const ioSpec = ioSpecOf({ analysis, formats });
            const names = { inputs: ["in"], outputs: ["out"] };
            const session = await createSession(writeOnnx(integerModel({ analysis, ioSpec, names })));
            const calculator = createWitnessCalculator(buildCircuit({ analysis, ioSpec, name: "odd" }).system);
            const corners = [min, min + 1n, 0n, (min + max) / 2n, max - 1n, max];

            for (const x of corners.flatMap((left) => corners.map((right) => [left, right]))) {
                const values = createInterpreter(analysis).run(x);
                const input = encodeTensor({ dtype: ioSpec.input.dtype, values: x });
                const output = encodeTensor({ dtype: ioSpec.output.dtype, values });
                const signals = publicSignals({ ioSpec, vkHash: VK_HASH, input, output, bind: BIND });
                const { wire } = calculator.calculate({ x, bind: [BIND] });

                expect(await session.runIntegers(x)).to.deep.equal(values);
                expect(signals.map((_, index) => wire(index + 1))).to.deep.equal(signals);
            }
            for (const outside of [min - 1n, max + 1n]) {
                expect(() => calculator.calculate({ x: [min, outside], bind: [BIND] })).to.throw(WitnessRefused);
            }
            await session.close();
        });
    }
});
