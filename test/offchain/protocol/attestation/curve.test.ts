import { createPublicKey, verify } from "node:crypto";
import { concat, hexToBytes } from "@assay/protocol";
import { p256, p384 } from "@noble/curves/nist.js";
import { expect } from "chai";
import { z } from "zod";
import { developmentKey } from "../../../../offchain/enclave/simulated/keys.ts";
import {
    COORDINATE_BYTES,
    type CurveName,
    isPoint,
    isSignedBy,
} from "../../../../offchain/protocol/attestation/_curve.ts";
import { keyInfo } from "../../../../scripts/vectors/attestation/certificateParts.ts";
import { flipped, numbersOf, ORDER, signatureOf } from "../../../support/attestation/signatures.ts";
import { itWithVectors, vectorJson } from "../../../support/attestation/teeVectors.ts";
import { createRandom } from "../_random.ts";

const WYCHEPROOF = "wycheproof-ecdsa-secp384r1-sha384-p1363.json";
const Wycheproof = z.object({
    testGroups: z.array(
        z.object({
            publicKey: z.object({ uncompressed: z.string() }),
            tests: z.array(
                z.object({ tcId: z.number(), msg: z.string(), sig: z.string(), result: z.enum(["valid", "invalid"]) }),
            ),
        }),
    ),
});

const KEY = developmentKey({ curve: "P-384", name: "tests/curve" });
const MESSAGE = new TextEncoder().encode("a message");
const SIGNATURE = KEY.sign(MESSAGE);
const bytes = (digits: string) => hexToBytes(`0x${digits}`);

/** Whether a signature of the message is taken. */
function takes(signature: Uint8Array, key = KEY.publicKey): boolean {
    return isSignedBy({ curve: "P-384", key, message: MESSAGE, signature });
}

describe("isSignedBy", () => {
    itWithVectors([WYCHEPROOF], "agrees with every vector of Wycheproof", () => {
        const { testGroups } = Wycheproof.parse(vectorJson(WYCHEPROOF));
        const cases = testGroups.flatMap(({ publicKey, tests }) => tests.map((test) => ({ ...test, publicKey })));

        const wrong = cases.filter(({ msg, sig, result, publicKey }) => {
            const key = bytes(publicKey.uncompressed).subarray(1);
            const parts = { curve: "P-384", key, message: bytes(msg), signature: bytes(sig) } as const;
            return (isPoint("P-384", key) && isSignedBy(parts)) !== (result === "valid");
        });

        expect(cases.length).to.be.greaterThan(200);
        expect(wrong.map(({ tcId }) => tcId)).to.deep.equal([]);
    });

    it("takes both forms of a signature", () => {
        expect(takes(SIGNATURE)).to.equal(true);
        expect(takes(flipped(SIGNATURE))).to.equal(true);
    });

    it("takes no number out of range, no other length, key or message", () => {
        const { r, s } = numbersOf(SIGNATURE);
        const bad = [
            signatureOf(0n, s),
            signatureOf(r, 0n),
            signatureOf(0n, 0n),
            signatureOf(ORDER, s),
            signatureOf(r, ORDER),
            signatureOf(r, ORDER - s + 1n),
            signatureOf(s, r),
            SIGNATURE.subarray(1),
            concat(SIGNATURE, Uint8Array.of(0)),
            new Uint8Array(),
            new Uint8Array(96).fill(0xff),
        ];

        expect(bad.filter((signature) => takes(signature))).to.deep.equal([]);
        expect(takes(SIGNATURE, developmentKey({ curve: "P-384", name: "tests/other" }).publicKey)).to.equal(false);
        expect(
            isSignedBy({ curve: "P-384", key: KEY.publicKey, message: new Uint8Array(), signature: SIGNATURE }),
        ).to.equal(false);
    });

    it("agrees with node:crypto on keys at the edges of the group", () => {
        for (const scalar of [1n, 2n, 3n, ORDER - 1n, ORDER - 2n]) {
            const secret = p384.Point.Fn.toBytes(scalar);
            const key = p384.getPublicKey(secret, false).subarray(1);
            const signature = p384.sign(MESSAGE, secret, { lowS: false });
            for (const candidate of [signature, flipped(signature), SIGNATURE]) {
                const other = createPublicKey({ key: Buffer.from(keyInfo(key)), format: "der", type: "spki" });
                const expected = verify("sha384", MESSAGE, { key: other, dsaEncoding: "ieee-p1363" }, candidate);
                expect(takes(candidate, key)).to.equal(expected);
            }
        }
    });
});

describe("isPoint", () => {
    const curves: [CurveName, typeof p384][] = [
        ["P-256", p256],
        ["P-384", p384],
    ];
    for (const [name, curve] of curves) {
        const half = COORDINATE_BYTES[name];

        it(`takes points of ${name} with both coordinates below the prime`, () => {
            const key = curve.getPublicKey(curve.Point.Fn.toBytes(7n), false).subarray(1);
            const { p } = curve.Point.CURVE();
            const coordinate = (value: bigint) => bytes(value.toString(16).padStart(2 * half, "0"));

            expect(isPoint(name, key)).to.equal(true);
            expect(isPoint(name, key.with(-1, (key.at(-1) ?? 0) ^ 1))).to.equal(false);
            expect(isPoint(name, concat(key, Uint8Array.of(0)))).to.equal(false);
            expect(isPoint(name, key.subarray(1))).to.equal(false);
            expect(isPoint(name, new Uint8Array(2 * half))).to.equal(false);
            expect(isPoint(name, new Uint8Array())).to.equal(false);
            expect(isPoint(name, concat(coordinate(p), key.subarray(half)))).to.equal(false);
            expect(isPoint(name, concat(key.subarray(0, half), coordinate(p)))).to.equal(false);
        });

        it(`takes no coordinate of ${name} that is a point's plus the prime`, () => {
            const { p, b } = curve.Point.CURVE();
            // x = 0: y² = b has a root on both curves, and x + p still fits its bytes.
            const y = curve.Point.Fp.sqrt(b);
            const coordinate = (value: bigint) => bytes(value.toString(16).padStart(2 * half, "0"));

            expect(isPoint(name, concat(coordinate(0n), coordinate(y)))).to.equal(true);
            expect(isPoint(name, concat(coordinate(p), coordinate(y)))).to.equal(false);
        });
    }

    it("takes no random words", () => {
        const random = createRandom("points");
        const words = Array.from({ length: 20 }, () => random.bytes(96));
        expect(words.filter((word) => isPoint("P-384", word))).to.deep.equal([]);
    });
});
