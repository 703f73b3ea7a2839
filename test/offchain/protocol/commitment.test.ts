import { readFileSync } from "node:fs";
import {
    bytesToHex,
    commitmentOf,
    decodeIoSpec,
    dtypeOf,
    FIELD_ORDER,
    hexToBytes,
    isCommitment,
    keccak256,
    poseidon16,
    poseidonChain,
    type Side,
    saltFrom,
    sealSide,
    toHex,
    uintToHex,
    wordsOf,
} from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { z } from "zod";
import { chainOf, poseidon16 as poseidonOfCircomlib } from "../../support/poseidon.ts";
import { expectError } from "./_expect.ts";

const element = fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n });
const hex = z.string().transform((text) => toHex(text));
const vectors = z.object({
    committed: z.array(
        z.object({
            ioSpec: hex,
            input: hex,
            output: hex,
            inputSalt: hex.optional(),
            inputHash: hex.optional(),
            outputSalt: hex.optional(),
            outputHash: hex.optional(),
        }),
    ),
});

function aSide(changes: Partial<Side> = {}): Side {
    return { dtype: dtypeOf("int8").onnx, bits: 8, committed: true, count: 40, ...changes };
}

describe("poseidon16", () => {
    it("equals the published hash of 1 to 16", () => {
        expect(poseidon16(Array.from({ length: 16 }, (_, i) => BigInt(i + 1)))).to.equal(
            9989051620750914585850546081941653841776809718687451684622678807385399211877n,
        );
    });

    it("equals Poseidon with circomlib's constants, on edges and at random", () => {
        for (const value of [0n, 1n, FIELD_ORDER - 1n]) {
            const inputs = new Array<bigint>(16).fill(value);
            expect(poseidon16(inputs)).to.equal(poseidonOfCircomlib(inputs));
        }
        fc.assert(
            fc.property(fc.array(element, { minLength: 16, maxLength: 16 }), (inputs) => {
                expect(poseidon16(inputs)).to.equal(poseidonOfCircomlib(inputs));
            }),
            { numRuns: 10 },
        );
    });

    it("refuses anything but 16 field elements", () => {
        expectError(() => poseidon16(new Array<bigint>(15).fill(0n)), "SIGNALS_INVALID");
        expectError(() => poseidon16(new Array<bigint>(16).fill(FIELD_ORDER)), "SIGNALS_INVALID");
        expectError(() => poseidon16(new Array<bigint>(16).fill(-1n)), "SIGNALS_INVALID");
    });
});

describe("a commitment", () => {
    it("is the chain over the words that starts with the salt", () => {
        fc.assert(
            fc.property(fc.uint8Array({ minLength: 1, maxLength: 1000 }), element, (bytes, salt) => {
                const side = aSide({ count: bytes.length });
                const words = wordsOf({ dtype: "int8", bytes });

                const hash = commitmentOf({ side, opening: { bytes, salt: uintToHex(salt) } });

                expect(BigInt(hash)).to.equal(chainOf({ words, start: salt }));
                expect(poseidonChain({ words, start: salt })).to.equal(BigInt(hash));
                expect(isCommitment(hash)).to.equal(true);
            }),
            { numRuns: 5 },
        );
    });

    it("is that of the golden vectors", () => {
        const { committed } = vectors.parse(JSON.parse(readFileSync("test/vectors/words.json", "utf8")));

        for (const { ioSpec, input, output, inputSalt, inputHash, outputSalt, outputHash } of committed) {
            const spec = decodeIoSpec(BigInt(ioSpec));
            for (const [side, bytes, salt, hash] of [
                [spec.input, input, inputSalt, inputHash],
                [spec.output, output, outputSalt, outputHash],
            ] as const) {
                expect(side.committed).to.equal(salt !== undefined);
                if (salt === undefined) continue;
                expect(commitmentOf({ side, opening: { bytes: hexToBytes(bytes), salt } })).to.equal(hash);
            }
        }
    });

    it("changes with every byte and with the salt", () => {
        const bytes = new Uint8Array(40);
        const salt = uintToHex(7n);
        const all = [
            commitmentOf({ side: aSide(), opening: { bytes, salt } }),
            commitmentOf({ side: aSide(), opening: { bytes, salt: uintToHex(8n) } }),
            ...[0, 30, 31, 39].map((i) => commitmentOf({ side: aSide(), opening: { bytes: bytes.with(i, 1), salt } })),
        ];

        expect(new Set(all).size).to.equal(all.length);
    });

    it("seals a committed side and shows a public one", () => {
        const bytes = new Uint8Array(40).fill(3);
        const salt = saltFrom(new Uint8Array(31).fill(255));
        const open = aSide({ committed: false });

        expect(isCommitment(salt)).to.equal(true);
        expect(sealSide({ side: open, bytes })).to.deep.equal({ shown: bytes, hash: keccak256(bytes) });
        expect(sealSide({ side: aSide(), bytes, salt })).to.deep.equal({
            shown: new Uint8Array(),
            hash: commitmentOf({ side: aSide(), opening: { bytes, salt } }),
        });
        expectError(() => sealSide({ side: aSide(), bytes }), "SALT_INVALID");
        expectError(() => sealSide({ side: open, bytes, salt }), "SALT_INVALID");
        expectError(() => saltFrom(new Uint8Array(32)), "SALT_INVALID");
    });

    it("cannot be made with a salt out of the field or bytes of another length", () => {
        const bytes = new Uint8Array(40);

        expectError(
            () => commitmentOf({ side: aSide(), opening: { bytes, salt: uintToHex(FIELD_ORDER) } }),
            "SALT_INVALID",
        );
        expectError(
            () =>
                commitmentOf({
                    side: aSide(),
                    opening: { bytes: bytes.subarray(1), salt: bytesToHex(new Uint8Array(32)) },
                }),
            "TENSOR_LENGTH",
        );
    });
});
