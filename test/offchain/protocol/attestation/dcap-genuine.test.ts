import {
    type AttestationVerdict,
    bytesToHex,
    concat,
    type DcapInput,
    hexToBytes,
    platformTraitOf,
    verifyDcap,
} from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import { itWithVectors, vectorBytes, vectorJson } from "../../../support/attestation/teeVectors.ts";

const TDX = "x7-tdx-v4-uptodate-qvl-2025";
const SGX = "05-sgx-v3-hardening-needed-2025";
const DEBUG = "x8-tdx-v4-DEBUG-trustee";

const Expected = z.object({
    body: z.record(z.string(), z.union([z.string(), z.number()])),
    pck: z.object({ fmspc: z.string(), ppid: z.string() }),
    validAtUnix: z.object({ from: z.number(), to: z.number(), suggested: z.number() }),
});

const expectedIn = (folder: string) => Expected.parse(vectorJson(`${folder}/expected.json`));
const collateralIn = (folder: string) =>
    z.record(z.string(), z.string()).parse(vectorJson(`${folder}/collateral.json`));
const filesIn = (folder: string) =>
    ["quote.bin", "collateral.json", "expected.json"].map((name) => `${folder}/${name}`);

/** Verdict on a genuine quote with its own collateral, at the time that is suggested for it. */
function judge(folder: string, change: Partial<DcapInput> = {}): AttestationVerdict {
    return verifyDcap({
        kind: folder === SGX ? "sgx" : "tdx",
        quote: vectorBytes(`${folder}/quote.bin`),
        collateral: collateralIn(folder),
        at: expectedIn(folder).validAtUnix.suggested,
        ...change,
    });
}

/** Every register is what others decoded. */
function expectFields(verdict: AttestationVerdict, folder: string): void {
    const { body, pck } = expectedIn(folder);
    const { registers, userData, traits } = verdict.attestation ?? { registers: {}, userData: "", traits: [] };
    expect(userData).to.equal(`0x${body.report_data}`);
    const decoded = Object.entries(body).filter(([name, value]) => name !== "report_data" && typeof value === "string");
    for (const [name, value] of decoded) {
        const register = name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
        expect(registers).to.have.property(register, `0x${value}`);
    }
    expect(traits.at(-1)).to.equal(platformTraitOf(hexToBytes(`0x${pck.ppid}${pck.fmspc}`)));
}

describe("verifyDcap of genuine quotes", () => {
    describe("of a trusted domain that is up to date", () => {
        itWithVectors(filesIn(TDX), "accepts it and tells what it says", () => {
            const verdict = judge(TDX);

            expect(verdict).to.deep.include({ code: "ACCEPTED", tier: "hardware", warnings: [] });
            expect(verdict.attestation).to.deep.include({
                tcbStatus: "UpToDate",
                advisories: [],
                notAfter: expectedIn(TDX).validAtUnix.to,
            });
            expectFields(verdict, TDX);
        });

        itWithVectors(filesIn(TDX), "keeps to the dates of everything, of the revocation lists too", () => {
            const { from, to } = expectedIn(TDX).validAtUnix;
            const codeAt = (at: number) => judge(TDX, { at }).code;

            expect(codeAt(from)).to.equal("ACCEPTED");
            expect(codeAt(from - 1)).to.equal("CollateralExpired");
            expect(codeAt(to)).to.equal("ACCEPTED");
            expect(to + 1).to.equal(1752919236);
            expect(codeAt(to + 1)).to.equal("RevocationListInvalid");
            expect(codeAt(1752920163)).to.equal("RevocationListInvalid");
            expect(codeAt(1752920164)).to.equal("CollateralExpired");
        });

        itWithVectors([...filesIn(TDX), ...filesIn(SGX)], "refuses parts of another platform's collateral", () => {
            const [own, other] = [collateralIn(TDX), collateralIn(SGX)];
            const codeWith = (...names: string[]) => {
                const parts = Object.fromEntries(names.map((name) => [name, other[name]]));
                return judge(TDX, { collateral: { ...own, ...parts } }).code;
            };

            expect(codeWith("tcb_info", "tcb_info_signature")).to.equal("CollateralMismatch");
            expect(codeWith("qe_identity", "qe_identity_signature")).to.equal("CollateralMismatch");
            expect(codeWith("tcb_info")).to.equal("CollateralInvalid");
            expect(codeWith("pck_crl")).to.equal("RevocationListInvalid");
            expect(codeWith("pck_crl", "pck_crl_issuer_chain")).to.equal("RevocationListInvalid");
        });

        itWithVectors(filesIn(TDX), "takes no other bytes than zeros after it", () => {
            const quote = vectorBytes(`${TDX}/quote.bin`);

            expect(judge(TDX, { quote: quote.subarray(0, -70) }).code).to.equal("ACCEPTED");
            expect(judge(TDX, { quote: quote.subarray(0, -71) }).code).to.equal("QuoteInvalid");
            expect(judge(TDX, { quote: concat(quote, Uint8Array.of(1)) }).code).to.equal("QuoteInvalid");
        });
    });

    describe("of an SGX enclave whose platform needs hardening", () => {
        const statuses = ["ConfigurationAndSWHardeningNeeded"];
        const advisories = ["INTEL-SA-00289", "INTEL-SA-00615"];

        itWithVectors(filesIn(SGX), "refuses it unless its status and both advisories are allowed", () => {
            const codeOf = (allow?: DcapInput["allow"]) => judge(SGX, allow ? { allow } : {}).code;

            expect(codeOf()).to.equal("TcbStatusNotAllowed");
            expect(codeOf({ statuses, advisories: advisories.slice(1) })).to.equal("TcbStatusNotAllowed");
            expect(codeOf({ statuses: ["SWHardeningNeeded"], advisories })).to.equal("TcbStatusNotAllowed");
            expect(codeOf({ statuses, advisories })).to.equal("ACCEPTED");
        });

        itWithVectors(filesIn(SGX), "tells what it says", () => {
            const verdict = judge(SGX, { allow: { statuses, advisories } });

            expect(verdict.attestation).to.deep.include({
                tcbStatus: statuses[0],
                advisories,
                notAfter: expectedIn(SGX).validAtUnix.to,
            });
            expect(verdict.warnings.map(({ code }) => code)).to.deep.equal(["TCB_NOT_UP_TO_DATE"]);
            expectFields(verdict, SGX);
        });
    });

    describe("of a debug domain", () => {
        const quoteFile = `${DEBUG}/quote.bin`;

        itWithVectors([quoteFile], "refuses it for that, without collateral and at any time", () => {
            for (const at of [0, 1_700_000_000, 4_000_000_000]) {
                const verdict = verifyDcap({ kind: "tdx", quote: vectorBytes(quoteFile), at });

                expect(verdict).to.include({ accepted: false, code: "DebugEnclave", tier: "none" });
                expect(verdict.attestation?.registers).to.have.property("tdAttributes", "0x0100001000000000");
            }
        });

        itWithVectors([quoteFile], "does not believe that it is one before its signature is verified", () => {
            const quote = vectorBytes(quoteFile);
            quote[48 + 120] = 0;

            expect(verifyDcap({ kind: "tdx", quote, at: 1_700_000_000 }).code).to.equal("BadSignature");
            expect(bytesToHex(quote.subarray(168, 176))).to.equal("0x0000001000000000");
        });
    });
});
