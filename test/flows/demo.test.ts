import { expect } from "chai";
import { assayProcess } from "../offchain/cli/_assay.ts";

/** What a fresh clone may take: contracts and model are compiled, three questions answered. */
const DEMO_TIMEOUT_MS = 180_000;

type Row = {
    policy: string;
    status: string;
    trueDigit: number;
    predictedDigit: number;
    present: string;
    developmentSetup: boolean;
    receipt: { accepted: boolean; policyMet: boolean };
    gas: string;
    error: string;
    asExpected: boolean;
};

describe("assay demo", () => {
    it("has a contract asked under four policies, three answered and verified, one refused", async function () {
        this.timeout(DEMO_TIMEOUT_MS);

        const { exitCode, json, stderr } = await assayProcess(["demo", "--json"]);

        expect(exitCode, stderr).to.equal(0);
        const rows: Row[] = json.rows;
        expect(rows.map(({ policy, status }) => [policy, status])).to.deep.equal([
            ["SIGNED", "delivered"],
            ["ZK", "delivered"],
            ["SIGNED_AND_ZK", "delivered"],
            ["TEE", "refused"],
        ]);
        expect(rows.map(({ present }) => present)).to.deep.equal([
            "SIGNED",
            "ZK_GROTH16 + DEVELOPMENT!",
            "SIGNED + ZK_GROTH16 + DEVELOPMENT!",
            undefined,
        ]);
        expect(rows.map(({ developmentSetup }) => developmentSetup)).to.deep.equal([false, true, true, undefined]);
        for (const row of rows) expect(row.asExpected, row.policy).to.equal(true);
        for (const row of rows.slice(0, 3)) {
            expect(row.predictedDigit).to.equal(row.trueDigit);
            expect(row.receipt).to.deep.include({ accepted: true, policyMet: true });
        }
        expect(rows[3]?.error).to.equal("PolicyCannotBeMet");
        expect(stderr).to.contain("asked under TEE: refused: PolicyCannotBeMet");
    });
});
