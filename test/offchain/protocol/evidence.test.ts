import {
    decodeGroth16,
    encodeGroth16,
    encodeSigned,
    FAMILIES,
    FIELD_ORDER,
    type Hex,
    recoverSigner,
    sortEvidence,
    toHex,
    uintToHex,
} from "@assay/protocol";
import { bn254 } from "@noble/curves/bn254.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { expect } from "chai";
import { AbiCoder, id, Wallet } from "ethers";
import { forgeProof } from "../../support/forgeableKey.ts";
import { expectError } from "./_expect.ts";

const wallet = new Wallet(id("evidence test"));
const coder = AbiCoder.defaultAbiCoder();
const proof = forgeProof({ seed: 1, signals: [1n] });

function sign(digest: string): Hex {
    return toHex(wallet.signingKey.sign(digest).serialized);
}

/** The other form of a signature: s and its complement verify alike. */
function malleated(signature: Hex): Hex {
    const s = BigInt(`0x${signature.slice(66, 130)}`);
    const v = signature.endsWith("1b") ? "1c" : "1b";
    return toHex(signature.slice(0, 66) + uintToHex(secp256k1.Point.CURVE().n - s).slice(2) + v);
}

describe("SIGNED evidence", () => {
    it("is the signature, and says who signed", () => {
        for (let i = 0; i < 20; i++) {
            const digest = toHex(id(`digest ${i}`));
            const signature = sign(digest);

            expect(encodeSigned(signature)).to.deep.equal({ family: FAMILIES.SIGNED, data: signature });
            expect(recoverSigner({ digest, signature })).to.equal(wallet.address.toLowerCase());
            expect(recoverSigner({ digest: toHex(id("another")), signature })).to.not.equal(
                wallet.address.toLowerCase(),
            );
        }
    });

    it("has one form: high s, other v and other lengths are refused", () => {
        const digest = toHex(id("one form"));
        const signature = sign(digest);
        const bad: Hex[] = [
            malleated(signature),
            toHex(`${signature.slice(0, 130)}00`),
            toHex(`${signature.slice(0, 130)}1d`),
            toHex(signature.slice(0, 130)),
            toHex(`${signature}00`),
            "0x",
        ];
        for (const changed of bad) {
            expectError(() => encodeSigned(changed), "EVIDENCE_MALFORMED");
            expectError(() => recoverSigner({ digest, signature: changed }), "EVIDENCE_MALFORMED");
        }
    });

    it("by nobody is refused: r or s zero or too large, r not on the curve", () => {
        const digest = toHex(id("nobody"));
        const n = secp256k1.Point.CURVE().n;
        for (const [r, s] of [
            [0n, 1n],
            [1n, 0n],
            [n, 1n],
            [5n, 1n],
        ]) {
            const signature = toHex(`${uintToHex(r ?? 0n)}${uintToHex(s ?? 0n).slice(2)}1b`);
            expectError(() => recoverSigner({ digest, signature }), "EVIDENCE_MALFORMED");
        }
    });
});

describe("ZK_GROTH16 evidence", () => {
    it("is the proof as the ABI encodes it, with c for bound models", () => {
        const packed = encodeGroth16({ proof });
        const bound = encodeGroth16({ proof, c: 7n });

        expect(packed).to.deep.equal({ family: FAMILIES.ZK_GROTH16, data: coder.encode(["uint256[8]"], [proof]) });
        expect(bound.data).to.equal(coder.encode(["uint256[8]", "uint256"], [proof, 7n]));
        expect(decodeGroth16(packed.data)).to.deep.equal({ proof: [...proof], c: undefined });
        expect(decodeGroth16(bound.data)).to.deep.equal({ proof: [...proof], c: 7n });
    });

    it("refuses coordinates and commitments outside their field", () => {
        const q = bn254.fields.Fp.ORDER;
        expectError(() => encodeGroth16({ proof: proof.with(3, q) }), "PROOF_MALFORMED");
        expectError(() => encodeGroth16({ proof, c: FIELD_ORDER }), "PROOF_MALFORMED");
        expectError(() => encodeGroth16({ proof: proof.slice(1) }), "PROOF_MALFORMED");
        const aliased = toHex(coder.encode(["uint256[8]"], [proof.with(0, (proof[0] ?? 0n) + q)]));
        expectError(() => decodeGroth16(aliased), "PROOF_MALFORMED");
        const badC = toHex(coder.encode(["uint256[8]", "uint256"], [proof, FIELD_ORDER]));
        expectError(() => decodeGroth16(badC), "PROOF_MALFORMED");
    });

    it("refuses other lengths", () => {
        for (const bytes of [0, 255, 257, 287, 289, 320]) {
            expectError(() => decodeGroth16(`0x${"00".repeat(bytes)}`), "EVIDENCE_MALFORMED");
        }
    });
});

describe("a list of evidence", () => {
    it("is sorted by family", () => {
        const items = [encodeGroth16({ proof }), encodeSigned(sign(id("sorted")))];

        expect(sortEvidence(items).map(({ family }) => family)).to.deep.equal([0, 4]);
    });
});
