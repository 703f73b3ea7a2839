/** Operators in pieces, by table and on truth values, against onnxruntime: one node each, in several forms. */
import { expect } from "chai";
import { realFunction, turningPoints } from "../../../offchain/compiler/graph/functions.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { caseModel, expectLikeOnnxruntime, type FloatCase } from "./_floatCases.ts";
import { aFloatTensor } from "./_floatModels.ts";

const w = (shape: number[], seed = 3) => aFloatTensor({ shape, seed });
const scalar = (value: number) => aFloatTensor({ shape: [], values: [value] });
const ROW = [1, 6];
const IMAGE = [1, 2, 5, 6];

/** `form: attributes or inputs` of one operator on a row. */
const onRow = (op: string, form: string, rest: Partial<FloatCase> = {}): FloatCase => ({ op, form, x: [ROW], ...rest });
const pool = (form: string, attributes: FloatCase["attributes"] = {}): FloatCase => ({
    op: "MaxPool",
    form,
    x: [IMAGE],
    attributes: { kernel_shape: [2, 3], ...attributes },
});

const CASES: FloatCase[] = [
    onRow("Relu", "a tensor"),
    onRow("LeakyRelu", "the default slope"),
    onRow("LeakyRelu", "another slope", { attributes: { alpha: { float: 0.3 } } }),
    onRow("PRelu", "a slope for each element", { constants: { slope: w([6]) } }),
    { op: "PRelu", form: "a slope for each channel", x: [IMAGE], constants: { slope: w([2, 1, 1]) } },
    onRow("Clip", "both ends as inputs", { constants: { min: scalar(-1), max: scalar(2.5) } }),
    onRow("Clip", "one end", { constants: { max: scalar(1) }, inputs: ["x0", "", "max"] }),
    onRow("Clip", "no end"),
    onRow("Clip", "attributes", { attributes: { min: { float: -0.5 }, max: { float: 0.75 } }, opset: 10 }),
    onRow("HardSigmoid", "the default line"),
    onRow("HardSigmoid", "another line", { attributes: { alpha: { float: 0.5 }, beta: { float: 0.25 } } }),
    onRow("HardSwish", "a tensor"),
    onRow("Abs", "a tensor"),
    onRow("Sign", "a tensor"),
    onRow("ThresholdedRelu", "the default limit"),
    onRow("ThresholdedRelu", "another limit", { attributes: { alpha: { float: 0.25 } } }),
    onRow("Shrink", "a hard one"),
    onRow("Shrink", "a soft one", { attributes: { bias: { float: 1.5 }, lambd: { float: 1.5 } } }),
    onRow("Floor", "a tensor"),
    onRow("Ceil", "a tensor"),
    onRow("Round", "ties among others"),

    {
        op: "Max",
        form: "two tensors that broadcast",
        x: [
            [1, 3, 4],
            [3, 1],
        ],
    },
    { op: "Max", form: "three tensors", x: [ROW, ROW, ROW] },
    onRow("Max", "one number", { constants: { c: scalar(0.5) } }),
    onRow("Max", "numbers", { constants: { c: w([6]) } }),
    onRow("Max", "one operand"),
    { op: "Max", form: "two tensors and numbers", x: [ROW, ROW], constants: { c: w([6]) } },
    { op: "Min", form: "two tensors", x: [ROW, ROW] },
    onRow("Min", "one number", { constants: { c: scalar(-0.5) } }),
    onRow("Min", "numbers before the tensor", { constants: { c: w([6]) }, inputs: ["c", "x0"] }),
    pool("no pads"),
    pool("pads", { pads: [1, 1, 0, 2] }),
    pool("strides and ceil_mode", { strides: [2, 2], ceil_mode: 1 }),
    pool("dilations", { dilations: [2, 1] }),
    pool("SAME_UPPER", { auto_pad: "SAME_UPPER", strides: [2, 2] }),
    pool("SAME_LOWER", { auto_pad: "SAME_LOWER" }),
    { op: "MaxPool", form: "1d", x: [[1, 2, 7]], attributes: { kernel_shape: [3], pads: [1, 1] } },
    { op: "GlobalMaxPool", form: "an image", x: [IMAGE] },
    { op: "ReduceMax", form: "one axis", x: [IMAGE], attributes: { axes: [1] } },
    { op: "ReduceMax", form: "axes that go", x: [IMAGE], attributes: { axes: [-1, 1], keepdims: 0 } },
    { op: "ReduceMin", form: "all axes", x: [IMAGE] },
    {
        op: "ArgMax",
        form: "an axis that goes",
        x: [[1, 3, 4]],
        attributes: { axis: 1, keepdims: 0 },
        dtype: DTYPE.INT64,
    },
    { op: "ArgMax", form: "the last of equal ones", x: [[1, 40]], attributes: { axis: 1, select_last_index: 1 } },
    { op: "ArgMin", form: "an axis", x: [[1, 3, 4]], attributes: { axis: -1 } },
    { op: "ArgMin", form: "the last of equal ones", x: [[1, 40]], attributes: { axis: 1, select_last_index: 1 } },

    ...["Sigmoid", "Tanh", "Exp", "Erf", "Softplus", "Softsign", "Sin", "Cos", "Sinh", "Cosh", "Atan", "Asinh"].map(
        (op) => onRow(op, "a tensor"),
    ),
    onRow("Mish", "a tensor", { opset: 18 }),
    onRow("Elu", "the default", {}),
    onRow("Elu", "another alpha", { attributes: { alpha: { float: 0.5 } } }),
    onRow("Selu", "the default"),
    onRow("Celu", "another alpha", { attributes: { alpha: { float: 2 } } }),
    onRow("Gelu", "exact", { opset: 20 }),
    onRow("Gelu", "by tanh", { opset: 20, attributes: { approximate: "tanh" } }),
];

/** Outputs of another type than their inputs need a cast before they are compared as numbers. */
const TYPED: ReadonlySet<string> = new Set(["ArgMax", "ArgMin"]);

function modelOf(given: FloatCase) {
    const model = caseModel(given);
    if (!TYPED.has(given.op)) return model;
    return {
        ...model,
        inputs: model.inputs.map((input) => ({ ...input, dtype: DTYPE.FLOAT })),
        outputs: model.outputs.map((output) => ({ ...output, dtype: DTYPE.INT64 })),
    };
}

/** A comparison whose truth values are cast to float, so that ends of every model are numbers. */
function truthModel({ op, x, constants = {}, inputs }: Pick<FloatCase, "op" | "x" | "constants" | "inputs">) {
    const model = caseModel({ op, form: "", x, constants, ...(inputs === undefined ? {} : { inputs }) });
    const [node] = model.nodes;
    if (node === undefined) throw new Error("no node");
    const truth = { ...node, outputs: ["truth"] };
    const cast = {
        op: "Cast",
        domain: "",
        name: "cast",
        inputs: ["truth"],
        outputs: ["y0"],
        attributes: new Map([["to", { type: "int" as const, value: BigInt(DTYPE.FLOAT) }]]),
    };
    return { ...model, nodes: [truth, cast] };
}

describe("operators in pieces and by table", () => {
    for (const given of CASES) {
        it(`import ${given.op}: ${given.form}`, async () => {
            await expectLikeOnnxruntime({ model: modelOf(given), runs: 8 });
        });
    }

    for (const op of ["Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal"]) {
        const coarse = aFloatTensor({ shape: [6], values: [-2, -1.5, 0, 0.25, 1, 3] });
        it(`import ${op} of two tensors, and of a number on either side`, async () => {
            await expectLikeOnnxruntime({ model: truthModel({ op, x: [[1, 64], [64]] }) });
            await expectLikeOnnxruntime({ model: truthModel({ op, x: [ROW], constants: { c: coarse } }), runs: 40 });
            await expectLikeOnnxruntime({
                model: truthModel({ op, x: [ROW], constants: { c: coarse }, inputs: ["c", "x0"] }),
                runs: 40,
            });
        });
    }
});

describe("functions of tables", () => {
    it("turn where they are said to turn", () => {
        const range = { lo: -9, hi: 9 };
        for (const name of ["gelu", "geluTanh", "silu", "mish", "sin", "cos", "cosh"]) {
            const fn = { name, parameters: [] };
            const evaluate = realFunction(fn);
            for (const x of turningPoints(fn, range)) {
                const [before, here, after] = [x - 1e-3, x, x + 1e-3].map(evaluate);
                const isExtreme = ((here ?? 0) - (before ?? 0)) * ((here ?? 0) - (after ?? 0)) > 0;
                expect(isExtreme, `${name} at ${x}`).to.equal(true);
            }
        }
    });

    it("turn nowhere else", () => {
        for (const name of [
            "sigmoid",
            "tanh",
            "exp",
            "erf",
            "softplus",
            "softsign",
            "gelu",
            "geluTanh",
            "silu",
            "mish",
            "sin",
        ]) {
            const fn = { name, parameters: [] };
            const evaluate = realFunction(fn);
            const ends = [-9, ...turningPoints(fn, { lo: -9, hi: 9 }), 9];
            for (const [index, lo] of ends.slice(0, -1).entries()) {
                const hi = ends[index + 1] ?? lo;
                const values = Array.from({ length: 200 }, (_, step) => evaluate(lo + ((hi - lo) * step) / 199));
                const moves = values.slice(1).map((value, step) => value - (values[step] ?? 0));
                const isOneWay = moves.every((move) => move >= -1e-12) || moves.every((move) => move <= 1e-12);
                expect(isOneWay, `${name} between ${lo} and ${hi}`).to.equal(true);
            }
        }
    });
});
