/** Evidence for docs/adr/0001: which CPU kernels of onnxruntime are exact on whole numbers, and which do not exist. */

import { expect } from "chai";
import { convKernel, denseKernel, rescaleKernel } from "../../../offchain/compiler/onnx/exactKernels.ts";
import { chainModel, expectExact, expectExactOperator, type Operand } from "./_exact.ts";
import { aNode, aTensor, DTYPE_OF, someIntegers } from "./_models.ts";
import { type ConvCase, convOf, convSideOf, convTapsOf, floorDiv, matMulOf } from "./_reference.ts";

const LIMITS = { float32: 2n ** 24n, float64: 2n ** 53n, int64: 2n ** 63n - 1n } as const;
const TYPES = ["float32", "float64", "int64"] as const;
type Type = (typeof TYPES)[number];

const SHAPES = [
    { rows: 1, inner: 784, columns: 10 },
    { rows: 7, inner: 64, columns: 33 },
    { rows: 1, inner: 1, columns: 1 },
    { rows: 5, inner: 17, columns: 16 },
];

/** Operands whose bound, |bias| + Σ |weight|·max |input|, is exactly the limit of the type in every column. */
function atTheLimit({ type, inner, inputs, kind }: { type: Type; inner: number; inputs: number; kind: Kind }) {
    const most = type === "float32" ? 255n : 2n ** 20n;
    const weight = LIMITS[type] / (most * BigInt(inner));
    const bias = LIMITS[type] - most * BigInt(inner) * weight;
    const x = {
        largest: () => Array.from({ length: inputs }, () => most),
        smallest: () => Array.from({ length: inputs }, () => -most),
        alternating: () => Array.from({ length: inputs }, (_, index) => (index % 2 === 0 ? most : -most)),
        random: () => someIntegers({ count: inputs, min: -most, max: most, seed: 1n }),
    }[kind]();
    return { x, weight, bias };
}

/** Outputs in turn: all weights positive, all negative (both reach the limit), alternating. */
function signed({ weight, output, tap }: { weight: bigint; output: number; tap: number }): bigint {
    return output % 3 === 1 || (output % 3 === 2 && tap % 2 === 1) ? -weight : weight;
}

const KINDS = ["largest", "smallest", "alternating", "random"] as const;
type Kind = (typeof KINDS)[number];

describe("onnxruntime on whole numbers: dense maps", () => {
    for (const type of TYPES) {
        for (const { rows, inner, columns } of SHAPES) {
            const shape = `${rows}x${inner}x${columns}`;
            const problem = (kind: Kind): { operands: Operand[]; values: bigint[] } => {
                const { x, weight, bias } = atTheLimit({ type, inner, inputs: rows * inner, kind });
                const w = Array.from({ length: inner * columns }, (_, index) =>
                    signed({ weight, output: index % columns, tap: Math.floor(index / columns) }),
                );
                const b = Array.from({ length: columns }, (_, output) => signed({ weight: bias, output, tap: 0 }));
                const operands = [
                    { type, shape: [rows, inner], values: x },
                    { type, shape: [inner, columns], values: w, constant: true },
                    { type, shape: [columns], values: b, constant: true },
                ];
                return { operands, values: matMulOf({ x, w, bias: b, rows, inner, columns }) };
            };

            it(`MatMul and Add of ${type} are exact at the limit: ${shape}`, async () => {
                expect(denseKernel({ bound: LIMITS[type] })?.type).to.equal(type);
                const nodes = [
                    aNode("MatMul", { inputs: ["operand0", "operand1"], output: "product" }),
                    aNode("Add", { inputs: ["product", "operand2"], output: "y" }),
                ];
                for (const { operands, values } of KINDS.map(problem)) {
                    const model = chainModel({ operands, nodes, output: { type, shape: [rows, columns] } });
                    await expectExact(model, { operands, values });
                }
            });

            if (type === "int64") continue;
            it(`Gemm of ${type} is exact at the limit: ${shape}`, async () => {
                for (const { operands, values } of KINDS.map(problem)) {
                    await expectExactOperator({
                        op: "Gemm",
                        operands,
                        output: { type, shape: [rows, columns], values },
                    });
                }
            });
        }
    }

    it("float32 is wrong one above the limit, so the limit is the best", async () => {
        const operands: Operand[] = [
            { type: "float32", shape: [1, 2], values: [4096n, 1n] },
            { type: "float32", shape: [2, 1], values: [4096n, 1n], constant: true },
        ];
        const output = { type: "float32" as const, shape: [1, 1], values: [2n ** 24n] };
        await expectExactOperator({ op: "MatMul", operands, output });
    });
});

const CONVOLUTIONS: ConvCase[] = [
    { channels: 1, size: 28, filters: 6, kernel: 5, groups: 1, pad: 2, stride: 1, dilation: 1 },
    { channels: 16, size: 12, filters: 32, kernel: 3, groups: 1, pad: 1, stride: 1, dilation: 1 },
    { channels: 16, size: 12, filters: 32, kernel: 3, groups: 1, pad: 1, stride: 2, dilation: 1 },
    { channels: 32, size: 9, filters: 32, kernel: 3, groups: 32, pad: 1, stride: 1, dilation: 1 },
    { channels: 32, size: 7, filters: 64, kernel: 1, groups: 1, pad: 0, stride: 1, dilation: 1 },
    { channels: 3, size: 14, filters: 8, kernel: 3, groups: 1, pad: 0, stride: 2, dilation: 2 },
    { channels: 8, size: 10, filters: 16, kernel: 3, groups: 2, pad: 1, stride: 1, dilation: 1 },
];

describe("onnxruntime on whole numbers: convolutions", () => {
    for (const shape of CONVOLUTIONS) {
        const { channels, size, filters, kernel, groups, pad, stride, dilation } = shape;
        const side = convSideOf(shape);
        const inner = (channels / groups) * kernel * kernel;
        const name = `${channels}x${size}x${size}, ${filters} filters ${kernel}x${kernel}, groups ${groups}, pad ${pad}, stride ${stride}, dilation ${dilation}`;
        const problem = ({ type, kind }: { type: Type; kind: Kind }) => {
            const { x, weight, bias } = atTheLimit({ type, inner, inputs: channels * size * size, kind });
            const w = Array.from({ length: filters * inner }, (_, index) =>
                signed({ weight, output: Math.floor(index / inner), tap: index % inner }),
            );
            const b = Array.from({ length: filters }, (_, output) => signed({ weight: bias, output, tap: 0 }));
            return { x, w, b, values: convOf({ shape, x, w, bias: b }) };
        };

        it(`Conv of float32 is exact at the limit: ${name}`, async () => {
            expect(convKernel({ bound: LIMITS.float32 })?.form).to.equal("Conv");
            const attributes = {
                kernel_shape: [BigInt(kernel), BigInt(kernel)],
                pads: [BigInt(pad), BigInt(pad), BigInt(pad), BigInt(pad)],
                strides: [BigInt(stride), BigInt(stride)],
                dilations: [BigInt(dilation), BigInt(dilation)],
                group: BigInt(groups),
            };
            for (const { x, w, b, values } of KINDS.map((kind) => problem({ type: "float32", kind }))) {
                const operands: Operand[] = [
                    { type: "float32", shape: [1, channels, size, size], values: x },
                    { type: "float32", shape: [filters, channels / groups, kernel, kernel], values: w, constant: true },
                    { type: "float32", shape: [filters], values: b, constant: true },
                ];
                const output = { type: "float32" as const, shape: [1, filters, side, side], values };
                await expectExactOperator({ op: "Conv", attributes, operands, output });
            }
        });

        for (const type of groups > 1 ? [] : (["float64", "int64"] as const)) {
            it(`Gather and MatMul of ${type} are exact at the limit: ${name}`, async () => {
                expect(convKernel({ bound: LIMITS[type] })).to.deep.include({ type, form: "GatherMatMul" });
                for (const kind of KINDS) await expectGatherMatMul({ type, shape, ...problem({ type, kind }) });
            });
        }
    }
});

/** Conv as im2col: padding reads a zero appended to x. */
async function expectGatherMatMul(options: {
    type: Type;
    shape: ConvCase;
    x: bigint[];
    w: bigint[];
    b: bigint[];
    values: bigint[];
}): Promise<void> {
    const { type, shape, x, w, b, values } = options;
    const windows = convTapsOf(shape)[0] ?? [];
    const inner = windows[0]?.length ?? 0;
    const taps = Array.from({ length: inner }, (_, tap) => windows.map((window) => BigInt(window[tap] ?? x.length)));
    const nodes = [
        aNode("Concat", { inputs: ["operand0", "zero"], output: "padded", attributes: { axis: 0n } }),
        aNode("Gather", { inputs: ["padded", "taps"], output: "columns", attributes: { axis: 0n } }),
        aNode("MatMul", { inputs: ["w", "columns"], output: "product" }),
        aNode("Add", { inputs: ["product", "b"], output: "y" }),
    ];
    const constants = new Map([
        ["zero", aTensor({ type, shape: [1], values: [0n] })],
        ["taps", aTensor({ type: "int64", shape: [inner, windows.length], values: taps.flat() })],
        ["w", aTensor({ type, shape: [shape.filters, inner], values: w })],
        ["b", aTensor({ type, shape: [shape.filters, 1], values: b })],
    ]);
    const operands: Operand[] = [{ type, shape: [x.length], values: x }];
    const output = { type, shape: [shape.filters, windows.length] };
    await expectExact(chainModel({ operands, nodes, output, constants }), { operands, values });
}

describe("onnxruntime on whole numbers: rescale", () => {
    for (const type of TYPES) {
        for (const shift of [1, 8, 13, 23]) {
            it(`floors by 2^${shift} exactly in ${type}`, async () => {
                const limit = type === "int64" ? 2n ** 62n - 1n : LIMITS[type];
                const step = 2n ** BigInt(shift);
                const edges = [0n, 1n, step - 1n, step, step + 1n, 5n * step, limit - step, limit - 1n, limit];
                const x = [
                    ...edges.flatMap((value) => [value, -value]),
                    ...someIntegers({ count: 100, min: -limit, max: limit, seed: BigInt(shift) }),
                ];
                const kernel = rescaleKernel({ min: -limit, max: limit, shift });
                expect(kernel?.type).to.equal(type);
                const operands: Operand[] = [{ type, shape: [x.length], values: x }];
                const nodes =
                    kernel?.form === "AddDivSub"
                        ? [
                              aNode("Add", { inputs: ["operand0", "offset"], output: "moved" }),
                              aNode("Div", { inputs: ["moved", "step"], output: "quotient" }),
                              aNode("Sub", { inputs: ["quotient", "back"], output: "y" }),
                          ]
                        : [
                              aNode("Mul", { inputs: ["operand0", "factor"], output: "scaled" }),
                              aNode("Floor", { inputs: ["scaled"], output: "y" }),
                          ];
                const offset = kernel?.form === "AddDivSub" ? kernel.offset : 0n;
                const data = type === "float32" ? Float32Array.of(2 ** -shift) : Float64Array.of(2 ** -shift);
                const constants = new Map([
                    ["factor", { dtype: DTYPE_OF[type], shape: [], data }],
                    ["offset", aTensor({ type: "int64", shape: [], values: [offset] })],
                    ["step", aTensor({ type: "int64", shape: [], values: [step] })],
                    ["back", aTensor({ type: "int64", shape: [], values: [offset / step] })],
                ]);
                if (type === "int64") constants.delete("factor");
                const model = chainModel({ operands, nodes, output: { type, shape: [x.length] }, constants });
                const values = x.map((value) => floorDiv({ value, divisor: step }));
                await expectExact(model, { operands, values });
            });
        }
    }
});
