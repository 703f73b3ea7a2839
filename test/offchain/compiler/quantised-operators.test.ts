import { expect } from "chai";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { fuseQdq } from "../../../offchain/compiler/graph/fuseQdq.ts";
import { importOnnx } from "../../../offchain/compiler/graph/importOnnx.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxModel, OnnxNode, OnnxTensor } from "../../../offchain/compiler/onnx/model.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { quantise } from "../../../offchain/compiler/quantise/quantise.ts";
import { aFloatTensor } from "./_floatModels.ts";
import { createRandom } from "./_integerGraphs.ts";
import { aModel, aNode, aTensor } from "./_models.ts";

type Kind = "uint8" | "int8";
const LIMITS = { uint8: [0, 255], int8: [-128, 127] } as const;

const scalar = (value: number): OnnxTensor => aFloatTensor({ shape: [], values: [value] });
const floats = (values: number[]): OnnxTensor => aFloatTensor({ shape: [values.length], values });
const zero = (type: Kind, value: number): OnnxTensor => aTensor({ type, shape: [], values: [BigInt(value)] });
const integers = ({ type, shape, values }: { type: Kind | "int32"; shape: number[]; values: number[] }) =>
    aTensor({ type, shape, values: values.map(BigInt) });

type Net = { type: Kind; shape: number[]; nodes: OnnxNode[]; constants: Record<string, OnnxTensor>; output: number[] };

function aNet({ type, shape, nodes, constants, output }: Net, outputType: Kind | "int32" = type): OnnxModel {
    const dtypes = { uint8: DTYPE.UINT8, int8: DTYPE.INT8, int32: DTYPE.INT32 };
    return aModel({
        nodes,
        initializers: new Map(Object.entries(constants)),
        inputs: [{ name: "x", dtype: dtypes[type], shape }],
        outputs: [{ name: "y", dtype: dtypes[outputType], shape: output }],
        opset: 13,
    });
}

/** Quantised elements of a type; `bits` 7 keeps weights where no kernel saturates. */
function someIntegers({ seed, count, type, bits = 8 }: { seed: number; count: number; type: Kind; bits?: number }) {
    const random = createRandom(seed);
    const [least, greatest] = LIMITS[type];
    const drop = bits === 8 ? 1 : 2;
    return Array.from({ length: count }, () => random.integer(Math.ceil(least / drop), Math.floor(greatest / drop)));
}

/** Compares the integer graph with onnxruntime on random inputs and on both ends of the range. */
async function expectEqualToRuntime({
    model,
    type,
    count,
    runs,
}: {
    model: OnnxModel;
    type: Kind;
    count: number;
    runs: number;
}) {
    const [min, max] = LIMITS[type];
    const [lo, hi] = [BigInt(min), BigInt(max)];
    const dtype = type === "uint8" ? DTYPE.UINT8 : DTYPE.INT8;
    const format = { dtype, bits: 8, min: lo, max: hi, scaleLog2: 0, zeroPoint: 0n };
    const precision = {
        formats: new Map([["x", format]]),
        weightBits: 8,
        activationScales: new Map(),
        operandBits: 12,
    };
    const interpreter = createInterpreter(analyse(quantise({ graph: importOnnx(fuseQdq(model)), precision })));
    const session = await createSession(writeOnnx(model));
    try {
        for (let run = 0; run < runs; run++) {
            const x =
                run < 2
                    ? new Array<number>(count).fill(LIMITS[type][run] ?? 0)
                    : someIntegers({ seed: run, count, type });
            const values = x.map(BigInt);
            expect(interpreter.run(values)).to.deep.equal(await session.runIntegers(values));
        }
    } finally {
        await session.close();
    }
}

describe("quantised operators", () => {
    const variants: { x: Kind; w: Kind; bits: number }[] = [
        { x: "uint8", w: "uint8", bits: 8 },
        { x: "uint8", w: "int8", bits: 7 },
        { x: "int8", w: "int8", bits: 8 },
    ];

    for (const { x, w, bits } of variants) {
        it(`QLinearMatMul of ${x} by ${w} equals onnxruntime bit for bit`, async () => {
            for (let seed = 1; seed <= 6; seed++) {
                const random = createRandom(seed);
                const [least, greatest] = LIMITS[x];
                const model = aNet({
                    type: x,
                    shape: [1, 12],
                    constants: {
                        xs: scalar(random.integer(1, 999) / 4000),
                        xz: zero(x, random.integer(least, greatest)),
                        w: integers({
                            type: w,
                            shape: [12, 9],
                            values: someIntegers({ seed, count: 108, type: w, bits }),
                        }),
                        ws: scalar(random.integer(1, 999) / 3000),
                        wz: zero(w, w === "int8" ? 0 : random.integer(0, 255)),
                        ys: scalar(random.integer(1, 999) / 300),
                        yz: zero(x, random.integer(least, greatest)),
                    },
                    nodes: [
                        aNode("QLinearMatMul", { inputs: ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"], output: "y" }),
                    ],
                    output: [1, 9],
                });

                await expectEqualToRuntime({ model, type: x, count: 12, runs: 40 });
            }
        });

        it(`QLinearConv of ${x} by ${w} with a scale per channel equals onnxruntime bit for bit`, async () => {
            for (let seed = 1; seed <= 4; seed++) {
                const random = createRandom(100 + seed);
                const [least, greatest] = LIMITS[x];
                const model = aNet({
                    type: x,
                    shape: [1, 2, 6, 5],
                    constants: {
                        xs: scalar(random.integer(1, 999) / 4000),
                        xz: zero(x, random.integer(least, greatest)),
                        w: integers({
                            type: w,
                            shape: [4, 2, 3, 3],
                            values: someIntegers({ seed, count: 72, type: w, bits }),
                        }),
                        ws: w === "int8" ? floats([0.011, 0.5, 0.0031, 0.25]) : scalar(0.017),
                        wz: w === "int8" ? integers({ type: "int8", shape: [4], values: [0, 0, 0, 0] }) : zero(w, 131),
                        ys: scalar(random.integer(1, 999) / 300),
                        yz: zero(x, random.integer(least, greatest)),
                        b: integers({ type: "int32", shape: [4], values: [-900, 0, 77, 4000] }),
                    },
                    nodes: [
                        aNode("QLinearConv", {
                            inputs: ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"],
                            output: "y",
                            attributes: { pads: [1n, 1n, 1n, 0n], strides: [1n, 2n] },
                        }),
                    ],
                    output: [1, 4, 6, 2],
                });

                await expectEqualToRuntime({ model, type: x, count: 60, runs: 25 });
            }
        });
    }

    it("rounds ties to even before the zero point, and saturates", async () => {
        const model = aNet({
            type: "uint8",
            shape: [1, 1],
            constants: {
                xs: scalar(0.5),
                xz: zero("uint8", 100),
                w: integers({ type: "uint8", shape: [1, 3], values: [1, 3, 200] }),
                ws: scalar(1),
                wz: zero("uint8", 0),
                ys: scalar(1),
                yz: zero("uint8", 101),
            },
            nodes: [aNode("QLinearMatMul", { inputs: ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"], output: "y" })],
            output: [1, 3],
        });

        await expectEqualToRuntime({ model, type: "uint8", count: 1, runs: 258 });
    });

    it("ConvInteger and MatMulInteger give onnxruntime's int32", async () => {
        const matrix = aNet(
            {
                type: "uint8",
                shape: [2, 5],
                constants: {
                    w: integers({
                        type: "uint8",
                        shape: [5, 3],
                        values: someIntegers({ seed: 5, count: 15, type: "uint8" }),
                    }),
                    xz: zero("uint8", 12),
                    wz: zero("uint8", 200),
                },
                nodes: [aNode("MatMulInteger", { inputs: ["x", "w", "xz", "wz"], output: "y" })],
                output: [2, 3],
            },
            "int32",
        );
        const conv = aNet(
            {
                type: "uint8",
                shape: [1, 1, 5, 5],
                constants: {
                    w: integers({
                        type: "uint8",
                        shape: [2, 1, 3, 3],
                        values: someIntegers({ seed: 6, count: 18, type: "uint8" }),
                    }),
                    xz: zero("uint8", 7),
                    wz: zero("uint8", 99),
                },
                nodes: [
                    aNode("ConvInteger", {
                        inputs: ["x", "w", "xz", "wz"],
                        output: "y",
                        attributes: { pads: [1n, 1n, 1n, 1n] },
                    }),
                ],
                output: [1, 2, 5, 5],
            },
            "int32",
        );

        await expectEqualToRuntime({ model: matrix, type: "uint8", count: 10, runs: 30 });
        await expectEqualToRuntime({ model: conv, type: "uint8", count: 25, runs: 30 });
    });

    it("QLinearAdd equals onnxruntime, ties included", async () => {
        const scales = [
            [0.0625, 0.03125, 0.125],
            [0.0417, 0.0133, 0.0701],
            [0.0121, 0.0956, 0.1213],
        ] as const;
        for (const [a, b, y] of scales) {
            const model = pairModel({ a, b, y });

            await expectEqualToRuntime({ model, type: "uint8", count: 2 * 4096, runs: 16 });
        }
    });

    it("fuses a QDQ graph into the integers that onnxruntime computes", async () => {
        const model = qdqModel();
        const session = await InferenceSession.create(writeOnnx(model));
        const graph = importOnnx(fuseQdq(model));
        const format = { dtype: DTYPE.UINT8, bits: 8, min: 0n, max: 255n, scaleLog2: 0, zeroPoint: 0n };
        const precision = {
            formats: new Map([["x", format]]),
            weightBits: 8,
            activationScales: new Map(),
            operandBits: 12,
        };
        const interpreter = createInterpreter(analyse(quantise({ graph, precision })));
        try {
            for (let run = 0; run < 200; run++) {
                const levels = someIntegers({ seed: run + 1, count: 36, type: "uint8" });
                const reals = Float32Array.from(levels, (level) => (level - 121) * 0.02);
                const results = await session.run({ x: new Tensor("float32", reals, [1, 1, 6, 6]) });
                const wanted = Array.from(results.y?.data ?? [], Number);
                const integers = interpreter.run(levels.map(BigInt));
                const reals32 = integers.map((value) => Math.fround((Number(value) - 7) * Math.fround(0.3)));
                expect(reals32).to.deep.equal(wanted);
            }
        } finally {
            await session.release();
        }
    });

    it("refuses a scale that depends on the input", () => {
        const dynamic = { ...aNode("DynamicQuantizeLinear", { inputs: ["x"], output: "y" }), outputs: ["y", "s", "z"] };
        const model = aNet({ type: "uint8", shape: [1, 2], constants: {}, nodes: [dynamic], output: [1, 2] });

        expect(() => importOnnx(model))
            .to.throw("static")
            .with.property("code", "MODEL_OP_UNSUPPORTED");
    });
});

/** x of 2 x 4096 integers: the first half plus the second. */
function pairModel({ a, b, y }: { a: number; b: number; y: number }): OnnxModel {
    const constants = {
        as: scalar(a),
        az: zero("uint8", 13),
        bs: scalar(b),
        bz: zero("uint8", 200),
        ys: scalar(y),
        yz: zero("uint8", 66),
        first: aTensor({ type: "int64", shape: [1], values: [0n] }),
        second: aTensor({ type: "int64", shape: [1], values: [1n] }),
    };
    const nodes = [
        aNode("Gather", { inputs: ["x", "first"], output: "left", attributes: { axis: 0n } }),
        aNode("Gather", { inputs: ["x", "second"], output: "right", attributes: { axis: 0n } }),
        {
            ...aNode("QLinearAdd", { inputs: ["left", "as", "az", "right", "bs", "bz", "ys", "yz"], output: "y" }),
            domain: "com.microsoft",
        },
    ];
    const model = aNet({ type: "uint8", shape: [2, 4096], constants, nodes, output: [1, 4096] });
    return { ...model, domains: new Map([["com.microsoft", 1]]) };
}

/** Conv, ReLU, MaxPool and Gemm, each between DequantizeLinear and QuantizeLinear, real at both edges. */
function qdqModel(): OnnxModel {
    const constants = {
        xs: scalar(0.02),
        xz: zero("uint8", 121),
        w: integers({
            type: "int8",
            shape: [3, 1, 3, 3],
            values: someIntegers({ seed: 3, count: 27, type: "int8", bits: 7 }),
        }),
        ws: floats([0.01, 0.02, 0.005]),
        wz: integers({ type: "int8", shape: [3], values: [0, 0, 0] }),
        b: integers({ type: "int32", shape: [3], values: [100, -2000, 5] }),
        bs: floats([0.0002, 0.0004, 0.0001]),
        bz: integers({ type: "int32", shape: [3], values: [0, 0, 0] }),
        cs: scalar(0.04),
        cz: zero("uint8", 0),
        g: integers({
            type: "int8",
            shape: [5, 12],
            values: someIntegers({ seed: 4, count: 60, type: "int8", bits: 7 }),
        }),
        gs: scalar(0.013),
        gz: zero("int8", 0),
        ys: scalar(0.3),
        yz: zero("uint8", 7),
    };
    const q = (from: string, scale: string, output: string) =>
        aNode("QuantizeLinear", { inputs: [from, `${scale}s`, `${scale}z`], output });
    const dq = (from: string, scale: string, output: string) =>
        aNode("DequantizeLinear", { inputs: [from, `${scale}s`, `${scale}z`], output });
    const alongAxis = (node: OnnxNode) =>
        ({ ...node, attributes: new Map([["axis", { type: "int", value: 0n }]]) }) as OnnxNode;
    const nodes = [
        q("x", "x", "x8"),
        dq("x8", "x", "x32"),
        alongAxis(dq("w", "w", "w32")),
        alongAxis(dq("b", "b", "b32")),
        aNode("Conv", { inputs: ["x32", "w32", "b32"], output: "conv" }),
        aNode("Relu", { inputs: ["conv"], output: "relu" }),
        q("relu", "c", "c8"),
        dq("c8", "c", "c32"),
        aNode("MaxPool", {
            inputs: ["c32"],
            output: "pool",
            attributes: { kernel_shape: [2n, 2n], strides: [2n, 2n] },
        }),
        q("pool", "c", "p8"),
        dq("p8", "c", "p32"),
        aNode("Flatten", { inputs: ["p32"], output: "flat" }),
        q("flat", "c", "f8"),
        dq("f8", "c", "f32"),
        dq("g", "g", "g32"),
        aNode("Gemm", { inputs: ["f32", "g32"], output: "gemm", attributes: { transB: 1n } }),
        q("gemm", "y", "y8"),
        dq("y8", "y", "y"),
    ];
    return aModel({
        nodes,
        initializers: new Map(Object.entries(constants)),
        inputs: [{ name: "x", dtype: DTYPE.FLOAT, shape: [1, 1, 6, 6] }],
        outputs: [{ name: "y", dtype: DTYPE.FLOAT, shape: [1, 5] }],
        opset: 13,
    });
}
