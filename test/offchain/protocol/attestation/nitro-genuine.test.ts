import { type AttestationVerdict, platformTraitOf, verifyNitro } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import { SIMULATED_NITRO } from "../../../../offchain/protocol/attestation/simulated.ts";
import { AT } from "../../../support/attestation/nitro.ts";
import { itWithVectors, vectorBytes, vectorJson } from "../../../support/attestation/teeVectors.ts";

const PRODUCTION = "01-nitro-prod-opengradient-20260212";
const DEBUG = "03-nitro-debug-evervault-20221012";

const optionalHex = z.string().nullable();
const Expected = z.object({
    doc: z.object({
        module_id: z.string(),
        timestamp_ms: z.number(),
        public_key: optionalHex,
        user_data: optionalHex,
        nonce: optionalHex,
        pcrs: z.record(z.string(), z.string()),
    }),
    validAtUnix: z.object({ from: z.number(), to: z.number(), suggested: z.number() }),
});

const documentIn = (folder: string) => vectorBytes(`${folder}/attestation.cose`);
const expectedIn = (folder: string) => Expected.parse(vectorJson(`${folder}/expected.json`));
const filesIn = (folder: string) => [`${folder}/attestation.cose`, `${folder}/expected.json`];

/** Every field of the document is what others decoded. */
function expectFields(verdict: AttestationVerdict, { doc, validAtUnix }: z.infer<typeof Expected>): void {
    const { attestation } = verdict;
    const orNothing = (digits: string | null) => (digits === null ? undefined : `0x${digits}`);
    expect(attestation?.registers).to.deep.equal(
        Object.fromEntries(Object.entries(doc.pcrs).map(([index, digits]) => [`pcr${index}`, `0x${digits}`])),
    );
    expect(attestation?.userData).to.equal(`0x${doc.user_data ?? ""}`);
    expect(attestation?.publicKey).to.equal(orNothing(doc.public_key));
    expect(attestation?.nonce).to.equal(orNothing(doc.nonce));
    expect(attestation?.issuedAt).to.equal(Math.floor(doc.timestamp_ms / 1000));
    expect(attestation?.notAfter).to.equal(validAtUnix.to);
    expect(attestation?.traits).to.include(platformTraitOf(new TextEncoder().encode(doc.module_id)));
}

describe("verifyNitro of genuine documents", () => {
    itWithVectors(filesIn(PRODUCTION), "accepts one of production and tells what it says", () => {
        const expected = expectedIn(PRODUCTION);

        const verdict = verifyNitro({ document: documentIn(PRODUCTION), at: expected.validAtUnix.suggested });

        expect(verdict).to.include({ accepted: true, tier: "hardware" });
        expectFields(verdict, expected);
    });

    itWithVectors(filesIn(PRODUCTION), "keeps to the dates of its certificates, and to its age", () => {
        const { from, to } = expectedIn(PRODUCTION).validAtUnix;
        const codeAt = (at: number) => verifyNitro({ document: documentIn(PRODUCTION), at }).code;

        expect(codeAt(from)).to.equal("ACCEPTED");
        expect(codeAt(from - 1)).to.equal("CertNotYetValid");
        expect(codeAt(to - 60)).to.equal("EvidenceTooOld");
        expect(codeAt(to)).to.equal("EvidenceTooOld");
        expect(codeAt(to + 1)).to.equal("CertExpired");
    });

    itWithVectors(filesIn(PRODUCTION), "accepts it with its tag and nothing else around it", () => {
        const document = documentIn(PRODUCTION);
        const at = expectedIn(PRODUCTION).validAtUnix.suggested;
        const codeOf = (bytes: number[]) => verifyNitro({ document: Uint8Array.from(bytes), at }).code;

        expect(codeOf([0xd2, ...document])).to.equal("ACCEPTED");
        expect(codeOf([...document, 0])).to.equal("BadLength");
        expect(codeOf([...document.subarray(0, -1)])).to.equal("BadLength");
    });

    itWithVectors(filesIn(PRODUCTION), "compares its registers", () => {
        const { doc, validAtUnix } = expectedIn(PRODUCTION);
        const judge = (digits: string) =>
            verifyNitro({
                document: documentIn(PRODUCTION),
                at: validAtUnix.suggested,
                expect: { 0: `0x${digits}` },
            });

        expect(judge(doc.pcrs["0"] ?? "").code).to.equal("ACCEPTED");
        expect(judge(doc.pcrs["1"] ?? "").code).to.equal("MeasurementNotAllowed");
    });

    itWithVectors(filesIn(DEBUG), "refuses a debug enclave, whose signatures are good", () => {
        const expected = expectedIn(DEBUG);

        const verdict = verifyNitro({ document: documentIn(DEBUG), at: expected.validAtUnix.suggested });

        expect(verdict.code).to.equal("DebugEnclave");
        expectFields(verdict, expected);
    });

    itWithVectors(filesIn(PRODUCTION), "refuses it under the development root", () => {
        const verdict = verifyNitro({ document: documentIn(PRODUCTION), at: AT, profile: SIMULATED_NITRO });

        expect(verdict.code).to.equal("NotSimulated");
    });
});
