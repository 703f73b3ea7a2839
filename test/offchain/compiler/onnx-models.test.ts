import { readFileSync } from "node:fs";
import { expect } from "chai";
import { z } from "zod";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { readOnnx } from "../../../offchain/compiler/onnx/readOnnx.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";

const samplesSchema = z.object({
    samples: z.array(z.object({ input: z.array(z.int()), label: z.int() })),
});
const calibrationSchema = z.object({ input_data: z.array(z.array(z.int())) });

const MODELS = [
    { name: "digits", inputs: 64, max: 16, ops: ["Gemm", "Relu", "Gemm", "ArgMax"], labels: 10 },
    { name: "argmax-8-4-2", inputs: 8, max: 255, ops: ["Gemm", "Relu", "Gemm", "ArgMax"], labels: 2 },
    { name: "linear-784-10", inputs: 784, max: 255, ops: ["Gemm", "ArgMax"], labels: 10 },
];

function file(name: string): Buffer {
    return readFileSync(new URL(`../../../models/${name}`, import.meta.url));
}

describe("committed models", () => {
    for (const { name, inputs, max, ops, labels } of MODELS) {
        describe(name, () => {
            const { samples } = samplesSchema.parse(JSON.parse(file(`${name}.samples.json`).toString()));

            it("is a float classifier with one class index as output", () => {
                const model = readOnnx(file(`${name}.onnx`));

                expect(model.nodes.map(({ op }) => op)).to.deep.equal(ops);
                expect(model.inputs).to.deep.equal([{ name: "input", dtype: DTYPE.FLOAT, shape: [1, inputs] }]);
                expect(model.outputs).to.deep.equal([{ name: "class", dtype: DTYPE.INT64, shape: [1] }]);
            });

            it("comes with samples of every class and with calibration rows, all within the input range", () => {
                const { input_data } = calibrationSchema.parse(JSON.parse(file(`${name}.calibration.json`).toString()));

                expect(new Set(samples.map(({ label }) => label)).size).to.equal(labels);
                for (const row of [...input_data, ...samples.map(({ input }) => input)]) {
                    expect(row).to.have.length(inputs);
                    expect(Math.min(...row)).to.be.at.least(0);
                    expect(Math.max(...row)).to.be.at.most(max);
                }
            });

            it("answers all of its samples right but at most one", async () => {
                const session = await createSession(file(`${name}.onnx`));
                const answers: bigint[][] = [];
                for (const { input } of samples) answers.push(await session.runIntegers(input.map(BigInt)));
                await session.close();

                const right = samples.filter(({ label }, index) => answers[index]?.[0] === BigInt(label));
                expect(samples.length - right.length).to.be.at.most(1);
            });

            it("answers the same after it was read and written", async () => {
                const session = await createSession(writeOnnx(readOnnx(file(`${name}.onnx`))));
                const original = await createSession(file(`${name}.onnx`));
                for (const { input } of samples.slice(0, 3)) {
                    const values = input.map(BigInt);
                    expect(await session.runIntegers(values)).to.deep.equal(await original.runIntegers(values));
                }
                await Promise.all([session.close(), original.close()]);
            });
        });
    }
});
