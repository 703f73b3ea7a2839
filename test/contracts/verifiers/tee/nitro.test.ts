import { verifyNitro } from "@assay/protocol";
import { expect } from "chai";
import { AT, aNitroDocument, SIMULATED_FORM } from "../../../support/attestation/nitro.ts";
import { flipped } from "../../../support/attestation/signatures.ts";
import { createNitroWorld, GENUINE, genuineDocument } from "../../../support/nitroWorld.ts";

describe("NitroVerifier", () => {
    it("refuses documents of the stand-ins, and their verifier refuses those of another root", async () => {
        const genuine = await createNitroWorld({ at: AT });
        const simulated = await createNitroWorld({ at: AT, profile: SIMULATED_FORM.profile });

        const standIn = await genuine.verify(aNitroDocument({ form: SIMULATED_FORM }));
        const other = await simulated.verify(aNitroDocument());

        expect(standIn.code).to.equal("UntrustedRoot");
        expect(other.code).to.equal("NotSimulated");
    });

    it("refuses collateral, which a Nitro document does not have", async () => {
        const { verifier } = await createNitroWorld({ at: AT });

        await expect(verifier.verify.staticCall(aNitroDocument(), "0x00"))
            .to.be.revertedWithCustomError(verifier, "UnexpectedCollateral")
            .withArgs(1);
    });

    it("answers what it is", async () => {
        const { verifier } = await createNitroWorld({ at: AT });

        expect(await verifier.family()).to.equal(1n);
        expect(await verifier.isSimulated()).to.equal(false);
        expect(await verifier.rootHash()).to.equal(
            "0x311d96fcd5c5e0ccf72ef548e2ea7d4c0cd53ad7c4cc49e67471aed41d61f185",
        );
    });
});

describe("NitroVerifier on genuine documents", () => {
    const production = genuineDocument(GENUINE.production);
    const debug = genuineDocument(GENUINE.debug);
    if (production === undefined || debug === undefined) {
        it("needs ../shared/tee-vectors, which is not there");
        return;
    }
    const { document, expected } = production;
    const issuedAt = Math.floor(expected.doc.timestamp_ms / 1000);
    /** A minute after the document was made. */
    const at = issuedAt + 60;
    /** Unix seconds in which all certificates are valid; the leaf's. */
    const from = Math.max(...expected.chain_root_first.map(({ notBefore }) => notBefore));
    const to = Math.min(...expected.chain_root_first.map(({ notAfter }) => notAfter));

    it("accepts a production document and says what TypeScript says", async () => {
        const world = await createNitroWorld({ at });

        const { code, attestation } = await world.verify(document);

        expect(code).to.equal("ACCEPTED");
        expect(verifyNitro({ document, at }).attestation).to.deep.include(attestation);
        expect(attestation).to.deep.include({ userData: `0x${expected.doc.user_data}`, issuedAt, notAfter: to });
    });

    it("refuses a debug document whose signatures are all right", async () => {
        const world = await createNitroWorld({ at: Math.floor(debug.expected.doc.timestamp_ms / 1000) + 60 });

        expect((await world.verify(debug.document)).code).to.equal("DebugEnclave");
    });

    it("accepts it with the tag, and with the other s", async () => {
        const world = await createNitroWorld({ at });
        await world.cache(document);
        const other = Uint8Array.from([...document.subarray(0, -96), ...flipped(Uint8Array.from(document.slice(-96)))]);

        expect((await world.verify(Uint8Array.from([0xd2, ...document]))).code).to.equal("ACCEPTED");
        expect((await world.verify(other)).code).to.equal("ACCEPTED");
    });

    for (const { name, time, code } of [
        { name: "a second before its leaf is valid", time: from - 1, code: "CertNotYetValid" },
        { name: "a second after its leaf was valid", time: to + 1, code: "CertExpired" },
        { name: "while its leaf is valid, but too late for the document", time: to - 60, code: "EvidenceTooOld" },
        { name: "301 seconds after it was made", time: issuedAt + 301, code: "EvidenceTooOld" },
        { name: "300 seconds after it was made", time: issuedAt + 300, code: "ACCEPTED" },
    ]) {
        it(`answers ${code} ${name}, as TypeScript does`, async () => {
            const world = await createNitroWorld({ at: time });

            expect((await world.verify(document)).code).to.equal(code);
            expect(verifyNitro({ document, at: time }).code).to.equal(code);
        });
    }
});
