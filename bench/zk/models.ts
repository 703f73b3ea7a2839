/** What the rows of the zk suite compile: files of models/, or nets that are generated on the spot. */
import { readFile } from "node:fs/promises";
import { readOnnx } from "@assay/compiler";
import { z } from "zod";
import { generateNet, NET_SHAPES } from "./generated.ts";

const MODELS_DIR = new URL("../../models/", import.meta.url);
const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });

type Source = {
    onnx: () => Promise<Uint8Array>;
    /** Name of the calibration file in models/, without its ending. */
    calibration: string;
};

const fromFile = (file: string): Source => ({
    onnx: async () => new Uint8Array(await readFile(new URL(`${file}.onnx`, MODELS_DIR))),
    calibration: file,
});
/** Generated nets read 28x28 pixels of 0..255, which the upscaled digits are. */
const fromShape = (shape: keyof typeof NET_SHAPES): Source => ({
    onnx: async () => generateNet(NET_SHAPES[shape]),
    calibration: "linear-784-10",
});

const SOURCES: ReadonlyMap<string, Source> = new Map([
    ["digits-mlp", fromFile("digits")],
    ["digits-cnn", fromFile("digits-cnn")],
    ["mlp-784-128-10", fromFile("mlp-784-128-10")],
    ["lenet5", fromFile("lenet5")],
    ["tabular-mlp", fromFile("tabular-mlp")],
    ["gbt-100x4", fromFile("gbt-100x4")],
    ["bench-784-56-10", fromShape("bench-784-56-10")],
    ["bench-28-6-16-10-5", fromShape("bench-28-6-16-10-5")],
    ["bench-lenet-28-6-16-120-84-10", fromShape("bench-lenet-28-6-16-120-84-10")],
]);

/** Names of the rows, in their order. */
export const ROW_NAMES: readonly string[] = [...SOURCES.keys()];

/** A row's model: the ONNX file and its calibration samples. */
export type RowModel = { name: string; onnx: Uint8Array; calibration: number[][] };

/** Reads or generates a row's model. */
export async function loadRowModel(name: string): Promise<RowModel> {
    const source = SOURCES.get(name);
    if (source === undefined) throw new RangeError(`No row is called ${name}.`);
    const text = await readFile(new URL(`${source.calibration}.calibration.json`, MODELS_DIR), "utf8");
    const { input_data: calibration } = calibrationFile.parse(JSON.parse(text));
    return { name, onnx: await source.onnx(), calibration };
}

/** Trained numbers of a model: elements of its constants, and of the lists that trees and regressors keep. */
export function paramsOf(onnx: Uint8Array): number {
    const { initializers, nodes } = readOnnx(onnx);
    const constants = [...initializers.values()].reduce((sum, { data }) => sum + data.length, 0);
    const lists = nodes.flatMap(({ attributes }) => [...attributes.values()]);
    return lists.reduce((sum, { type, value }) => sum + (type === "floats" ? value.length : 0), constants);
}
