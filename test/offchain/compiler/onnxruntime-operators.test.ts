/** Evidence for docs/adr/0001: the other operators of integer models, on the extremes of their types. */
import { expect } from "chai";
import { expectExactOperator, expectNoKernel, type Operand, runOperator } from "./_exact.ts";
import { DTYPE_OF, someIntegers, type TypeName } from "./_models.ts";
import { floorDiv } from "./_reference.ts";

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

/** The edges of 64 bits, of 32 bits and of the float types, and values around zero. */
const EDGES = [0n, 1n, 7n, 255n, 2n ** 24n + 1n, 2n ** 31n - 1n, 2n ** 32n + 1n, 2n ** 53n + 1n, MAX - 1n]
    .flatMap((value) => [value, -value])
    .concat(MAX, MIN, MIN + 1n, someIntegers({ count: 20, min: MIN, max: MAX, seed: 3n }));

/** Every pair of edges. */
const PAIRS = EDGES.flatMap((a) => EDGES.map((b): [bigint, bigint] => [a, b]));

/** The operand that makes a reduction run along axis 1. */
const axisOne: Operand = { type: "int64", shape: [1], values: [1n], constant: true };

function wrap64(value: bigint): bigint {
    return BigInt.asIntN(64, value);
}

function firstOf({ a, b, first }: { a: bigint; b: bigint; first: boolean }): bigint {
    return first ? a : b;
}

function flag(condition: boolean): bigint {
    return condition ? 1n : 0n;
}

const BINARY: {
    op: string;
    of: (a: bigint, b: bigint) => bigint;
    output?: TypeName;
    skip?: (a: bigint, b: bigint) => boolean;
}[] = [
    { op: "Add", of: (a, b) => wrap64(a + b) },
    { op: "Sub", of: (a, b) => wrap64(a - b) },
    { op: "Mul", of: (a, b) => wrap64(a * b) },
    // the hardware traps on 0 and on MIN / -1; divisors of integer models are positive constants
    { op: "Div", of: (a, b) => a / b, skip: (_, b) => b <= 0n },
    { op: "Mod", of: (a, b) => a - b * floorDiv({ value: a, divisor: b }), skip: (_, b) => b <= 0n },
    { op: "Max", of: (a, b) => firstOf({ a, b, first: a > b }) },
    { op: "Min", of: (a, b) => firstOf({ a, b, first: a < b }) },
    { op: "Less", of: (a, b) => flag(a < b), output: "bool" },
    { op: "LessOrEqual", of: (a, b) => flag(a <= b), output: "bool" },
    { op: "Greater", of: (a, b) => flag(a > b), output: "bool" },
    { op: "GreaterOrEqual", of: (a, b) => flag(a >= b), output: "bool" },
    { op: "Equal", of: (a, b) => flag(a === b), output: "bool" },
    { op: "BitwiseAnd", of: (a, b) => wrap64(a & b) },
];

describe("onnxruntime on whole numbers: int64", () => {
    for (const { op, of, output = "int64", skip = () => false } of BINARY) {
        it(`${op} is exact on every pair of edges`, async () => {
            const pairs = PAIRS.filter(([a, b]) => !skip(a, b));
            const shape = [pairs.length];
            await expectExactOperator({
                op,
                opset: 18,
                operands: [
                    { type: "int64", shape, values: pairs.map(([a]) => a) },
                    { type: "int64", shape, values: pairs.map(([, b]) => b) },
                ],
                output: { type: output, shape, values: pairs.map(([a, b]) => of(a, b)) },
            });
        });
    }

    it("Clip is exact", async () => {
        const shape = [EDGES.length];
        const [low, high] = [-(2n ** 40n), 2n ** 55n + 1n];
        const values = EDGES.map((value) => (value < low ? low : value > high ? high : value));
        await expectExactOperator({
            op: "Clip",
            operands: [
                { type: "int64", shape, values: EDGES },
                { type: "int64", shape: [], values: [low], constant: true },
                { type: "int64", shape: [], values: [high], constant: true },
            ],
            output: { type: "int64", shape, values },
        });
    });

    it("Where is exact", async () => {
        const shape = [EDGES.length];
        const chosen = EDGES.map((_, index) => BigInt(index % 2));
        const others = EDGES.toReversed();
        await expectExactOperator({
            op: "Where",
            operands: [
                { type: "bool", shape, values: chosen },
                { type: "int64", shape, values: EDGES },
                { type: "int64", shape, values: others },
            ],
            output: {
                type: "int64",
                shape,
                values: EDGES.map((value, index) => (chosen[index] ? value : (others[index] ?? 0n))),
            },
        });
    });

    for (const [op, value] of [
        ["ReduceMax", 2n ** 60n + 1n],
        ["ReduceMin", -(2n ** 60n) - 1n],
    ] as const) {
        it(`${op} is exact`, async () => {
            const values = [2n ** 60n, -(2n ** 60n) - 1n, 2n ** 60n + 1n, -(2n ** 60n)];
            await expectExactOperator({
                op,
                attributes: { keepdims: 0n },
                operands: [{ type: "int64", shape: [4], values }],
                output: { type: "int64", shape: [], values: [value] },
            });
        });
    }

    for (const [type, limit] of [
        ["float32", 2n ** 24n],
        ["float64", 2n ** 53n],
        ["int64", 2n ** 53n],
    ] as const) {
        it(`ReduceSum of ${type} is exact at its limit`, async () => {
            const part = limit / 40n;
            const values = Array.from({ length: 39 }, () => part).concat(limit - 39n * part);
            await expectExactOperator({
                op: "ReduceSum",
                attributes: { keepdims: 0n },
                operands: [{ type, shape: [2, 40], values: [...values, ...values.map((value) => -value)] }, axisOne],
                output: { type, shape: [2], values: [limit, -limit] },
            });
        });
    }

    it("ReduceSum is computed in float64 and wrong above 2^53; MatMul with ones is exact", async () => {
        const values = [2n ** 60n, 5n, 2n ** 53n + 1n];
        const sum = 2n ** 60n + 2n ** 53n + 6n;
        const operands: Operand[] = [{ type: "int64", shape: [1, 3], values }];
        const output = { type: "int64" as const, shape: [1, 1], values: [sum] };
        expect(await runOperator({ op: "ReduceSum", operands, output })).not.to.deep.equal([sum]);
        const ones: Operand = { type: "int64", shape: [3, 1], values: [1n, 1n, 1n], constant: true };
        await expectExactOperator({ op: "MatMul", operands: [...operands, ones], output });
    });

    it("Pow is computed in float64 and wrong above 2^53", async () => {
        const operands: Operand[] = [
            { type: "int64", shape: [1], values: [3n] },
            { type: "int64", shape: [1], values: [39n] },
        ];
        const output = { type: "int64" as const, shape: [1], values: [] };
        expect(await runOperator({ op: "Pow", operands, output })).not.to.deep.equal([3n ** 39n]);
    });
});

describe("onnxruntime on whole numbers: ArgMax", () => {
    for (const [type, limit] of [
        ["float32", 2n ** 24n],
        ["float64", 2n ** 53n],
        ["int64", MAX],
    ] as const) {
        it(`takes the first greatest ${type}, next to neighbours and on ties`, async () => {
            const rows = [
                [limit - 1n, limit, limit, -limit],
                [-limit, -limit, -limit, -limit],
                [-1n, 0n, 0n, -1n],
                [limit, limit - 1n, limit - 2n, limit],
                [-limit, 1n - limit, -limit, 1n - limit],
            ];
            await expectExactOperator({
                op: "ArgMax",
                attributes: { axis: 1n, keepdims: 0n },
                operands: [{ type, shape: [5, 4], values: rows.flat() }],
                output: { type: "int64", shape: [5], values: [1n, 0n, 1n, 0n, 1n] },
            });
        });
    }
});

describe("onnxruntime on whole numbers: Cast", () => {
    const exactIn = (limit: bigint) => EDGES.filter((value) => value >= -limit && value <= limit).concat(limit, -limit);
    const CASTS: [TypeName, TypeName, bigint[]][] = [
        ["uint8", "float32", [0n, 127n, 128n, 255n]],
        ["uint8", "float64", [0n, 127n, 128n, 255n]],
        ["uint8", "int64", [0n, 127n, 128n, 255n]],
        ["int8", "float32", [-128n, -1n, 0n, 127n]],
        ["int8", "int64", [-128n, -1n, 0n, 127n]],
        ["uint16", "float32", [0n, 65535n]],
        ["int16", "float32", [-32768n, 32767n]],
        ["int32", "float64", [-(2n ** 31n), 2n ** 31n - 1n]],
        ["int32", "int64", [-(2n ** 31n), 2n ** 31n - 1n]],
        ["int64", "float32", exactIn(2n ** 24n)],
        ["int64", "float64", exactIn(2n ** 53n)],
        ["int64", "uint64", EDGES.filter((value) => value >= 0n)],
        ["uint64", "int64", EDGES.filter((value) => value >= 0n)],
        ["float32", "float64", exactIn(2n ** 24n)],
        ["float64", "float32", exactIn(2n ** 24n)],
        ["float32", "int64", exactIn(2n ** 24n).concat(-(2n ** 62n))],
        ["float64", "int64", exactIn(2n ** 53n).concat(-(2n ** 62n))],
        ["float32", "uint8", [0n, 127n, 128n, 255n]],
        ["float64", "uint8", [0n, 127n, 128n, 255n]],
        ["float64", "int32", [-(2n ** 31n), 2n ** 31n - 1n]],
        ["int64", "int32", [-(2n ** 31n), 2n ** 31n - 1n]],
        ["int64", "uint8", [0n, 127n, 128n, 255n]],
    ];
    for (const [from, to, values] of CASTS) {
        it(`is exact from ${from} to ${to}`, () =>
            expectExactOperator({
                op: "Cast",
                attributes: { to: BigInt(DTYPE_OF[to]) },
                operands: [{ type: from, shape: [values.length], values }],
                output: { type: to, shape: [values.length], values },
            }));
    }
});

describe("onnxruntime on whole numbers: other kernels", () => {
    for (const type of ["uint64", "uint32", "uint8"] as const) {
        const bits = { uint64: 64n, uint32: 32n, uint8: 8n }[type];
        const all = 2n ** bits - 1n;
        const values = [0n, 1n, all, all - 1n, all >> 1n, (all >> 1n) + 1n, all, 5n];
        const shifts = [0n, 1n, bits - 1n, 5n, 3n, 7n, 2n, 4n];
        for (const [direction, shifted] of [
            ["RIGHT", values.map((value, index) => value >> (shifts[index] ?? 0n))],
            ["LEFT", values.map((value, index) => BigInt.asUintN(Number(bits), value << (shifts[index] ?? 0n)))],
        ] as const) {
            it(`BitShift ${direction} of ${type} is exact`, () =>
                expectExactOperator({
                    op: "BitShift",
                    attributes: { direction },
                    operands: [
                        { type, shape: [8], values },
                        { type, shape: [8], values: shifts, constant: true },
                    ],
                    output: { type, shape: [8], values: [...shifted] },
                }));
        }
    }

    for (const type of ["uint8", "int8", "float32", "float64"] as const) {
        it(`MaxPool of ${type} is exact`, () =>
            expectExactOperator({
                op: "MaxPool",
                attributes: { kernel_shape: [2n, 2n], strides: [2n, 2n] },
                operands: [{ type, shape: [1, 1, 2, 4], values: [1n, 2n, 0n, 5n, 127n, 3n, 9n, 7n] }],
                output: { type, shape: [1, 1, 1, 2], values: [127n, 9n] },
            }));
    }

    // 255 * 64 * 2 fits 16 bits: the one form of these kernels that is exact on CPUs without VNNI, too
    it("MatMulInteger is exact with 7-bit weights", async () => {
        const x = Array.from({ length: 784 }, () => 255n);
        const w = Array.from({ length: 784 * 2 }, (_, index) => (index % 2 === 0 ? -64n : 63n));
        await expectExactOperator({
            op: "MatMulInteger",
            operands: [
                { type: "uint8", shape: [1, 784], values: x },
                { type: "int8", shape: [784, 2], values: w, constant: true },
            ],
            output: { type: "int32", shape: [1, 2], values: [-64n * 255n * 784n, 63n * 255n * 784n] },
        });
    });

    it("ConvInteger is exact with 7-bit weights", async () => {
        const x = Array.from({ length: 4 * 9 }, () => 255n);
        const w = Array.from({ length: 2 * 4 * 9 }, (_, index) => (index < 36 ? -64n : 63n));
        await expectExactOperator({
            op: "ConvInteger",
            operands: [
                { type: "uint8", shape: [1, 4, 3, 3], values: x },
                { type: "int8", shape: [2, 4, 3, 3], values: w, constant: true },
            ],
            output: { type: "int32", shape: [1, 2, 1, 1], values: [-64n * 255n * 36n, 63n * 255n * 36n] },
        });
    });

    const vector = (type: TypeName) => ({ type, shape: [1, 1], values: [1n] });
    const plane = (type: TypeName) => ({ type, shape: [1, 1, 2, 2], values: [1n, 2n, 3n, 4n] });
    const pooling = { kernel_shape: [2n, 2n] };
    const MISSING = [
        { op: "Conv", type: "float64", operands: [plane("float64"), plane("float64")] },
        { op: "Conv", type: "int64", operands: [plane("int64"), plane("int64")] },
        { op: "Gemm", type: "int64", operands: [vector("int64"), vector("int64")] },
        { op: "Gemm", type: "int32", operands: [vector("int32"), vector("int32")] },
        { op: "Relu", type: "int64", operands: [vector("int64")] },
        { op: "MaxPool", type: "int64", operands: [plane("int64")], attributes: pooling },
        { op: "MaxPool", type: "int32", operands: [plane("int32")], attributes: pooling },
        {
            op: "BitShift",
            type: "int64",
            operands: [vector("int64"), vector("int64")],
            attributes: { direction: "RIGHT" },
        },
    ] as const;
    for (const { op, type, operands, ...rest } of MISSING) {
        it(`${op} of ${type} does not exist`, () =>
            expectNoKernel({ op, operands: [...operands], ...rest, output: { type, shape: [1, 1], values: [] } }));
    }
});
