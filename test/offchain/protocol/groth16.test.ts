import { decodeKey, encodeKey, FIELD_ORDER, type VerifyingKey, verifyGroth16, vkHashOf } from "@assay/protocol";
import { bn254 } from "@noble/curves/bn254.js";
import { expect } from "chai";
import { forgeKey, forgeProof } from "../../support/forgeableKey.ts";
import { pointOutsideGroup } from "./_curvePoints.ts";
import { expectError } from "./_expect.ts";
import { snarkjsVectors } from "./_snarkjsVectors.ts";

const Q = bn254.fields.Fp.ORDER;

describe("verifyGroth16", () => {
    for (const { name, key, signals, proof, vkHash } of snarkjsVectors()) {
        describe(`of the independent proof "${name}"`, () => {
            it("accepts it, with key bytes or a decoded key", () => {
                expect(vkHashOf(key)).to.equal(vkHash);
                expect(verifyGroth16({ key, signals, proof })).to.equal(true);
                expect(verifyGroth16({ key: decodeKey(key), signals, proof })).to.equal(true);
            });

            it("refuses every changed signal", () => {
                for (const i of signals.keys()) {
                    expect(verifyGroth16({ key, signals: signals.with(i, (signals[i] ?? 0n) ^ 1n), proof })).to.equal(
                        false,
                    );
                }
            });

            it("refuses a signal plus the field order, and one below zero", () => {
                for (const [i, signal] of signals.entries()) {
                    for (const alias of [signal + FIELD_ORDER, signal - FIELD_ORDER]) {
                        expect(verifyGroth16({ key, signals: signals.with(i, alias), proof })).to.equal(false);
                    }
                }
            });

            it("refuses every changed coordinate, and every coordinate plus its field order", () => {
                for (const [i, coordinate] of proof.entries()) {
                    for (const changed of [coordinate ^ 1n, coordinate + Q, Q - coordinate, 0n]) {
                        expect(verifyGroth16({ key, signals, proof: proof.with(i, changed) })).to.equal(false);
                    }
                }
            });

            it("refuses too few and too many signals or coordinates", () => {
                expect(verifyGroth16({ key, signals: signals.slice(1), proof })).to.equal(false);
                expect(verifyGroth16({ key, signals: [...signals, 0n], proof })).to.equal(false);
                expect(verifyGroth16({ key, signals, proof: proof.slice(1) })).to.equal(false);
                expect(verifyGroth16({ key, signals, proof: [...proof, 0n] })).to.equal(false);
            });

            it("refuses swapped halves of G2 coordinates", () => {
                const swapped = proof.with(2, proof[3] ?? 0n).with(3, proof[2] ?? 0n);
                expect(verifyGroth16({ key, signals, proof: swapped })).to.equal(false);
            });

            it("refuses a proof of nothing but points at infinity", () => {
                expect(verifyGroth16({ key, signals, proof: proof.map(() => 0n) })).to.equal(false);
            });
        });
    }

    it("accepts a proof again after it is re-randomised: nothing may be keyed by a proof's bytes", () => {
        const seed = 5;
        const key = forgeKey({ seed, signalCount: 2 });
        const [ax = 0n, ay = 0n, bxIm = 0n, bxRe = 0n, byIm = 0n, byRe = 0n, ...c] = forgeProof({
            seed,
            signals: [1n, 2n],
        });
        const factor = 12345n;
        const a = bn254.G1.Point.fromAffine({ x: ax, y: ay }).multiply(factor).toAffine();
        const { Fp2 } = bn254.fields;
        const point = bn254.G2.Point.fromAffine({
            x: Fp2.fromBigTuple([bxRe, bxIm]),
            y: Fp2.fromBigTuple([byRe, byIm]),
        });
        const b = point.multiply(bn254.fields.Fr.inv(factor)).toAffine();

        const other = [a.x, a.y, b.x.c1, b.x.c0, b.y.c1, b.y.c0, ...c];
        expect(verifyGroth16({ key, signals: [1n, 2n], proof: other })).to.equal(true);
        expect(verifyGroth16({ key, signals: [1n, 3n], proof: other })).to.equal(false);
    });

    it("takes zero and the largest signal", () => {
        const seed = 6;
        const key = forgeKey({ seed, signalCount: 2 });
        const signals = [0n, FIELD_ORDER - 1n];

        expect(verifyGroth16({ key, signals, proof: forgeProof({ seed, signals }) })).to.equal(true);
    });

    it("leaves pairs with infinity out, as the precompile does", () => {
        // With α and L at infinity the equation is e(A, B) = e(C, δ), which A = C, B = δ solves.
        const { gamma, delta, beta } = decodeKey(forgeKey({ seed: 1, signalCount: 1 }));
        const key: VerifyingKey = {
            alpha: [0n, 0n],
            beta,
            gamma,
            delta,
            ic: [
                [0n, 0n],
                [1n, 2n],
            ],
        };
        const [x, y] = [1n, 2n];

        expect(verifyGroth16({ key, signals: [0n], proof: [x, y, ...delta, x, y] })).to.equal(true);
        expect(verifyGroth16({ key, signals: [1n], proof: [x, y, ...delta, x, y] })).to.equal(false);
    });

    it("refuses B on the curve but outside the group of prime order", () => {
        const seed = 7;
        const key = forgeKey({ seed, signalCount: 1 });
        const [ax = 0n, ay = 0n] = forgeProof({ seed, signals: [1n] });

        expect(verifyGroth16({ key, signals: [1n], proof: [ax, ay, ...pointOutsideGroup(), ax, ay] })).to.equal(false);
    });

    it("lets whoever skipped the second phase prove anything: the danger that the key lint is for", () => {
        for (const { unfinishedKey, signals } of snarkjsVectors()) {
            const { alpha, beta, ic } = decodeKey(unfinishedKey);
            const lie = signals.map((signal) => signal + 1n);
            const sum = ic
                .map(([x, y]) => bn254.G1.Point.fromAffine({ x, y }))
                .reduce((total, point, i) => total.add(point.multiply(lie[i - 1] ?? 1n)));
            const c = sum.negate().toAffine();

            // γ = δ, so A = α, B = β, C = -L closes the equation for any L.
            expect(verifyGroth16({ key: unfinishedKey, signals: lie, proof: [...alpha, ...beta, c.x, c.y] })).to.equal(
                true,
            );
        }
    });

    it("throws only for bytes that are no key", () => {
        expectError(() => verifyGroth16({ key: new Uint8Array(100), signals: [], proof: [] }), "KEY_MALFORMED");
        expect(encodeKey(decodeKey(forgeKey({ seed: 1, signalCount: 3 }))).length).to.equal(448 + 64 * 4);
    });
});
