import {
    describePolicy,
    describePresent,
    familiesOf,
    PRESETS,
    policyFromText,
    presetOf,
    uintToHex,
} from "@assay/protocol";
import { expect } from "chai";
import { expectError } from "./_expect.ts";

describe("policy text", () => {
    it("reads presets by name and policies by word", () => {
        for (const [name, word] of Object.entries(PRESETS)) {
            expect(policyFromText(name)).to.equal(word);
            expect(policyFromText(name.toLowerCase())).to.equal(word);
            expect(policyFromText(uintToHex(word))).to.equal(word);
            expect(presetOf(word)).to.equal(name);
        }
    });

    it("refuses other text, and names the presets", () => {
        for (const text of ["", "0x", "ZKP", "0x0g", `0x${"00".repeat(33)}`]) {
            expect(expectError(() => policyFromText(text), "POLICY_UNKNOWN").message).to.contain("SIGNED_AND_ZK");
        }
    });

    it("refuses words that are not canonical, and says why", () => {
        const error = expectError(() => policyFromText(uintToHex(1n << 248n)), "POLICY_NOT_CANONICAL");

        expect(error.message).to.contain("no clause");
    });

    it("describes policies with everything they demand", () => {
        expect(describePolicy(PRESETS.SIGNED)).to.equal("SIGNED");
        expect(describePolicy(PRESETS.LAZY_ZK)).to.equal(
            "(ZK_GROTH16) or (SIGNED and OPTIMISTIC); challenge window 1800 s; REQUIRE_EXACT_INT",
        );
        expect(describePolicy(PRESETS.QUORUM_3_OF_5)).to.equal("QUORUM; quorum 3 of 5");
        expect(describePolicy(PRESETS.SIGNED | (90n << 216n))).to.equal("SIGNED; evidence at most 90 min old");
    });

    it("describes masks, development and simulation loudly", () => {
        expect(describePresent(0)).to.equal("nothing");
        expect(describePresent(0b10001)).to.equal("SIGNED + ZK_GROTH16");
        expect(describePresent(0xc010n)).to.equal("ZK_GROTH16 + DEVELOPMENT! + SIMULATED!");
        expect(familiesOf(0b10001)).to.deep.equal([0, 4]);
    });

    it("knows no preset for other words", () => {
        expect(presetOf(PRESETS.SIGNED + 1n)).to.equal(undefined);
    });
});
