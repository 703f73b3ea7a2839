import { verifyDcap } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { makeCertificate } from "../../../../offchain/enclave/simulated/certificate.ts";
import { AttestationFault } from "../../../../offchain/protocol/attestation/_fault.ts";
import { type Certificate, readCertificate } from "../../../../offchain/protocol/attestation/_x509.ts";
import { readCollateral } from "../../../../offchain/protocol/attestation/dcap/_collateral.ts";
import { parseStrictJson } from "../../../../offchain/protocol/attestation/dcap/_json.ts";
import { commonNameOf } from "../../../../offchain/protocol/attestation/dcap/_names.ts";
import { readPemChain } from "../../../../offchain/protocol/attestation/dcap/_pem.ts";
import { readSgxExtension } from "../../../../offchain/protocol/attestation/dcap/_platform.ts";
import { readQuote } from "../../../../offchain/protocol/attestation/dcap/_quote.ts";
import { readRevocationList } from "../../../../offchain/protocol/attestation/dcap/_revocationList.ts";
import { aDcapEvidence, aDcapPlan, signedText, TEST_PROFILE } from "../../../support/attestation/dcap.ts";
import { AT, aList, makeList, pemChain } from "../../../support/attestation/dcapPki.ts";
import { placesOf, replaced } from "../_leaves.ts";

const FUZZ = { seed: 4_385, numRuns: 1_500 };
const FEW = { seed: 4_386, numRuns: 150 };
/** 1.2.840.113741.1.13.1. */
const SGX_EXTENSION = "0x2a864886f84d010d01";
const PROFILE = { curve: "P-256", understood: [] } as const;

const { root, intermediate, leaf, signer } = aDcapPlan();
const issuer = readCertificate(makeCertificate(root), PROFILE);
const platform = readCertificate(makeCertificate(leaf), PROFILE);
const good = aDcapEvidence();
const TCB_INFO = good.collateral.tcb_info ?? "";
const ascii = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

/** Bytes near a sample: cut, with some of them replaced; or anything at all. */
function near(sample: Uint8Array) {
    const edits = fc.array(fc.record({ at: fc.nat(sample.length - 1), byte: fc.nat(255) }), { maxLength: 4 });
    const edited = fc.tuple(edits, fc.nat(2 * sample.length)).map(([changes, length]) => {
        const bytes = sample.slice(0, length);
        for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
        return bytes;
    });
    return fc.oneof({ weight: 4, arbitrary: edited }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 1_000 }) });
}

/** Ends well or with a fault of attestation; any other error is thrown on. */
function readsOrFaults(read: () => unknown): void {
    try {
        read();
    } catch (error) {
        if (!(error instanceof AttestationFault)) throw error;
    }
}

describe(`readers of quotes and collateral (seeds ${FUZZ.seed}, ${FEW.seed})`, function () {
    this.timeout(30_000);

    const readers: [name: string, sample: Uint8Array, read: (bytes: Uint8Array) => unknown][] = [
        ["quotes", good.quote, readQuote],
        [
            "PEM",
            new TextEncoder().encode(pemChain(leaf)),
            (b) => readPemChain({ text: ascii(b), code: "QuoteInvalid" }),
        ],
        ["revocation lists", listWithEntries(), (der) => readRevocationList({ der, issuer })],
        ["names", intermediate.subject, commonNameOf],
        ["SGX extensions", sgxExtension(platform), (value) => readSgxExtension(withExtension(value))],
        ["JSON", new TextEncoder().encode(TCB_INFO), (b) => parseStrictJson(ascii(b), "it")],
    ];
    for (const [name, sample, read] of readers) {
        it(`end with nothing but a fault, whatever ${name} they read`, () => {
            expect(() => read(sample)).not.to.throw();
            fc.assert(
                fc.property(near(sample), (bytes) => readsOrFaults(() => read(bytes))),
                FUZZ,
            );
        });
    }

    it("end with nothing but a fault, whatever stands in collateral", () => {
        const names = Object.keys(good.collateral);
        const members = fc.dictionary(
            fc.constantFrom(...names),
            fc.oneof(fc.jsonValue(), fc.string({ maxLength: 300 })),
        );

        fc.assert(
            fc.property(fc.oneof(fc.jsonValue(), members), (json) => readsOrFaults(() => readCollateral(json))),
            FUZZ,
        );
    });
});

describe("verifyDcap of anything", function () {
    this.timeout(60_000);

    it("gives a verdict, whatever the bytes of the quote are", () => {
        fc.assert(
            fc.property(near(good.quote), (quote) => {
                const { code } = verifyDcap({ kind: "tdx", ...good, quote, at: AT, profile: TEST_PROFILE });
                expect(code).to.be.a("string");
            }),
            FEW,
        );
    });

    it("gives a verdict, whatever Intel signs", () => {
        const info: unknown = JSON.parse(TCB_INFO);
        const value = fc.oneof(
            fc.jsonValue(),
            fc.constantFrom<unknown>(-1, 256, 1e99, "", "TDX_01", "2026-02-30T00:00:00Z"),
        );

        fc.assert(
            fc.property(fc.constantFrom(...placesOf(info)), value, (path, changed) => {
                const { text, signature } = signedText(
                    replaced(info, path, () => changed),
                    signer.key,
                );
                const collateral = { ...good.collateral, tcb_info: text, tcb_info_signature: signature };
                const { code } = verifyDcap({ kind: "tdx", ...good, collateral, at: AT, profile: TEST_PROFILE });
                expect(code).to.be.a("string");
            }),
            FEW,
        );
    });
});

function listWithEntries(): Uint8Array {
    return makeList({ ...aList(root), serials: [Uint8Array.of(1), Uint8Array.of(0x90, 2)] });
}

function sgxExtension({ extensions }: Certificate): Uint8Array {
    return extensions.all.get(SGX_EXTENSION)?.value ?? new Uint8Array();
}

/** The platform's certificate as if its SGX extension were these bytes. */
function withExtension(value: Uint8Array): Certificate {
    const all = new Map([...platform.extensions.all, [SGX_EXTENSION, { critical: false, value }] as const]);
    return { ...platform, extensions: { ...platform.extensions, all } };
}
