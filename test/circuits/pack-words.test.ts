import { encodeTensor, FIELD_ORDER, wordsOf } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { compileInstance, field, forge } from "../support/circuit.ts";

const KINDS = [
    {
        template: "PackWord",
        file: "binding/pack-word.circom",
        dtypes: { 1: "uint8", 2: "uint16", 4: "uint32", 8: "uint64" },
    },
    {
        template: "PackSignedWord",
        file: "binding/pack-signed-word.circom",
        dtypes: { 1: "int8", 2: "int16", 4: "int32", 8: "int64" },
    },
] as const;
const SIZES = [1, 2, 4, 8] as const;

for (const { template, file, dtypes } of KINDS) {
    describe(template, function () {
        this.timeout(120_000); // compiles circuits when they are not cached

        for (const size of SIZES) {
            const full = Math.floor(31 / size);
            const dtype = dtypes[size];
            const width = BigInt(8 * size);
            const min = template === "PackWord" ? 0n : -(1n << (width - 1n));
            const max = min + (1n << width) - 1n;

            for (const count of [full, 1]) {
                it(`writes the word of ${count} ${dtype} as the protocol does, by one linear constraint`, async () => {
                    const circuit = await compileInstance({ file, call: `${template}(${count},${size})` });
                    const judge = async (element: bigint[]): Promise<void> => {
                        const [word] = wordsOf({ dtype, bytes: encodeTensor({ dtype, values: element }) });
                        const witness = await circuit.witness({ element });
                        expect(circuit.accepts(witness)).to.equal(true);
                        expect(witness.get("word")).to.equal(word);
                        expect(circuit.accepts(forge(witness, { word: (word ?? 0n) + 1n }))).to.equal(false);
                        expect(circuit.accepts(forge(witness, { word: field(-1n) }))).to.equal(false);
                    };

                    expect(circuit.constraintCount).to.equal(1);
                    for (const value of [min, min + 1n, 0n, 1n, max - 1n, max]) {
                        await judge(new Array<bigint>(count).fill(value));
                    }
                    const elements = fc.array(fc.bigInt({ min, max }), { minLength: count, maxLength: count });
                    await fc.assert(fc.asyncProperty(elements, judge), { numRuns: 25 });
                });
            }

            it(`keeps the words of ${dtype} below the field order`, async () => {
                const circuit = await compileInstance({ file, call: `${template}(${full},${size})` });
                const witness = await circuit.witness({ element: new Array<bigint>(full).fill(max) });

                expect(witness.get("word") ?? FIELD_ORDER).to.be.lessThan(1n << 248n);
            });
        }
    });
}
