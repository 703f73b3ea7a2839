import { at } from "../../integer/at.ts";
import { countOf, type Kernel } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { constantOf, floatAttribute, intAttribute, stringAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import { numbersAttribute, requiredNumbers, textsAttribute } from "./_lists.ts";
import { createSteps, type Steps } from "./_steps.ts";
import type { Operator, OperatorCall, TensorOperand } from "./operator.ts";

/** ai.onnx.ml Binarizer: 1 above the threshold, else 0. */
export const binarizerOperator: Operator = {
    supported: "ai.onnx.ml Binarizer",
    attributes: ["threshold"],
    translate: (call) => {
        const steps = createSteps(call);
        const bias = -floatAttribute({ call, name: "threshold", fallback: 0 });
        const tensor = steps.combine({ parts: [{ tensor: tensorOf({ call, index: 0 }) }], bias, label: "excess" });
        const draft = { op: "compare", relation: "positive" } as const;
        return steps.finish({ tensor: steps.map({ tensor, draft, label: "bits" }) });
    },
};

/** ai.onnx.ml ArrayFeatureExtractor: columns by constant positions. */
export const arrayFeatureExtractorOperator: Operator = {
    supported: "ai.onnx.ml ArrayFeatureExtractor by constant positions",
    attributes: [],
    translate: (call) => {
        const tensor = tensorOf({ call, index: 0 });
        const columns = [...constantOf({ call, index: 1 }).values];
        const width = tensor.shape.at(-1) ?? 1;
        const stray = columns.find((column) => column < 0 || column >= width);
        if (stray !== undefined) throw unsupportedForm({ call, why: `column ${stray} does not exist, of ${width}` });
        const rows = countOf(tensor.shape) / width;
        const indices = Array.from({ length: rows }, (_, row) => columns.map((column) => row * width + column)).flat();
        const shape = tensor.shape.length <= 1 ? [1, columns.length] : [...tensor.shape.slice(0, -1), columns.length];
        const steps = createSteps(call);
        return steps.finish({ tensor: steps.select({ tensor, indices, shape, label: "columns" }) });
    },
};

/** ai.onnx.ml Imputer of NaN: a NaN is refused as an input, so there is none to replace. */
export const imputerOperator: Operator = {
    supported: "ai.onnx.ml Imputer that replaces NaN",
    attributes: ["imputed_value_floats", "imputed_value_int64s", "replaced_value_float", "replaced_value_int64"],
    translate: (call) => {
        const replaced = call.node.attributes.get("replaced_value_float");
        const replacesNaN = replaced?.type === "float" && Number.isNaN(replaced.value);
        if (!replacesNaN || call.node.attributes.has("replaced_value_int64")) {
            throw unsupportedForm({ call, why: "only a replaced value of NaN is supported" });
        }
        call.note("NaN is refused as an input, not replaced");
        return createSteps(call).finish({ tensor: tensorOf({ call, index: 0 }) });
    },
};

/** ai.onnx.ml Normalizer: each row over its greatest element, the sum of its magnitudes or its length. */
export const normalizerOperator: Operator = {
    supported: "ai.onnx.ml Normalizer by L1, L2, or MAX where the greatest element is positive",
    attributes: ["norm"],
    translate: (call) => {
        const tensor = tensorOf({ call, index: 0 });
        const steps = createSteps(call);
        const norm = stringAttribute({ call, name: "norm", fallback: "MAX" });
        const width = tensor.shape.at(-1) ?? 1;
        const rows = Array.from({ length: countOf(tensor.shape) / width }, (_, row) =>
            Array.from({ length: width }, (_column, column) => row * width + column),
        );
        const size = normOf({ call, steps, tensor, rows, norm });
        const indices = rows.flatMap((row, index) => row.map(() => index));
        const divisor = steps.select({ tensor: size, indices, shape: tensor.shape, label: "norms" });
        const draft = { op: "divide" as const, inputs: [tensor.name, divisor.name] };
        return steps.finish({ tensor: steps.step({ draft, shape: tensor.shape, label: "normalised" }) });
    },
};

type Norm = { call: OperatorCall; steps: Steps; tensor: TensorOperand; rows: number[][]; norm: string };

function normOf({ call, steps, tensor, rows, norm }: Norm): TensorOperand {
    const shape = [rows.length];
    switch (norm) {
        case "MAX":
            return steps.greatest({ tensor, groups: rows, shape, label: "greatest" });
        case "L1": {
            const negated = steps.combine({ parts: [{ tensor, factor: -1 }], label: "negated" });
            const sides = [tensor, negated].map((side) => ({
                tensor: steps.map({ tensor: side, draft: { op: "relu" }, label: "side" }),
            }));
            const magnitudes = steps.combine({ parts: sides, label: "magnitudes" });
            return steps.sums({ tensor: magnitudes, groups: rows, shape, label: "sum" });
        }
        case "L2": {
            const squares = steps.product({ left: tensor, right: tensor, label: "squares" });
            const sum = steps.sums({ tensor: squares, groups: rows, shape, label: "sum" });
            return steps.map({ tensor: sum, draft: { op: "squareRoot" }, label: "length" });
        }
        default:
            throw unsupportedForm({ call, why: `norm is "${norm}"` });
    }
}

/** ai.onnx.ml ZipMap: names beside the scores, which go through as they are. */
export const zipMapOperator: Operator = {
    supported: "ai.onnx.ml ZipMap",
    attributes: ["classlabels_int64s", "classlabels_strings"],
    translate: (call) => {
        const texts = textsAttribute({ call, name: "classlabels_strings" });
        const labels = texts ?? numbersAttribute({ call, name: "classlabels_int64s" }) ?? [];
        call.note(
            `the scores come in the order of the classes ${labels.map((label) => JSON.stringify(label)).join(", ")}`,
        );
        return createSteps(call).finish({ tensor: tensorOf({ call, index: 0 }) });
    },
};

/** ai.onnx.ml LabelEncoder from whole numbers to numbers, or to texts, which stay the numbers that they stand for. */
export const labelEncoderOperator: Operator = {
    supported: "ai.onnx.ml LabelEncoder from int64 keys to int64 or float values, or to texts",
    attributes: [
        ...["keys", "values"].flatMap((side) => ["int64s", "floats", "strings"].map((type) => `${side}_${type}`)),
        ...["int64", "float", "string"].map((type) => `default_${type}`),
    ],
    translate: (call) => {
        const tensor = tensorOf({ call, index: 0 });
        const keys = requiredNumbers({ call, name: "keys_int64s" });
        const texts = textsAttribute({ call, name: "values_strings" });
        if (texts !== undefined) return keepKeys({ call, tensor, keys, texts });
        const values =
            numbersAttribute({ call, name: "values_int64s" }) ??
            requiredNumbers({ call, name: "values_floats", length: keys.length });
        const fallback = call.node.attributes.has("values_int64s")
            ? intAttribute({ call, name: "default_int64", fallback: -1 })
            : floatAttribute({ call, name: "default_float", fallback: 0 });
        return lookUp({ call, tensor, entries: new Map(keys.map((key, index) => [key, at(values, index)])), fallback });
    },
};

type Keeping = { call: OperatorCall; tensor: TensorOperand; keys: number[]; texts: readonly string[] };

function keepKeys({ call, tensor, keys, texts }: Keeping): TensorOperand {
    const meanings = keys.map((key, index) => `${key} is ${JSON.stringify(texts[index] ?? "")}`);
    call.note(`the label is a number: ${meanings.join(", ")}`);
    return createSteps(call).finish({ tensor });
}

type LookingUp = { call: OperatorCall; tensor: TensorOperand; entries: ReadonlyMap<number, number>; fallback: number };

/** One bit for each whole number from the least key to the greatest, weighed with its value. */
function lookUp({ call, tensor, entries, fallback }: LookingUp): TensorOperand {
    const keys = [...entries.keys()];
    const min = keys.reduce((least, key) => Math.min(least, key), keys[0] ?? 0);
    const depth = keys.reduce((greatest, key) => Math.max(greatest, key), min) - min + 1;
    const positions = countOf(tensor.shape);
    requireSize({ what: call.where, elements: positions * depth });
    const steps = createSteps(call);
    const draft = { op: "oneHot" as const, inputs: [tensor.name], min, depth };
    const bits = steps.step({ draft, shape: [positions, depth], label: "keys" });
    const weights = Array.from({ length: depth }, (_, place) => entries.get(min + place) ?? fallback);
    const kernel: Kernel = { kind: "dense", positions, rows: 1, columns: depth, weights };
    return steps.finish({
        tensor: steps.combine({ parts: [{ tensor: bits, kernel }], shape: tensor.shape, label: "values" }),
    });
}
