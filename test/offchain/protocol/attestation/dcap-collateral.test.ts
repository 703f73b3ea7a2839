import { expect } from "chai";
import { type DcapCase, judge } from "./_dcap.ts";
import { DATE_CASES, DOCUMENT_CASES, FORM_CASES, MISMATCH_CASES, REVOCATION_CASES } from "./_dcapCollateralCases.ts";

const GROUPS: Record<string, DcapCase[]> = {
    form: FORM_CASES,
    documents: DOCUMENT_CASES,
    dates: DATE_CASES,
    "revocation lists": REVOCATION_CASES,
    "platform and quoting enclave": MISMATCH_CASES,
};

describe("verifyDcap of collateral", () => {
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
