import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { p384 } from "@noble/curves/nist.js";
import { expect } from "chai";
import { network } from "hardhat";
import { z } from "zod";
import { itWithVectors, vectorJson } from "../../../support/attestation/teeVectors.ts";

const WYCHEPROOF = "wycheproof-ecdsa-secp384r1-sha384-p1363.json";
const VECTORS = new URL("../../../vectors/p384.json", import.meta.url);
/** Most that a verification may take; docs/security-model.md sets the published figures beside it. */
const MAX_GAS = 2_150_000n;
/** EIP-170. */
const MAX_CODE_BYTES = 24_576;
const HALF = 96;
const SIGNATURES = 6;

const casesSchema = z.array(
    z.object({ name: z.string(), hash: z.string(), key: z.string(), signature: z.string(), valid: z.boolean() }),
);
const wycheproofSchema = z.object({
    testGroups: z.array(
        z.object({
            publicKey: z.object({ uncompressed: z.string() }),
            tests: z.array(
                z.object({
                    tcId: z.number(),
                    comment: z.string(),
                    msg: z.string(),
                    sig: z.string(),
                    result: z.enum(["valid", "invalid"]),
                }),
            ),
        }),
    ),
});

type Question = Pick<z.output<typeof casesSchema>[number], "hash" | "key" | "signature">;

const sha384 = (bytes: Uint8Array) => createHash("sha384").update(bytes).digest("hex");

/** The arguments of `verify` from hexadecimal text. */
function argsOf({ hash, key, signature }: Question): [string, string, string, string] {
    return [`0x${hash.slice(0, 32)}`, `0x${hash.slice(32)}`, `0x${key}`, `0x${signature}`];
}

/** A signature by a key that only a name decides; node:crypto accepts it. */
function aSignature(name: string): Question {
    const message = Buffer.from(`message of ${name}`);
    const secretKey = createHash("sha384").update(`assay p384 ${name}`).digest();
    const signature = p384.sign(message, secretKey, { lowS: false });
    const key = Buffer.from(p384.getPublicKey(secretKey, false).subarray(1));
    const [x = "", y = ""] = [key.subarray(0, HALF / 2), key.subarray(HALF / 2)].map((part) =>
        part.toString("base64url"),
    );
    const jwk = createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-384", x, y } });
    expect(verify("sha384", message, { key: jwk, dsaEncoding: "ieee-p1363" }, signature)).to.equal(true);
    return { hash: sha384(message), key: key.toString("hex"), signature: Buffer.from(signature).toString("hex") };
}

describe("P384Verifier", () => {
    async function createVerifier() {
        const { ethers } = await network.create();
        const verifier = await ethers.deployContract("P384Verifier");
        return { ethers, verifier, accepts: (question: Question) => verifier.verify(...argsOf(question)) };
    }

    describe("verify", () => {
        it("agrees with the golden vectors", async () => {
            const { accepts } = await createVerifier();
            const cases = casesSchema.parse(JSON.parse(readFileSync(VECTORS, "utf8")));

            for (const one of cases) expect(await accepts(one), one.name).to.equal(one.valid);

            expect(cases.filter(({ valid }) => valid)).to.have.length.greaterThan(40);
        });

        it(`accepts ${SIGNATURES} seeded signatures that node:crypto accepts, and nothing of them changed`, async () => {
            const { accepts } = await createVerifier();
            for (let i = 0; i < SIGNATURES; i += 1) {
                const about = `signature ${i}`;
                const question = aSignature(about);

                expect(await accepts(question), about).to.equal(true);
                for (const field of ["hash", "key", "signature"] as const) {
                    const bit = (i * 131) % (4 * question[field].length);
                    const changed = { ...question, [field]: flipped(question[field], bit) };
                    expect(await accepts(changed), `${about} with bit ${bit} of the ${field} flipped`).to.equal(false);
                }
            }
        });

        itWithVectors([WYCHEPROOF], "agrees with Wycheproof", async () => {
            const { verifier, accepts } = await createVerifier();
            const { testGroups } = wycheproofSchema.parse(vectorJson(WYCHEPROOF));
            const tests = testGroups.flatMap(({ publicKey, tests }) =>
                tests.map((test) => ({ ...test, key: publicKey.uncompressed.slice(2) })),
            );

            for (const { tcId, comment, key, msg, sig, result } of tests) {
                const hash = sha384(Buffer.from(msg, "hex"));
                const verdict = accepts({ hash, key, signature: sig });
                const about = `${tcId} ${comment}`;
                if (sig.length === 2 * HALF) expect(await verdict, about).to.equal(result === "valid");
                else {
                    expect(result, about).to.equal("invalid");
                    await expect(verdict, about)
                        .to.be.revertedWithCustomError(verifier, "SignatureLengthMismatch")
                        .withArgs(HALF, sig.length / 2);
                }
            }

            expect(tests).to.have.length.greaterThan(250);
        });

        it("reads key and signature wherever they lie in the calldata", async () => {
            const { ethers, verifier } = await createVerifier();
            const [signer] = await ethers.getSigners();
            const question = aSignature("any");
            const [hi, lo, key, signature] = argsOf(question);
            const head = ethers.AbiCoder.defaultAbiCoder();
            for (const shift of [1, 17, 31, 33]) {
                // Offsets count from behind the selector; between the head and the tails lie bytes that mean nothing.
                const keyAt = 128 + shift;
                const signatureAt = keyAt + 32 + HALF + 7;
                const tail = (bytes: string) => ethers.concat([ethers.toBeHex(HALF, 32), bytes]);
                const data = ethers.concat([
                    verifier.interface.getFunction("verify").selector,
                    head.encode(["uint256", "uint256", "uint256", "uint256"], [hi, lo, keyAt, signatureAt]),
                    new Uint8Array(shift).fill(0xee),
                    tail(key),
                    new Uint8Array(7).fill(0xdd),
                    tail(signature),
                    new Uint8Array(shift).fill(0xff),
                ]);

                const answer = await signer?.call({ to: await verifier.getAddress(), data });

                expect(answer, `shifted by ${shift}`).to.equal(ethers.toBeHex(1, 32));
            }
        });

        it("reverts on other lengths and on a hash of more than 384 bits", async () => {
            const { verifier } = await createVerifier();
            const [hi, lo, key, signature] = argsOf(aSignature("any"));

            for (const length of [0, 95, 97, 192]) {
                const other = new Uint8Array(length);
                await expect(verifier.verify(hi, lo, other, signature))
                    .to.be.revertedWithCustomError(verifier, "KeyLengthMismatch")
                    .withArgs(HALF, length);
                await expect(verifier.verify(hi, lo, key, other))
                    .to.be.revertedWithCustomError(verifier, "SignatureLengthMismatch")
                    .withArgs(HALF, length);
                await expect(verifier.isOnCurve(other))
                    .to.be.revertedWithCustomError(verifier, "KeyLengthMismatch")
                    .withArgs(HALF, length);
            }
            await expect(verifier.verify(2n ** 128n, lo, key, signature))
                .to.be.revertedWithCustomError(verifier, "HashOutOfRange")
                .withArgs(2n ** 128n);
        });

        it("never answers true on a wrong signature, nor at all, when the gas runs out", async () => {
            const { verifier, accepts } = await createVerifier();
            const question = aSignature("any");
            const needed = await verifier.verify.estimateGas(...argsOf(question));

            // Falls short in the first inversion, between the digits, in the second inversion, in the sum.
            for (const part of [0.02, 0.03, 0.05, 0.06, 0.08, 0.5, 0.98]) {
                const gasLimit = 21_000n + 8_000n + BigInt(Math.floor(Number(needed) * part));
                const answer = await verifier.verify(...argsOf(question), { gasLimit }).catch(() => "failed");
                expect(answer, `${part} of the gas`).to.be.oneOf(["failed", true]);
                if (gasLimit < needed - 100_000n) expect(answer, `${part} of the gas`).to.equal("failed");
            }
            expect(await accepts(question)).to.equal(true);
        });

        it("takes at most 2.15 million gas, and fits into a contract", async () => {
            const { ethers, verifier } = await createVerifier();
            const cases = casesSchema.parse(JSON.parse(readFileSync(VECTORS, "utf8")));

            for (const one of cases.filter(({ valid }) => valid)) {
                const gas = await verifier.verify.estimateGas(...argsOf(one));
                expect(gas - 21_000n, one.name).to.be.lessThan(MAX_GAS);
            }
            const code = await ethers.provider.getCode(await verifier.getAddress());
            expect(ethers.dataLength(code)).to.be.at.most(MAX_CODE_BYTES);
        });
    });

    describe("isOnCurve", () => {
        it("tells keys from anything else", async () => {
            const { verifier } = await createVerifier();
            const { key } = aSignature("any");

            expect(await verifier.isOnCurve(`0x${key}`)).to.equal(true);
            for (const bit of [0, 1, 200, 383, 384, 385, 500, 767]) {
                expect(await verifier.isOnCurve(`0x${flipped(key, bit)}`), `bit ${bit} of ${key}`).to.equal(false);
            }
            expect(await verifier.isOnCurve(new Uint8Array(HALF))).to.equal(false);
        });
    });
});

/** Hexadecimal text with one bit flipped, counted from the left. */
function flipped(text: string, bit: number): string {
    const bytes = Buffer.from(text, "hex");
    const at = bit >> 3;
    bytes[at] = (bytes[at] ?? 0) ^ (0x80 >> (bit & 7));
    return bytes.toString("hex");
}
