import { X509Certificate } from "node:crypto";
import { type AttestationVerdict, bytesToHex, concat, hexToBytes, SIMULATED_TDX, verifyDcap } from "@assay/protocol";
import { sha384 } from "@noble/hashes/sha2.js";
import { expect } from "chai";
import { AbiCoder } from "ethers";
import { makeSimulatedTdxQuote } from "../../../offchain/enclave/simulated/tdx.ts";
import { itWithVectors, vectorBytes } from "../../support/attestation/teeVectors.ts";

const AT = 1770919022;
const CODE = `0x${"c0".repeat(32)}` as const;
const REPORT_DATA = new Uint8Array(32).fill(0xb1);
const SIGNED_BYTES = 632;

/** What a quote says under the development root. */
function judge(quote: Uint8Array, at = AT): AttestationVerdict {
    return verifyDcap({ kind: "tdx", quote, at, profile: SIMULATED_TDX });
}

describe("makeSimulatedTdxQuote", () => {
    it("makes quotes that only the development profile accepts, and only as simulated", () => {
        const { document } = makeSimulatedTdxQuote({ codeHash: CODE, reportData: REPORT_DATA, at: AT });

        const verdict = judge(document);

        expect(verdict).to.include({ accepted: true, tier: "simulated" });
        expect(verdict.warnings.map(({ code }) => code)).to.deep.equal(["SIMULATED"]);
        expect(verifyDcap({ kind: "tdx", quote: document, at: AT })).to.include({
            accepted: false,
            code: "UnknownCriticalExtension",
            tier: "none",
        });
    });

    it("says what it was asked to say, padded with zeros", () => {
        const { document } = makeSimulatedTdxQuote({ codeHash: CODE, reportData: REPORT_DATA, at: AT });

        const { attestation } = judge(document);

        expect(attestation?.userData).to.equal(bytesToHex(concat(REPORT_DATA, new Uint8Array(32))));
        for (const name of ["mrTd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"]) {
            const preimage = concat(new TextEncoder().encode(`assay-simulated-${name}`), hexToBytes(CODE));
            expect(attestation?.registers[name]).to.equal(bytesToHex(sha384(preimage)));
        }
    });

    it("makes the same bytes of the same options, and another platform of another name", () => {
        const make = (platform?: string) =>
            makeSimulatedTdxQuote({
                codeHash: CODE,
                reportData: REPORT_DATA,
                at: AT,
                ...(platform === undefined ? {} : { platform }),
            });

        expect(make()).to.deep.equal(make());
        const [one, other] = [make("one"), make("other")].map(({ document }) => judge(document).attestation?.traits);
        expect(one?.slice(0, 2)).to.deep.equal(other?.slice(0, 2));
        expect(one?.slice(2)).not.to.deep.equal(other?.slice(2));
    });

    it("carries its chain as PEM and brings the part that the contract needs as DER", () => {
        const { document, collateral } = makeSimulatedTdxQuote({ codeHash: CODE, reportData: REPORT_DATA, at: AT });
        const text = new TextDecoder("latin1").decode(document);
        const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
        const chain = blocks.map((pem) => new X509Certificate(pem));

        for (const [index, certificate] of chain.entries()) {
            const issuer = chain[Math.min(index + 1, 2)] ?? certificate;
            expect(certificate.verify(issuer.publicKey)).to.equal(true);
            expect(certificate.subject).to.include("O=Assay development\nCN=SIMULATED-DO-NOT-TRUST");
        }
        const [leaf, intermediate] = AbiCoder.defaultAbiCoder().decode(["bytes", "bytes"], collateral);
        expect([leaf, intermediate]).to.deep.equal(chain.slice(0, 2).map(({ raw }) => bytesToHex(raw)));
    });

    it("is accepted at any time, and by a chain whose time lags by a minute", () => {
        for (const at of [1665582666, AT, Math.floor(AT / 1_296_000) * 1_296_000, 2400000000]) {
            const { document } = makeSimulatedTdxQuote({ codeHash: CODE, reportData: REPORT_DATA, at });
            expect(judge(document, at).code).to.equal("ACCEPTED");
            expect(judge(document, at - 60).code).to.equal("ACCEPTED");
        }
    });

    itWithVectors(["x7-tdx-v4-uptodate-qvl-2025/quote.bin"], "has the shape of a genuine quote", () => {
        const genuine = vectorBytes("x7-tdx-v4-uptodate-qvl-2025/quote.bin");
        const { document } = makeSimulatedTdxQuote({ codeHash: CODE, reportData: REPORT_DATA, at: AT });

        expect(document.subarray(0, 28)).to.deep.equal(genuine.subarray(0, 28));
        expect(document.subarray(764, 766)).to.deep.equal(genuine.subarray(764, 766));
        expect(document.subarray(SIGNED_BYTES + 586, SIGNED_BYTES + 588)).to.deep.equal(
            genuine.subarray(SIGNED_BYTES + 586, SIGNED_BYTES + 588),
        );
    });
});
