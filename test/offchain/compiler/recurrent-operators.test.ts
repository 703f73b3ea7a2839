import { isProtocolError } from "@assay/protocol";
import { expect } from "chai";
import { createFloatEvaluator } from "../../../offchain/compiler/graph/evaluate.ts";
import { at } from "../../../offchain/compiler/integer/at.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxModel, OnnxNode, OnnxTensor } from "../../../offchain/compiler/onnx/model.ts";
import { readModel } from "../../../offchain/compiler/readModel.ts";
import { expectFloat } from "./_floatAgreement.ts";
import { aFloatModel, aFloatTensor, withFloats } from "./_floatModels.ts";
import { aNode } from "./_models.ts";

const GATES = { RNN: 1, GRU: 3, LSTM: 4 } as const;
const [INPUTS, SIZE] = [2, 2];

type Recurrent = {
    op: keyof typeof GATES;
    title: string;
    directions?: 1 | 2;
    times?: number;
    batch?: number;
    isBatchFirst?: boolean;
    /** Which of Y, Y_h and Y_c. */
    output?: 0 | 1 | 2;
    attributes?: Record<string, bigint | string>;
    floats?: Record<string, number>;
    lists?: { activations?: string[]; activation_alpha?: number[]; activation_beta?: number[] };
    inputs?: string[];
    constants?: Record<string, OnnxTensor>;
    tolerance?: number;
};

function modelOf(given: Recurrent): OnnxModel {
    const { op, directions = 1, times = 2, batch = 1, isBatchFirst = false, output = 0 } = given;
    const { attributes = {}, floats = {}, lists = {}, inputs = [], constants = {} } = given;
    const rows = GATES[op] * SIZE;
    const weights = {
        w: aFloatTensor({ shape: [directions, rows, INPUTS], seed: 5 }),
        r: aFloatTensor({ shape: [directions, rows, SIZE], seed: 6 }),
        b: aFloatTensor({ shape: [directions, 2 * rows], seed: 7 }),
    };
    const every = isBatchFirst ? [batch, times, directions, SIZE] : [times, directions, batch, SIZE];
    const last = isBatchFirst ? [batch, directions, SIZE] : [directions, batch, SIZE];
    const all = { hidden_size: BigInt(SIZE), layout: isBatchFirst ? 1n : 0n, ...attributes };
    const plain = aNode(op, { inputs: ["x", "w", "r", "b", ...inputs], output: "y", attributes: all });
    const node = withLists({ node: withFloats(plain, floats), lists });
    return aFloatModel({
        input: isBatchFirst ? [batch, times, INPUTS] : [times, batch, INPUTS],
        output: output === 0 ? every : last,
        nodes: [{ ...node, outputs: [...new Array<string>(output).fill(""), "y"] }],
        constants: { ...weights, ...constants },
        opset: 14,
    });
}

type Lists = NonNullable<Recurrent["lists"]>;

function withLists({ node, lists }: { node: OnnxNode; lists: Lists }): OnnxNode {
    const attributes = new Map(node.attributes);
    const { activations, ...numbers } = lists;
    if (activations !== undefined) attributes.set("activations", { type: "strings", value: activations });
    for (const [name, value] of Object.entries(numbers)) attributes.set(name, { type: "floats", value });
    return { ...node, attributes };
}

function lengths(values: number[]): OnnxTensor {
    return { dtype: DTYPE.INT32, shape: [values.length], data: Int32Array.from(values) };
}

const states = (directions: number, batch: number) => ({
    h0: aFloatTensor({ shape: [directions, batch, SIZE], seed: 8 }),
    c0: aFloatTensor({ shape: [directions, batch, SIZE], seed: 9 }),
});

const CASES: Recurrent[] = [
    { op: "RNN", title: "forward" },
    { op: "RNN", title: "in reverse, last state", output: 1, attributes: { direction: "reverse" } },
    {
        op: "RNN",
        title: "in both directions with Relu and a scaled tanh, clipped",
        directions: 2,
        attributes: { direction: "bidirectional" },
        floats: { clip: 0.9 },
        tolerance: 0.4,
        lists: { activations: ["Relu", "ScaledTanh"], activation_alpha: [0.5], activation_beta: [1.5] },
    },
    { op: "GRU", title: "forward" },
    {
        op: "GRU",
        title: "in both directions, reset after the weights, from an initial state",
        directions: 2,
        attributes: { direction: "bidirectional", linear_before_reset: 1n },
        inputs: ["", "h0"],
        constants: states(2, 1),
    },
    { op: "GRU", title: "reset after the weights, from nothing", attributes: { linear_before_reset: 1n }, times: 1 },
    { op: "LSTM", title: "forward", times: 3 },
    {
        op: "LSTM",
        title: "two samples of different lengths, with peepholes and initial states: cells",
        batch: 2,
        output: 2,
        floats: { clip: 0.8 },
        inputs: ["len", "h0", "c0", "p"],
        constants: { len: lengths([2, 1]), ...states(1, 2), p: aFloatTensor({ shape: [1, 3 * SIZE], seed: 10 }) },
    },
    {
        op: "LSTM",
        title: "two samples of different lengths in reverse: every state",
        batch: 2,
        attributes: { direction: "reverse" },
        inputs: ["len"],
        constants: { len: lengths([1, 2]) },
    },
    {
        op: "LSTM",
        title: "other functions, coupled gates: last state",
        output: 1,
        attributes: { input_forget: 1n },
        lists: {
            activations: ["HardSigmoid", "LeakyRelu", "Softsign"],
            activation_alpha: [0.25, 0.1],
            activation_beta: [0.4],
        },
    },
];

describe("recurrent operators", function () {
    this.timeout(20_000);

    for (const { title, tolerance = 0.2, ...network } of CASES) {
        it(`${network.op} ${title}`, async () => {
            await expectFloat({ model: modelOf({ title, ...network }), tolerance, bits: 8 });
        });
    }

    for (const output of [0, 1] as const) {
        it(`read the batch first when the layout says so, and give output ${output} the same way`, () => {
            // onnxruntime refuses this layout on the CPU, so it is compared with the other one
            const [times, batch] = [3, 2];
            const run = (isBatchFirst: boolean, sample: number[]) => {
                const graph = readModel(modelOf({ op: "LSTM", title: "", isBatchFirst, times, batch, output }));
                return [...(createFloatEvaluator(graph).trace(sample).get("y") ?? [])];
            };
            const sample = Array.from({ length: times * batch * INPUTS }, (_, index) => Math.sin(index));
            const swapped = ({ values, size, first }: { values: number[]; size: number; first: number }) =>
                values.map((_, index) => {
                    const [row, element] = [Math.floor(index / size), index % size];
                    const second = values.length / size / first;
                    return at(values, ((row % first) * second + Math.floor(row / first)) * size + element);
                });

            const batchFirst = run(true, swapped({ values: sample, size: INPUTS, first: times }));

            const rows = output === 0 ? times : 1;
            expect(batchFirst).to.deep.equal(swapped({ values: run(false, sample), size: SIZE, first: rows }));
        });
    }

    it("refuse an activation that is not known, and name those that are", () => {
        const model = modelOf({ op: "RNN", title: "", lists: { activations: ["Sine"] } });

        expect(() => readModel(model)).to.throw(/activation Sine is not supported; .*sigmoid, tanh/);
        try {
            readModel(model);
        } catch (error) {
            expect(isProtocolError(error, "MODEL_OP_FORM_UNSUPPORTED")).to.equal(true);
        }
    });

    it("refuse weights of another size", () => {
        const model = modelOf({ op: "GRU", title: "", constants: { r: aFloatTensor({ shape: [1, 5, SIZE] }) } });

        expect(() => readModel(model)).to.throw(/GRU.*input 2 is \[1, 5, 2\], not \[1, 6, 2\]/);
    });
});
