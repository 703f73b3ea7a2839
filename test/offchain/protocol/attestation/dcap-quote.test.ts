import { expect } from "chai";
import { type DcapCase, judge } from "./_dcap.ts";
import { CHAIN_CASES, CONFIGURATION_CASES, SIGNATURE_CASES, STRUCTURE_CASES } from "./_dcapQuoteCases.ts";

const GROUPS: Record<string, DcapCase[]> = {
    structure: STRUCTURE_CASES,
    certificates: CHAIN_CASES,
    signatures: SIGNATURE_CASES,
    configuration: CONFIGURATION_CASES,
};

describe("verifyDcap of a quote", () => {
    for (const [group, cases] of Object.entries(GROUPS)) {
        describe(group, () => {
            for (const entry of cases) {
                it(`says ${entry.code} of ${entry.name}`, () => {
                    const verdict = judge(entry);

                    expect(verdict.code).to.equal(entry.code);
                    expect(verdict.accepted).to.equal(entry.code === "ACCEPTED");
                });
            }
        });
    }
});
