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

const reasonOf = (collateral: unknown): string => {
    const verdict = judge({ collateral: () => collateral });
    return verdict.accepted ? "" : verdict.reason;
};

describe("verifyDcap of collateral", () => {
    it("names the model that collateral is missing for", () => {
        expect(reasonOf(undefined)).to.match(/ FMSPC [0-9a-f]{12} \(CA (platform|processor)\)\.$/);
    });

    it("names every member that is missing or no text", () => {
        const every = [
            ...["tcb_info", "tcb_info_issuer_chain", "qe_identity", "qe_identity_issuer_chain"],
            ...["root_ca_crl", "pck_crl"],
        ];
        const other = { tcbInfo: {}, qe_identity: "", rootCaCrl: "", pck_crl: [256] };

        expect(reasonOf({})).to.equal(`The collateral lacks ${every.join(", ")}.`);
        expect(reasonOf(other)).to.equal(
            "The collateral lacks tcb_info_issuer_chain, qe_identity_issuer_chain. Neither text nor bytes, of at most 1 MiB: tcb_info, pck_crl.",
        );
        for (const none of [[], "collateral", 7]) expect(reasonOf(none)).to.equal("The collateral is no JSON object.");
    });

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
