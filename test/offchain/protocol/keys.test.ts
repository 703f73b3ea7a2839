import { readFileSync } from "node:fs";
import {
    decodeKey,
    encodeKey,
    fromSnarkjs,
    type G1,
    type G2,
    KEY_FAULTS,
    lintKey,
    type VerifyingKey,
} from "@assay/protocol";
import { bn254 } from "@noble/curves/bn254.js";
import { expect } from "chai";
import { forgeKey } from "../../support/forgeableKey.ts";
import { pointOutsideGroup } from "./_curvePoints.ts";
import { expectError } from "./_expect.ts";
import { snarkjsVectors } from "./_snarkjsVectors.ts";

const Q = bn254.fields.Fp.ORDER;

function aKey(changes: Partial<VerifyingKey> = {}): VerifyingKey {
    return { ...decodeKey(forgeKey({ seed: 3, signalCount: 2 })), ...changes };
}

/** The point of G1 with the same x. */
function opposite([x, y]: G1): G1 {
    return [x, Q - y];
}

/** The point of G2 with the same x. */
function opposite2([xIm, xRe, yIm, yRe]: G2): G2 {
    return [xIm, xRe, yIm === 0n ? 0n : Q - yIm, yRe === 0n ? 0n : Q - yRe];
}

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

    const { alpha, beta, gamma, delta, ic } = aKey();
    const [ic0 = alpha, ic1 = alpha, ic2 = alpha] = ic;
    const outside = pointOutsideGroup();
    const faults: [string, Partial<VerifyingKey>, ReturnType<typeof lintKey>][] = [
        [
            "a coordinate plus the field order",
            { alpha: [alpha[0] + Q, alpha[1]] },
            [{ fault: "CoordinateNotInField", index: 0 }],
        ],
        [
            "a coordinate of the last point plus it",
            { ic: [ic0, ic1, [ic2[0], ic2[1] + Q]] },
            [{ fault: "CoordinateNotInField", index: 19 }],
        ],
        ["infinity in G1", { alpha: [0n, 0n] }, [{ fault: "PointAtInfinity", index: 0 }]],
        ["infinity in G2", { gamma: [0n, 0n, 0n, 0n] }, [{ fault: "PointAtInfinity", index: 2 }]],
        ["a signal that is not bound", { ic: [ic0, [0n, 0n], ic2] }, [{ fault: "PointAtInfinity", index: 5 }]],
        ["a point off the curve", { ic: [ic0, ic1, [1n, 1n]] }, [{ fault: "NotOnCurve", index: 6 }]],
        ["a point off the twist", { beta: [1n, 1n, 1n, 1n] }, [{ fault: "NotOnCurve", index: 1 }]],
        ["a point outside the group", { delta: outside }, [{ fault: "NotInSubgroup", index: 3 }]],
        ["gamma = delta", { delta: gamma }, [{ fault: "GammaEqualsDelta", index: 3 }]],
        ["gamma = -delta", { delta: opposite2(gamma) }, [{ fault: "GammaEqualsDelta", index: 3 }]],
        ["beta = gamma", { beta: gamma }, [{ fault: "BetaRepeated", index: 2 }]],
        ["beta = -delta", { beta: opposite2(delta) }, [{ fault: "BetaRepeated", index: 3 }]],
        ["two equal IC", { ic: [ic0, ic1, ic1] }, [{ fault: "DuplicateIc", index: 6 }]],
        ["two opposite IC", { ic: [ic0, ic1, opposite(ic0)] }, [{ fault: "DuplicateIc", index: 6 }]],
        ["beta = infinity after all", { beta: [0n, 0n, 0n, 0n] }, [{ fault: "PointAtInfinity", index: 1 }]],
    ];
    for (const [name, changes, expected] of faults) {
        it(`refuses ${name}`, () => {
            expect(lintKey(encodeKey(aKey(changes)))).to.deep.equal(expected);
        });
    }

    it("names faults as the contract's enum does", () => {
        const source = readFileSync("contracts/interfaces/IModelRegistry.sol", "utf8");
        const members = /enum KeyFault \{([^}]*)\}/.exec(source)?.[1]?.match(/\w+/g);

        expect(members).to.deep.equal([...KEY_FAULTS]);
        expect(beta.length).to.equal(4);
    });
});
