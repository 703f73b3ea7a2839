import { isProtocolError, proofFromSnarkjs } from "@assay/protocol";
import { expect } from "chai";

const PROOF = {
    pi_a: ["1", "2", "1"],
    pi_b: [
        ["3", "4"],
        ["5", "6"],
        ["1", "0"],
    ],
    pi_c: ["7", "8", "1"],
    protocol: "groth16",
    curve: "bn128",
};

describe("proofFromSnarkjs", () => {
    it("brings coordinates of G2 into the order of EIP-197", () => {
        expect(proofFromSnarkjs(PROOF)).to.deep.equal([1n, 2n, 4n, 3n, 6n, 5n, 7n, 8n]);
    });

    for (const [what, json] of [
        ["nothing", undefined],
        ["another form", { ...PROOF, pi_a: ["1", "2"] }],
        ["a coordinate that is no number", { ...PROOF, pi_c: ["7", "-8", "1"] }],
        ["a point at infinity", { ...PROOF, pi_a: ["0", "1", "0"] }],
    ] as const) {
        it(`refuses ${what}`, () => {
            try {
                proofFromSnarkjs(json);
            } catch (error) {
                if (isProtocolError(error)) return expect(error.code).to.equal("PROOF_MALFORMED");
            }
            return expect.fail("not refused");
        });
    }
});
