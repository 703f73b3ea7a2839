import { readFileSync } from "node:fs";
import { isProtocolError } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { readOnnx } from "../../../offchain/compiler/onnx/readOnnx.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { aModel, aRichModel } from "./_models.ts";
import { rawOnnx } from "./_rawOnnx.ts";

const SEED = 20261121;

const BASES: [string, Uint8Array][] = [
    ["a small model", writeOnnx(aModel())],
    ["a model with everything", writeOnnx(aRichModel())],
    ["an exported model", readFileSync(new URL("../../../models/argmax-8-4-2.onnx", import.meta.url))],
];

/** One change to a file; `at` and `length` are taken modulo what is there. */
const mutation = fc.record({
    kind: fc.constantFrom("set", "insert", "remove", "repeat"),
    at: fc.nat(),
    length: fc.integer({ min: 1, max: 40 }),
    // the bytes that lengths, tags and varints are made of come more often
    bytes: fc
        .uint8Array({ minLength: 1, maxLength: 10 })
        .map((bytes) => bytes.map((byte) => (byte > 200 ? 0xff : byte))),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutate({ base, mutations }: { base: Uint8Array; mutations: Mutation[] }): Uint8Array {
    let file = Buffer.from(base);
    for (const { kind, at, length, bytes } of mutations) {
        const start = at % (file.length + 1);
        const end = Math.min(file.length, start + length);
        const head = file.subarray(0, start);
        const change = {
            set: () => [head, bytes, file.subarray(start + bytes.length)],
            insert: () => [head, bytes, file.subarray(start)],
            remove: () => [head, file.subarray(end)],
            repeat: () => [head, file.subarray(start, end), file.subarray(start)],
        };
        file = Buffer.concat(change[kind]());
    }
    return file;
}

/** A valid model, which survives writing and reading, or a typed error. */
function expectModelOrFault(file: Uint8Array): "model" | "fault" {
    try {
        const model = readOnnx(file);
        expect(readOnnx(writeOnnx(model))).to.deep.equal(model);
        return "model";
    } catch (error) {
        if (!isProtocolError(error)) throw error;
        expect(error.code).to.match(/^ONNX_/);
        return "fault";
    }
}

describe("the ONNX reader on mutated files", () => {
    for (const [name, base] of BASES) {
        it(`answers with a model or a typed error: ${name}`, () => {
            const seen = { model: 0, fault: 0 };
            fc.assert(
                fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
                    seen[expectModelOrFault(mutate({ base, mutations }))] += 1;
                }),
                { seed: SEED, numRuns: 4000 },
            );
            // both must occur, or the mutations are too weak or too strong to test anything
            expect(Math.min(seen.model, seen.fault)).to.be.above(20);
        });
    }

    it("answers with a typed error or a model to any bytes", () => {
        fc.assert(
            fc.property(fc.uint8Array({ maxLength: 200 }), (file) => {
                expectModelOrFault(file);
            }),
            { seed: SEED, numRuns: 4000 },
        );
    });

    it("answers with a typed error or a model to any tensor header", () => {
        const payload = fc.record({
            dims: fc.array(fc.oneof(fc.nat(3), fc.integer(), fc.double({ noNaN: true }).map(Math.trunc)), {
                maxLength: 5,
            }),
            dataType: fc.integer({ min: -1, max: 20 }),
            rawData: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
            floatData: fc.array(fc.float(), { maxLength: 3 }),
            int32Data: fc.array(fc.integer(), { maxLength: 3 }),
            int64Data: fc.array(fc.integer(), { maxLength: 3 }),
        });
        fc.assert(
            fc.property(payload, (tensor) => {
                expectModelOrFault(rawOnnx({ graph: { initializer: [{ name: "w", ...tensor }] } }));
            }),
            { seed: SEED, numRuns: 4000 },
        );
    });
});
