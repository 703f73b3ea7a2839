import { expect } from "chai";
import { readOnnx } from "../../../offchain/compiler/onnx/readOnnx.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { aModel, aRichModel, DTYPE_OF } from "./_models.ts";
import { aGraphMessage, aTensorMessage, delimitedField, rawOnnx, rawOnnxOfTensor } from "./_rawOnnx.ts";

/** What the initializer of a one-tensor model is read as. */
function readTensorOf(tensor: Record<string, unknown>) {
    return readOnnx(rawOnnxOfTensor(tensor)).initializers.get("w");
}

describe("ONNX files", () => {
    it("are read as they were written", () => {
        expect(readOnnx(writeOnnx(aRichModel()))).to.deep.equal(aRichModel());
        expect(readOnnx(writeOnnx(aModel()))).to.deep.equal(aModel());
    });

    it("have equal bytes when the models are equal, whatever the order of the attributes", () => {
        const rich = aRichModel();
        const nodes = rich.nodes.map((node) => ({ ...node, attributes: new Map([...node.attributes].reverse()) }));

        expect(writeOnnx({ ...rich, nodes })).to.deep.equal(writeOnnx(rich));
    });

    it("may keep tensors in typed fields", () => {
        const none = { rawData: undefined };
        const given = [
            { tensor: { dataType: 1, floatData: [0.5, -1] }, data: Float32Array.of(0.5, -1) },
            { tensor: { dataType: 11, doubleData: [0.1, -1] }, data: Float64Array.of(0.1, -1) },
            { tensor: { dataType: 2, int32Data: [0, 255] }, data: Uint8Array.of(0, 255) },
            { tensor: { dataType: 3, int32Data: [-128, 127] }, data: Int8Array.of(-128, 127) },
            { tensor: { dataType: 4, int32Data: [0, 65535] }, data: Uint16Array.of(0, 65535) },
            { tensor: { dataType: 5, int32Data: [-32768, 1] }, data: Int16Array.of(-32768, 1) },
            { tensor: { dataType: 6, int32Data: [-(2 ** 31), 1] }, data: Int32Array.of(-(2 ** 31), 1) },
            { tensor: { dataType: 7, int64Data: [-1, 2 ** 40] }, data: BigInt64Array.of(-1n, 2n ** 40n) },
            { tensor: { dataType: 9, int32Data: [0, 1] }, data: Uint8Array.of(0, 1) },
            { tensor: { dataType: 12, uint64Data: [0, 2 ** 32 - 1] }, data: Uint32Array.of(0, 2 ** 32 - 1) },
            { tensor: { dataType: 13, uint64Data: [1, 2 ** 53] }, data: BigUint64Array.of(1n, 2n ** 53n) },
        ];
        for (const { tensor, data } of given) {
            const read = readTensorOf({ ...none, ...tensor });
            expect(read).to.deep.equal({ dtype: tensor.dataType, shape: [2], data });
        }
    });

    it("may hold tensors without elements, and scalars", () => {
        expect(readTensorOf({ dims: [0], rawData: undefined })?.data).to.have.length(0);
        expect(readTensorOf({ dims: [], rawData: new Uint8Array(4) })?.shape).to.deep.equal([]);
    });

    it("may hold NaN and infinities: what they mean is for the compiler to say", () => {
        const rawData = new Uint8Array(Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY).buffer);

        expect([...(readTensorOf({ rawData })?.data ?? [])]).to.deep.equal([Number.NaN, Number.NEGATIVE_INFINITY]);
    });

    it("call the default domain by two names", () => {
        const model = readOnnx(rawOnnx({ opsetImport: [{ domain: "ai.onnx", version: 13 }] }));

        expect(model.opset).to.equal(13);
        expect([...model.domains]).to.deep.equal([]);
    });

    it("may list constants among the inputs, as old exporters do", () => {
        const { input, initializer } = aGraphMessage();
        const listed = [...[input].flat(), { name: "w", type: { tensorType: { elemType: 1 } } }];

        expect(
            readOnnx(rawOnnx({ graph: { input: listed, initializer } })).inputs.map(({ name }) => name),
        ).to.deep.equal(["x"]);
    });

    it("may carry fields that we do not know", () => {
        const unknown = delimitedField({ id: 31, payload: Uint8Array.of(1, 2, 3) });
        const metadata = { metadataProps: [{ key: "author", value: "somebody" }] };

        expect(readOnnx(Buffer.concat([rawOnnx(metadata), unknown]))).to.deep.equal(readOnnx(rawOnnx()));
    });

    it("keep names that are special in JavaScript", () => {
        const graph = {
            initializer: [aTensorMessage({ name: "__proto__" })],
            node: [{ opType: "Identity", input: ["__proto__"], output: ["constructor"] }],
            output: [{ name: "constructor", type: { tensorType: { elemType: DTYPE_OF.float32 } } }],
        };

        expect([...readOnnx(rawOnnx({ graph })).initializers.keys()]).to.deep.equal(["__proto__"]);
    });
});
