import {
    type AttestationVerdict,
    AWS_NITRO,
    bytesToHex,
    certificateTraitOf,
    type Hex,
    measurementIdOf,
    type NitroVerification,
    platformTraitOf,
    rootIdOf,
    verifyNitro,
} from "@assay/protocol";
import { expect } from "chai";
import { makeSimulatedNitroDocument } from "../../../../offchain/enclave/simulated/nitro.ts";
import { SIMULATED_NITRO } from "../../../../offchain/protocol/attestation/simulated.ts";
import { AT, aNitroDocument, aNitroPlan, SIMULATED_FORM, TEST_FORM } from "../../../support/attestation/nitro.ts";
import { codeOf, documentOf, NITRO_CASES } from "../../../support/attestation/nitroCases.ts";
import { expectError } from "../_expect.ts";

const GOOD = aNitroDocument();

/** Verdict on the good document under the tests' root, AT. */
function judge(change: Partial<NitroVerification> = {}): AttestationVerdict {
    return verifyNitro({ document: GOOD, at: AT, profile: TEST_FORM.profile, ...change });
}

/** Content bytes of the INTEGER of a serial number. */
function contentOf(serial: Uint8Array): Uint8Array {
    return (serial[0] ?? 0) < 0x80 ? serial : Uint8Array.of(0, ...serial);
}

describe("verifyNitro", () => {
    for (const form of [TEST_FORM, SIMULATED_FORM]) {
        // What does not depend on the tier is shown under one of them.
        const cases = NITRO_CASES.filter(({ code }) => form === TEST_FORM || typeof code !== "string");
        for (const entry of cases) {
            const code = codeOf(entry, form);
            it(`says ${code} of ${entry.name} (${form.profile.tier})`, () => {
                const at = entry.at?.(form) ?? AT;

                const verdict = verifyNitro({ document: documentOf(entry, form), at, profile: form.profile });

                expect(verdict.code).to.equal(code);
                expect(verdict.accepted).to.equal(code === "ACCEPTED");
                expect(verdict.tier).to.equal(code === "ACCEPTED" ? form.profile.tier : "none");
            });
        }
    }

    it("tells everything that a document says", () => {
        const { regional, zonal, instance, leaf } = aNitroPlan();
        const text = (value: string) => new TextEncoder().encode(value);
        const register = (index: number) => new Uint8Array(48).fill(0x10 + index);

        const verdict = judge();

        expect(verdict.attestation).to.deep.include({
            rootId: rootIdOf(TEST_FORM.root.key.publicKey),
            measurementId: measurementIdOf({ kind: "nitro", registers: [0, 1, 2, 8].map(register) }),
            userData: `0x${"b1".repeat(32)}`,
            publicKey: bytesToHex(text("dummy")),
            nonce: `0x${"0e".repeat(20)}`,
            issuedAt: AT,
            notAfter: leaf.notAfter,
            traits: [
                rootIdOf(TEST_FORM.root.key.publicKey),
                ...[regional, zonal, instance, leaf].map(({ issuer, serial }) =>
                    certificateTraitOf({ issuer, serial: contentOf(serial) }),
                ),
                platformTraitOf(text("i-0123456789abcdef0-enc0123456789abcdef")),
                platformTraitOf(text("i-0123456789abcdef0")),
            ],
        });
        expect(verdict.attestation?.registers).to.include({
            pcr0: bytesToHex(register(0)),
            pcr15: `0x${"00".repeat(48)}`,
        });
        expect(verdict.warnings).to.deep.equal([]);
    });

    it("takes PCR 8 that is absent for zeros, as one that is there", () => {
        const pcrs = ([...Array(8).keys()] as number[]).map((index): [number, Uint8Array] => [
            index,
            new Uint8Array(48).fill(1),
        ]);

        const absent = judge({ document: aNitroDocument({ fields: { pcrs } }) });
        const zero = judge({ document: aNitroDocument({ fields: { pcrs: [...pcrs, [8, new Uint8Array(48)]] } }) });

        expect(absent.attestation?.measurementId).to.equal(zero.attestation?.measurementId);
    });

    it("tells what a document says that is genuine but refused", () => {
        const verdict = judge({ at: AT + 301 });

        expect(verdict.code).to.equal("EvidenceTooOld");
        expect(verdict.accepted ? "" : verdict.reason).to.match(
            / at \d+ \(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\), and it is /,
        );
        expect(verdict.attestation).to.deep.equal(judge().attestation);
    });
});

describe("verifyNitro's options", () => {
    it("compare registers", () => {
        const pcr = (byte: number): Hex => `0x${byte.toString(16).repeat(48)}`;

        expect(judge({ expect: { 0: pcr(0x10), 8: pcr(0x18), 15: `0x${"00".repeat(48)}` } }).code).to.equal("ACCEPTED");
        expect(judge({ expect: { 0: pcr(0x10).toUpperCase().replace("X", "x") as Hex } }).code).to.equal("ACCEPTED");
        expect(judge({ expect: { 0: pcr(0x10), 1: pcr(0x10) } }).code).to.equal("MeasurementNotAllowed");
        expect(judge({ expect: { 16: `0x${"00".repeat(48)}` } }).code).to.equal("MeasurementNotAllowed");
    });

    it("refuse registers that are none", () => {
        expectError(() => judge({ expect: { 0: "0x00" } }), "HEX_INVALID");
    });

    it("let any age pass only when asked to, and say so", () => {
        const at = aNitroPlan().leaf.notAfter;

        const verdict = judge({ at, maxAgeSeconds: "any" });

        expect(verdict.code).to.equal("ACCEPTED");
        expect(verdict.warnings.map(({ code }) => code)).to.deep.equal(["AGE_NOT_CHECKED"]);
        expect(judge({ at: at + 1, maxAgeSeconds: "any" }).code).to.equal("CertExpired");
    });

    it("survive a time that no calendar has", () => {
        const document = aNitroDocument({ fields: { timestamp: Number.MAX_SAFE_INTEGER } });

        expect(judge({ document }).code).to.equal("EvidenceFromFuture");
    });

    it("bound age and skew", () => {
        expect(judge({ at: AT + 7, maxAgeSeconds: 7 }).code).to.equal("ACCEPTED");
        expect(judge({ at: AT + 8, maxAgeSeconds: 7 }).code).to.equal("EvidenceTooOld");
        expect(judge({ at: AT - 3, maxSkewSeconds: 3 }).code).to.equal("ACCEPTED");
        expect(judge({ at: AT - 4, maxSkewSeconds: 3 }).code).to.equal("EvidenceFromFuture");
    });

    for (const value of [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, 2 ** 53]) {
        it(`refuse ${value} as a time`, () => {
            expectError(() => judge({ at: value }), "VALUE_OUT_OF_RANGE");
            expectError(() => judge({ maxAgeSeconds: value }), "VALUE_OUT_OF_RANGE");
            expectError(() => judge({ maxSkewSeconds: value }), "VALUE_OUT_OF_RANGE");
        });
    }

    it("accept AWS alone unless told", () => {
        expect(verifyNitro({ document: GOOD, at: AT }).code).to.equal("UntrustedRoot");
        expect(judge({ profile: AWS_NITRO }).code).to.equal("UntrustedRoot");
    });

    it("accept a stand-in only when its root is named, and say SIMULATED", () => {
        const { document } = makeSimulatedNitroDocument({ codeHash: `0x${"5a".repeat(32)}`, at: AT });

        const verdict = verifyNitro({ document, at: AT, profile: SIMULATED_NITRO });

        expect(verdict).to.include({ accepted: true, tier: "simulated" });
        expect(verdict.warnings.map(({ code }) => code)).to.deep.equal(["SIMULATED"]);
        expect(verifyNitro({ document, at: AT }).code).to.equal("UntrustedRoot");
        const unlocked = { tier: "hardware", rootHash: SIMULATED_NITRO.rootHash } as const;
        expect(verifyNitro({ document, at: AT, profile: unlocked }).code).to.equal("UnknownCriticalExtension");
    });
});
