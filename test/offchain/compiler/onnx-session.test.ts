import { expect } from "chai";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { rejection } from "./_faults.ts";
import { aModel, aNode } from "./_models.ts";

/** Two inputs of different types, two outputs. */
const TWO_PORTS = aModel({
    nodes: [
        aNode("Cast", { inputs: ["small"], output: "wide", attributes: { to: BigInt(DTYPE.INT64) } }),
        aNode("Add", { inputs: ["wide", "big"], output: "sum" }),
        aNode("Sub", { inputs: ["wide", "big"], output: "difference" }),
    ],
    initializers: new Map(),
    inputs: [
        { name: "small", dtype: DTYPE.INT8, shape: ["batch", 2] },
        { name: "big", dtype: DTYPE.INT64, shape: [1, 2] },
    ],
    outputs: [
        { name: "sum", dtype: DTYPE.INT64, shape: [1, 2] },
        { name: "difference", dtype: DTYPE.INT64, shape: [1, 2] },
    ],
});

describe("onnxruntime session", () => {
    it("runs on typed arrays", async () => {
        const session = await createSession(writeOnnx(aModel()));

        expect(await session.run([Float32Array.of(1, 2)])).to.deep.equal([Float32Array.of(12, 0)]);
        await session.close();
    });

    it("runs on whole numbers, inputs and outputs in the order of the graph", async () => {
        const session = await createSession(writeOnnx(TWO_PORTS));

        expect(await session.runIntegers([-1n, 127n, 2n ** 62n, 5n])).to.deep.equal([
            2n ** 62n - 1n,
            132n,
            -(2n ** 62n) - 1n,
            122n,
        ]);
        await session.close();
    });

    it("runs on the canonical encoding, big-endian", async () => {
        const session = await createSession(writeOnnx(TWO_PORTS));
        const input = Uint8Array.from([0xff, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2]);

        const output = await session.runBytes(input);

        expect(Buffer.from(output).toString("hex")).to.equal(
            "00000000000000ff0000000000000003fffffffffffffeffffffffffffffffff",
        );
        await session.close();
    });

    it("refuses inputs that do not fit", async () => {
        const session = await createSession(writeOnnx(TWO_PORTS));
        const code = "RUNTIME_INPUT_MISMATCH";

        expect(await rejection(session.runIntegers([1n, 2n, 3n]))).to.include({ code });
        expect(await rejection(session.runIntegers([128n, 0n, 0n, 0n]))).to.include({ code });
        expect(await rejection(session.runIntegers([0n, 0n, 2n ** 63n, 0n]))).to.include({ code });
        expect(await rejection(session.runBytes(new Uint8Array(17)))).to.include({ code });
        expect(await rejection(session.run([Int8Array.of(1, 2)]))).to.include({ code });
        expect(await rejection(session.run([Uint8Array.of(1, 2), BigInt64Array.of(1n, 2n)]))).to.include({ code });
        expect(await rejection(session.run([Int8Array.of(1), BigInt64Array.of(1n, 2n)]))).to.include({ code });
        await session.close();
    });

    it("refuses outputs that are no whole numbers", async () => {
        const nodes = [aNode("Div", { inputs: ["x", "b"], output: "y" })];
        const session = await createSession(writeOnnx(aModel({ nodes })));

        expect(await rejection(session.runIntegers([1n, 2n]))).to.include({ code: "RUNTIME_FAILED" });
        await session.close();
    });

    it("refuses a model that onnxruntime does not load", async () => {
        const nodes = [aNode("NoSuchOperator", { inputs: ["x"], output: "y" })];
        expect(await rejection(createSession(writeOnnx(aModel({ nodes }))))).to.include({
            code: "RUNTIME_MODEL_REFUSED",
        });
    });

    it("refuses a model whose input declares no shape", async () => {
        const inputs = [{ name: "x", dtype: DTYPE.FLOAT, shape: undefined }];
        expect(await rejection(createSession(writeOnnx(aModel({ inputs }))))).to.include({
            code: "RUNTIME_MODEL_REFUSED",
        });
    });

    it("refuses to run after it is closed", async () => {
        const session = await createSession(writeOnnx(aModel()));
        await session.close();
        expect(await rejection(session.run([Float32Array.of(1, 2)]))).to.include({ code: "RUNTIME_FAILED" });
    });
});
