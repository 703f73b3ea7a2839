import {
    type Attestation,
    bytesToHex,
    certificateTraitOf,
    concat,
    type DcapInput,
    hexToBytes,
    INTEL_DCAP,
    measurementIdOf,
    platformTraitOf,
    rootIdOf,
    verifyDcap,
} from "@assay/protocol";
import { expect } from "chai";
import { derUnsigned } from "../../../../offchain/enclave/simulated/derWriter.ts";
import { makeSimulatedTdxQuote } from "../../../../offchain/enclave/simulated/tdx.ts";
import { SIMULATED_TDX } from "../../../../offchain/protocol/attestation/simulated.ts";
import { aDcapEvidence, aDcapPlan, aPlatform, type DcapForm, REPORT_DATA } from "../../../support/attestation/dcap.ts";
import { AT, type Certified, DAY, pemChain } from "../../../support/attestation/dcapPki.ts";
import { expectError } from "../_expect.ts";
import { judge } from "./_dcap.ts";

const FORMS: [name: string, form: DcapForm][] = [
    ["version 3 of SGX", { kind: "sgx", version: 3 }],
    ["version 4 of SGX", { kind: "sgx" }],
    ["version 4 of TDX", {}],
    ["version 5 of SGX", { kind: "sgx", version: 5 }],
    ["version 5 of TDX 1.0", { version: 5 }],
    ["version 5 of TDX 1.5", { version: 5, isLater: true }],
];

/** What an accepted quote says; fails when it is refused. */
function accepted(entry: Parameters<typeof judge>[0] = {}): Attestation {
    const verdict = judge(entry);
    if (!verdict.accepted) throw new Error(`${verdict.code}: ${verdict.reason}`);
    return verdict.attestation;
}

/** Content bytes of the INTEGER of a serial number. */
const contentOf = ({ serial }: Certified) => derUnsigned(serial).subarray(2);
const traitOf = (fields: Certified) => certificateTraitOf({ issuer: fields.issuer, serial: contentOf(fields) });
const filled = (byte: number, bytes = 48) => new Uint8Array(bytes).fill(byte);

describe("verifyDcap", () => {
    for (const [name, form] of FORMS) {
        it(`accepts ${name} and says whose it is`, () => {
            const { root, intermediate, leaf } = aDcapPlan(form);
            const { ppid, fmspc } = aPlatform();
            const rootId = rootIdOf(root.key.publicKey);

            const verdict = judge({ form });

            expect(verdict).to.deep.include({
                code: "ACCEPTED",
                kind: form.kind ?? "tdx",
                tier: "hardware",
                warnings: [],
            });
            expect(verdict.attestation).to.deep.include({
                rootId,
                userData: bytesToHex(REPORT_DATA),
                issuedAt: 0,
                notAfter: AT + 28 * DAY,
                tcbStatus: "UpToDate",
                advisories: [],
                traits: [rootId, traitOf(intermediate), traitOf(leaf), platformTraitOf(concat(ppid, fmspc))],
            });
        });
    }

    it("names a trusted domain by its registers", () => {
        const { registers, measurementId } = accepted();
        const [mrTd, zero] = [filled(136), filled(0)];
        const rtmrs = [328, 376, 424, 472].map((offset) => filled(offset & 0xff));
        const [xfam, attributes] = [filled(0, 8), hexToBytes("0x0000001000000000")];

        const wanted = measurementIdOf({
            kind: "tdx",
            registers: [mrTd, ...rtmrs, zero, zero, zero, xfam, attributes],
        });

        expect(registers).to.include({ mrTd: bytesToHex(mrTd), rtmr3: `0x${"d8".repeat(48)}`, xfam: bytesToHex(xfam) });
        expect(Object.keys(registers)).to.have.length(14);
        expect(measurementId).to.equal(wanted);
    });

    it("names an SGX enclave by its registers, as they stand in the report", () => {
        const { registers, measurementId } = accepted({ form: { kind: "sgx", version: 3 } });
        const parts = [filled(0x33, 32), filled(0x81, 32), Uint8Array.of(7, 0), Uint8Array.of(2, 1)];

        expect(registers).to.include({ isvProdId: "0x0700", isvSvn: "0x0201" });
        expect(measurementId).to.equal(measurementIdOf({ kind: "sgx", registers: parts }));
    });

    it("gives the two registers of TDX 1.5, which name no code", () => {
        const later = accepted({ form: { version: 5, isLater: true } });
        const earlier = accepted();

        expect(later.registers).to.include({ mrServiceTd: bytesToHex(filled(0)) });
        expect(later.registers).to.have.property("teeTcbSvn2", "0x06010300000000000000000000000000");
        expect(later.measurementId).to.equal(earlier.measurementId);
    });

    it("compares registers by name", () => {
        const codeOf = (wanted: DcapInput["expect"]) => judge({ input: { expect: wanted ?? {} } }).code;
        const mrTd = bytesToHex(filled(136));

        expect(codeOf({ mrTd, rtmr0: `0x${"48".repeat(48)}` })).to.equal("ACCEPTED");
        expect(codeOf({ mrTd: `0x${mrTd.slice(2).toUpperCase()}` })).to.equal("ACCEPTED");
        expect(codeOf({ mrTd: bytesToHex(filled(137)) })).to.equal("MeasurementNotAllowed");
        expect(codeOf({ mrEnclave: mrTd })).to.equal("MeasurementNotAllowed");
        expect(codeOf({ constructor: mrTd })).to.equal("MeasurementNotAllowed");
    });

    it("ends with what ends first", () => {
        const entries: [number, Parameters<typeof judge>[0]][] = [
            [AT + 5, { change: ({ leaf }) => Object.assign(leaf, { notAfter: AT + 5 }) }],
            [AT + 6, { change: ({ signer }) => Object.assign(signer, { notAfter: AT + 6 }) }],
            [AT + 7, { change: ({ platformList }) => Object.assign(platformList, { nextUpdate: AT + 7 }) }],
            [AT + 8, { change: ({ rootList }) => Object.assign(rootList, { nextUpdate: AT + 8 }) }],
        ];

        for (const [wanted, entry] of entries) expect(accepted(entry).notAfter).to.equal(wanted);
    });

    it("says of a refused quote what it says, shown or not", () => {
        const { code, attestation, tier } = judge({ collateral: () => undefined });

        expect({ code, tier }).to.deep.equal({ code: "CollateralMissing", tier: "none" });
        expect(attestation).to.include({ userData: bytesToHex(REPORT_DATA), notAfter: AT + 300 * DAY });
        expect(attestation).not.to.have.any.keys("tcbStatus", "advisories");
    });

    it("throws VALUE_OUT_OF_RANGE for a time that is none", () => {
        for (const at of [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY]) {
            expectError(() => judge({ input: { at } }), "VALUE_OUT_OF_RANGE");
        }
    });

    describe("roots", () => {
        it("trusts Intel's key unless told otherwise", () => {
            const { code } = verifyDcap({ kind: "tdx", ...aDcapEvidence(), at: AT });

            expect(code).to.equal("UntrustedRoot");
            expect(judge({ input: { profile: INTEL_DCAP } }).code).to.equal("UntrustedRoot");
        });

        it("keeps simulated quotes and others apart", () => {
            const { document } = makeSimulatedTdxQuote({
                codeHash: `0x${"c0".repeat(32)}`,
                reportData: REPORT_DATA,
                at: AT,
            });
            const codeOf = (profile: DcapInput["profile"]) =>
                verifyDcap({ kind: "tdx", quote: document, at: AT, ...(profile && { profile }) }).code;

            expect(codeOf(undefined)).to.equal("UnknownCriticalExtension");
            expect(judge({ input: { profile: SIMULATED_TDX } }).code).to.equal("NotSimulated");
            expect(codeOf(SIMULATED_TDX)).to.equal("ACCEPTED");
        });

        it("says of a simulated quote that it is one", () => {
            const { document } = makeSimulatedTdxQuote({
                codeHash: `0x${"c0".repeat(32)}`,
                reportData: REPORT_DATA,
                at: AT,
            });

            const verdict = verifyDcap({ kind: "tdx", quote: document, at: AT, profile: SIMULATED_TDX });

            expect(verdict.tier).to.equal("simulated");
            expect(verdict.warnings.map(({ code }) => code)).to.deep.equal(["SIMULATED"]);
            expect(verdict.attestation).not.to.have.any.keys("tcbStatus", "advisories");
        });
    });

    describe("forms of collateral", () => {
        const { root, intermediate } = aDcapPlan();
        type Made = Record<string, string>;
        const base64 = (hex = "") => Buffer.from(hex, "hex").toString("base64");
        const forms: [name: string, (made: Made) => unknown][] = [
            ["names in camel case", (made) => Object.fromEntries(Object.entries(made).map(([n, v]) => [camel(n), v]))],
            [
                "lists in base64",
                (made) => ({ ...made, pck_crl: base64(made.pck_crl), root_ca_crl: base64(made.root_ca_crl) }),
            ],
            ["a list in PEM", (made) => ({ ...made, pck_crl: pemList(base64(made.pck_crl)) })],
            [
                "chains with empty lines",
                (made) => ({ ...made, tcb_info_issuer_chain: `\n\r\n${made.tcb_info_issuer_chain}\n` }),
            ],
            [
                "signatures as numbers",
                (made) => ({
                    ...made,
                    qe_identity_signature: [...Buffer.from(made.qe_identity_signature ?? "", "hex")],
                }),
            ],
            [
                "percent-encoded chains",
                (made) => ({ ...made, pck_crl_issuer_chain: encodeURIComponent(pemChain(intermediate, root)) }),
            ],
            [
                "chains with zero bytes at their end",
                (made) => ({ ...made, tcb_info_issuer_chain: `${made.tcb_info_issuer_chain}\0` }),
            ],
            [
                "the answers of the provisioning service",
                ({ tcb_info, tcb_info_signature, qe_identity, qe_identity_signature, ...made }) => ({
                    ...made,
                    tcb_info: `{"tcbInfo":${tcb_info},"signature":"${tcb_info_signature}"}`,
                    qe_identity: `{"enclaveIdentity":${qe_identity},"signature":"${qe_identity_signature}"}`,
                }),
            ],
        ];

        for (const [name, collateral] of forms) {
            it(`takes ${name}`, () => {
                expect(judge({ collateral }).code).to.equal("ACCEPTED");
            });
        }

        it("refuses an answer of which another part was signed", () => {
            const collateral = ({ tcb_info, tcb_info_signature, ...made }: Made) => ({
                ...made,
                tcb_info: `{"tcbInfo":${tcb_info} ,"signature":"${tcb_info_signature}"}`.replace("17", "18"),
            });

            expect(judge({ collateral }).code).to.equal("CollateralInvalid");
        });
    });
});

function camel(name: string): string {
    return name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function pemList(base64: string): string {
    return `-----BEGIN X509 CRL-----\n${base64.match(/.{1,64}/g)?.join("\n")}\n-----END X509 CRL-----\n`;
}
