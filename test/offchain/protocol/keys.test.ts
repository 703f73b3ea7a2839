import { readFileSync } from "node:fs";
import { decodeKey, encodeKey, fromSnarkjs, type G1, type G2, KEY_FAULTS, lintKey } from "@assay/protocol";
import { expect } from "chai";
import { expectError } from "./_expect.ts";
import { snarkjsVectors } from "./_snarkjsVectors.ts";
import { aKey, unsoundKeys } from "./_unsoundKeys.ts";

describe("verifying key", () => {
    it("encodes and decodes in EIP-197 order", () => {
        for (const { key } of snarkjsVectors()) expect(encodeKey(decodeKey(key))).to.deep.equal(key);
    });

    it("refuses lengths that no key has", () => {
        for (const length of [0, 447, 448, 512, 577]) {
            expectError(() => decodeKey(new Uint8Array(length)), "KEY_MALFORMED");
        }
    });

    it("reads what snarkjs writes, imaginary halves first", () => {
        const key = aKey();
        const g1 = ([x, y]: G1) => [x, y, 1n].map(String);
        const g2 = ([xIm, xRe, yIm, yRe]: G2) => [[xRe, xIm].map(String), [yRe, yIm].map(String), ["1", "0"]];
        const json = {
            protocol: "groth16",
            curve: "bn128",
            nPublic: 2,
            vk_alpha_1: g1(key.alpha),
            vk_beta_2: g2(key.beta),
            vk_gamma_2: g2(key.gamma),
            vk_delta_2: g2(key.delta),
            vk_alphabeta_12: [],
            IC: key.ic.map(g1),
        };

        expect(fromSnarkjs(json)).to.deep.equal(key);
        expectError(() => fromSnarkjs({ ...json, protocol: "plonk" }), "KEY_MALFORMED");
        expectError(() => fromSnarkjs({ ...json, curve: "bls12381" }), "KEY_MALFORMED");
        expectError(() => fromSnarkjs({ ...json, IC: [["0", "1", "0"]] }), "KEY_MALFORMED");
        expectError(() => fromSnarkjs(null), "KEY_MALFORMED");
    });
});

describe("lintKey", () => {
    it("finds nothing wrong with sound keys", () => {
        expect(lintKey(encodeKey(aKey()))).to.deep.equal([]);
        for (const { key, signals } of snarkjsVectors())
            expect(lintKey(key, { signals: signals.length })).to.deep.equal([]);
    });

    it("refuses a key of another number of signals, and bytes of no key", () => {
        const key = encodeKey(aKey());

        expect(lintKey(key, { signals: 3 })).to.deep.equal([{ fault: "Length", index: key.length }]);
        expect(lintKey(key.subarray(1))).to.deep.equal([{ fault: "Length", index: key.length - 1 }]);
        expect(lintKey(new Uint8Array(0))).to.deep.equal([{ fault: "Length", index: 0 }]);
    });

    it("refuses keys whose second phase was skipped", () => {
        for (const { unfinishedKey } of snarkjsVectors()) {
            expect(lintKey(unfinishedKey)).to.deep.include.members([
                { fault: "GammaEqualsDelta", index: 3 },
                { fault: "DeltaIsGenerator", index: 3 },
            ]);
        }
    });

    for (const { name, key, finding } of unsoundKeys()) {
        it(`refuses ${name}`, () => {
            expect(lintKey(encodeKey(key))).to.deep.equal([finding]);
        });
    }

    it("names faults as the contract's enum does", () => {
        const source = readFileSync("contracts/interfaces/IModelRegistry.sol", "utf8");
        const members = /enum KeyFault \{([^}]*)\}/.exec(source)?.[1]?.match(/\w+/g);

        expect(members).to.deep.equal([...KEY_FAULTS]);
    });
});
