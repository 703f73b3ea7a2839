import { INTEL_DCAP, SIMULATED_TDX, verifyDcap, verifyNitro } from "@assay/protocol";
import { expect } from "chai";
import { makeSimulatedNitroDocument } from "../../../../offchain/enclave/simulated/nitro.ts";
import { tdxCollateral } from "../../../../offchain/enclave/simulated/tdx.ts";
import { SIMULATED_NITRO } from "../../../../offchain/protocol/attestation/simulated.ts";
import { aNitroDocument, SIMULATED_FORM, TEST_FORM } from "../../../support/attestation/nitro.ts";
import { AT, aTdxQuote } from "../../../support/attestation/simulatedTdx.ts";
import { itWithVectors, vectorBytes } from "../../../support/attestation/teeVectors.ts";
import { createNitroWorld } from "../../../support/nitroWorld.ts";
import { createTdxWorld } from "../../../support/simulatedTdxWorld.ts";

const NITRO = "01-nitro-prod-opengradient-20260212/attestation.cose";
const NITRO_AT = 1770919022;
/** Where the root begins in that document, and its length. */
const AWS_ROOT_BYTES = 533;
const TDX = "x7-tdx-v4-uptodate-qvl-2025/quote.bin";
const TDX_AT = 1751624191;

/** DER of the certificates in a quote: leaf, intermediate, root. */
function certificatesOf(quote: Uint8Array): Uint8Array[] {
    const text = new TextDecoder("latin1").decode(quote);
    const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\n]+)-----END CERTIFICATE-----/g);
    return [...blocks].map(([, base64 = ""]) => new Uint8Array(Buffer.from(base64, "base64")));
}

/** The root in a genuine document, by how it begins. */
function awsRootOf(document: Uint8Array): Uint8Array {
    const start = Buffer.from(document).indexOf(Buffer.from("308202113082", "hex"));
    return document.subarray(start, start + AWS_ROOT_BYTES);
}

describe("Genuine and simulated verifiers refuse each other's documents", function () {
    this.timeout(60_000); // P-384 on chain

    it("the genuine Nitro verifier knows no development root", async () => {
        const { verify } = await createNitroWorld({ at: AT });
        const { document } = makeSimulatedNitroDocument({ codeHash: `0x${"c0".repeat(32)}`, at: AT });

        expect(await verify(document)).to.have.property("code", "UntrustedRoot");
        expect(verifyNitro({ document, at: AT })).to.include({ accepted: false, code: "UntrustedRoot", tier: "none" });
    });

    itWithVectors([NITRO], "the genuine Nitro verifier refuses marked certificates under AWS's own root", async () => {
        const root = awsRootOf(vectorBytes(NITRO));
        const document = aNitroDocument({ form: SIMULATED_FORM, chain: ([, ...below]) => [root, ...below] });
        const { verify } = await createNitroWorld({ at: AT });

        expect(await verify(document)).to.have.property("code", "UnknownCriticalExtension");
        expect(verifyNitro({ document, at: AT })).to.have.property("code", "UnknownCriticalExtension");
    });

    it("the simulated Nitro verifier refuses every other root", async () => {
        const { verify } = await createNitroWorld({ at: AT, profile: SIMULATED_NITRO });
        const document = aNitroDocument({ form: TEST_FORM });

        expect(await verify(document)).to.have.property("code", "NotSimulated");
        expect(verifyNitro({ document, at: AT, profile: SIMULATED_NITRO })).to.have.property("code", "NotSimulated");
    });

    it("the simulated Nitro verifier refuses an enclave that is not named as a stand-in", async () => {
        const { verify } = await createNitroWorld({ at: AT, profile: SIMULATED_NITRO });
        const document = aNitroDocument({ form: { ...SIMULATED_FORM, machine: "i" } });

        expect(await verify(document)).to.have.property("code", "NotSimulated");
        expect(verifyNitro({ document, at: AT, profile: SIMULATED_NITRO })).to.have.property("code", "NotSimulated");
    });

    itWithVectors([NITRO], "the simulated Nitro verifier refuses a genuine document", async () => {
        const document = vectorBytes(NITRO);
        const { verify } = await createNitroWorld({ at: NITRO_AT, profile: SIMULATED_NITRO });

        expect(await verify(document)).to.have.property("code", "NotSimulated");
    });

    itWithVectors([TDX], "the simulated TDX verifier refuses a genuine quote", async () => {
        const quote = vectorBytes(TDX);
        const [leaf = quote, intermediate = quote] = certificatesOf(quote);
        const { verify } = await createTdxWorld({ at: TDX_AT });

        const verdict = await verify({ quote, collateral: tdxCollateral({ leaf, intermediate }) });

        expect(verdict).to.have.property("code", "NotSimulated");
        const twin = verifyDcap({ kind: "tdx", quote, at: TDX_AT, profile: SIMULATED_TDX });
        expect(twin).to.have.property("code", "NotSimulated");
    });

    it("the genuine TDX verification refuses a simulated quote, with the mark and without it", () => {
        const { quote } = aTdxQuote();
        const unmarked = aTdxQuote({ marks: [] }).quote;
        const codeOf = (bytes: Uint8Array) =>
            verifyDcap({ kind: "tdx", quote: bytes, at: AT, profile: INTEL_DCAP }).code;

        expect(codeOf(quote)).to.equal("UnknownCriticalExtension");
        expect(codeOf(unmarked)).to.equal("UnknownCriticalExtension");
    });
});
