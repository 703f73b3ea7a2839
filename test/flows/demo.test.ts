import { expect } from "chai";
import { assayProcess } from "../offchain/cli/_assay.ts";

/** What a fresh clone may take: contracts and model are compiled, an enclave is registered, six questions answered. */
const DEMO_TIMEOUT_MS = 180_000;

type Row = {
    policy: string;
    status: string;
    trueDigit: number;
    predictedDigit: number;
    present: string;
    developmentSetup: boolean;
    simulated: boolean;
    receipt: { accepted: boolean; policyMet: boolean };
    gas: string;
    paidUnits: string;
    batch: { root: string; sequence: number };
    error: string;
    asExpected: boolean;
};

describe("assay demo", () => {
    it("has a contract asked under six policies, five answered and verified, one refused, and one answer bought over HTTP", async function () {
        this.timeout(DEMO_TIMEOUT_MS);

        const { exitCode, json, stderr } = await assayProcess(["demo", "--json"]);

        expect(exitCode, stderr).to.equal(0);
        const rows: Row[] = json.rows;
        expect(rows.map(({ policy, status }) => [policy, status])).to.deep.equal([
            ["SIGNED", "delivered"],
            ["ZK", "delivered"],
            ["SIGNED_AND_ZK", "delivered"],
            ["TEE", "delivered"],
            ["TEE_AND_ZK", "delivered"],
            ["SGX", "refused"],
            ["SIGNED, paid over HTTP", "paid"],
        ]);
        expect(rows.map(({ present }) => present)).to.deep.equal([
            "SIGNED",
            "ZK_GROTH16 + DEVELOPMENT!",
            "SIGNED + ZK_GROTH16 + DEVELOPMENT!",
            "TEE_NITRO + SIMULATED!",
            "TEE_NITRO + ZK_GROTH16 + DEVELOPMENT! + SIMULATED!",
            undefined,
            "SIGNED",
        ]);
        const standIns = rows.map(({ developmentSetup, simulated }) => [developmentSetup, simulated]);
        expect(standIns).to.deep.equal([
            [false, false],
            [true, false],
            [true, false],
            [false, true],
            [true, true],
            [undefined, undefined],
            [undefined, undefined],
        ]);
        for (const row of rows) expect(row.asExpected, row.policy).to.equal(true);
        for (const row of rows.filter(({ status }) => status !== "refused")) {
            expect(row.predictedDigit).to.equal(row.trueDigit);
            expect(row.receipt).to.deep.include({ accepted: true, policyMet: true });
        }
        expect(rows[5]?.error).to.equal("PolicyCannotBeMet");
        expect(rows[6]?.paidUnits).to.equal("1000");
        expect(rows[6]?.batch.sequence).to.equal(0);
        expect(stderr).to.contain("asked under SGX: refused: PolicyCannotBeMet");
    });
});
