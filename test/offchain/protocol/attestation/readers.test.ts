import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { hexToBytes, verifyNitro } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { AttestationFault } from "../../../../offchain/protocol/attestation/_fault.ts";
import { readCertificate } from "../../../../offchain/protocol/attestation/_x509.ts";
import { readEnvelope } from "../../../../offchain/protocol/attestation/nitro/_envelope.ts";
import { readPayload } from "../../../../offchain/protocol/attestation/nitro/_payload.ts";
import { certificateVectors } from "../../../../scripts/vectors/attestation/certificates.ts";
import { payloadVectors } from "../../../../scripts/vectors/attestation/payloads.ts";
import { AT, aNitroDocument } from "../../../support/attestation/nitro.ts";

const PROFILE = { curve: "P-384", understood: [] } as const;
const FUZZ = { seed: 4_384, numRuns: 3_000 };

const certificates = readVectors<ReturnType<typeof certificateVectors>>("certificates");
const payloads = readVectors<ReturnType<typeof payloadVectors>>("nitro-payloads");

function readVectors<T>(name: string): T {
    return JSON.parse(readFileSync(`test/vectors/${name}.json`, "utf8"));
}

/** ACCEPTED or the code of the fault; any other error is thrown on. */
function codeOf(read: () => unknown): string {
    try {
        read();
        return "ACCEPTED";
    } catch (error) {
        if (!(error instanceof AttestationFault)) throw error;
        return error.code;
    }
}

/** Bytes near these: cut, lengthened, with some of them replaced, or anything at all. */
function near(samples: readonly Uint8Array[]) {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255) });
    const changes = fc.record({
        sample: fc.constantFrom(...samples),
        length: fc.double({ min: 0, max: 1.1, noNaN: true }),
        edits: fc.array(change, { maxLength: 4 }),
    });
    const edited = changes.map(({ sample, length, edits }) => {
        const bytes = new Uint8Array(length > 0.5 ? sample.length : Math.floor(2 * length * sample.length));
        bytes.set(sample.subarray(0, bytes.length));
        for (const { at, byte } of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        return bytes;
    });
    return fc.oneof({ weight: 4, arbitrary: edited }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 1_000 }) });
}

describe("certificate reader", () => {
    it("has the vectors that its script writes", () => {
        expect(certificates).to.deep.equal(certificateVectors());
    });

    for (const { name, certificate, code } of certificates) {
        it(`says ${code} of ${name}`, () => {
            expect(codeOf(() => readCertificate(hexToBytes(certificate), PROFILE))).to.equal(code);
        });
    }

    it("reads what node:crypto reads", () => {
        for (const { certificate } of certificates.filter(({ code }) => code === "ACCEPTED")) {
            const bytes = hexToBytes(certificate);
            const read = readCertificate(bytes, PROFILE);
            const other = new X509Certificate(bytes);

            const serial = BigInt(`0x${Buffer.from(read.serial).toString("hex")}`);
            expect(serial).to.equal(BigInt(`0x${other.serialNumber}`));
            expect(read.notBefore * 1000).to.equal(Date.parse(other.validFrom));
            expect(read.notAfter * 1000).to.equal(Date.parse(other.validTo));
            expect(read.extensions.basicConstraints?.isAuthority ?? false).to.equal(other.ca);
            const point = other.publicKey.export({ type: "spki", format: "der" }).subarray(-96);
            expect(Buffer.from(read.publicKey).equals(point)).to.equal(true);
        }
    });

    it(`faults with a code whatever it is given (seed ${FUZZ.seed})`, () => {
        const samples = certificates.map(({ certificate }) => hexToBytes(certificate));
        const property = fc.property(near(samples), (bytes) => {
            codeOf(() => readCertificate(bytes, PROFILE));
        });
        fc.assert(property, FUZZ);
    });
});

describe("payload reader", () => {
    it("has the vectors that its script writes", () => {
        expect(payloads).to.deep.equal(payloadVectors());
    });

    for (const { name, payload, code } of payloads) {
        it(`says ${code} of ${name}`, () => {
            expect(codeOf(() => readPayload(hexToBytes(payload)))).to.equal(code);
        });
    }

    it(`faults with a code whatever it is given (seed ${FUZZ.seed})`, () => {
        const property = fc.property(near(payloads.map(({ payload }) => hexToBytes(payload))), (bytes) => {
            codeOf(() => readPayload(bytes));
        });
        fc.assert(property, FUZZ);
    });
});

describe("envelope reader", () => {
    it("takes a document apart without loss", () => {
        const document = aNitroDocument();

        const { payload, signature, signed } = readEnvelope(document);

        expect(document.subarray(10, -98)).to.deep.equal(payload);
        expect(document.subarray(-96)).to.deep.equal(signature);
        expect(Buffer.from(signed.subarray(0, 18)).toString("hex")).to.equal("846a5369676e61747572653144a101382240");
        expect(signed.subarray(18)).to.deep.equal(document.subarray(7, -98));
    });

    it(`never makes verifyNitro throw, whatever it is given (seed ${FUZZ.seed})`, () => {
        const property = fc.property(near([aNitroDocument()]), (document) => {
            verifyNitro({ document, at: AT });
        });
        fc.assert(property, FUZZ);
    });
});
