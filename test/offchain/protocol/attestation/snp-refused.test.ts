import { AMD_ROOTS } from "@assay/protocol";
import { expect } from "chai";
import { AUTHORITY } from "../../../support/attestation/amdCertificate.ts";
import {
    anArk,
    anAsk,
    aReport,
    aVcek,
    CHIP_ID,
    endorsement,
    LEVELS,
    NOW,
    pem,
    signReport,
    testKey,
    testRoots,
} from "../../../support/attestation/snp.ts";
import { codeOf, GENUINE, judge, makeKeys } from "./_snp.ts";

/** PEM of several certificates. */
const bundle = (...certificates: Uint8Array[]) => Buffer.from(certificates.map(pem).join(""));
const flipped = (report: Uint8Array, offset: number) => report.with(offset, (report[offset] ?? 0) ^ 1);

describe("verifySnp refuses", function () {
    this.timeout(60_000);

    before(makeKeys);

    for (const [what, report] of Object.entries({
        "a report that is too short": () => aReport().subarray(0, 1183),
        "version 1": () => aReport({ version: 1 }),
        "version 4": () => aReport({ version: 4 }),
        "version 6": () => aReport({ version: 6 }),
        "a policy without the bit that is always set": () => aReport({ policy: 0n }),
        "a policy with a bit that nobody knows": () => aReport({ policy: 0x20000n | (1n << 26n) }),
        "privilege level 4": () => aReport({ vmpl: 4 }),
        "another signature algorithm": () => aReport({ bytes: { 52: 2 } }),
        "no signing key": () => aReport({ flags: 7 << 2 }),
        "a signing key that nobody knows": () => aReport({ flags: 2 << 2 }),
        "flags that nobody knows": () => aReport({ flags: 1 << 5 }),
        "reserved bytes behind the flags": () => aReport({ bytes: { 76: 1 } }),
        "CPUID before version 3": () => aReport({ version: 2, bytes: { 392: 0x19 } }),
        "reserved bytes behind CPUID": () => aReport({ bytes: { 395: 1 } }),
        "reserved bytes before the signature": () => aReport({ version: 5, bytes: { 671: 1 } }),
        "bytes behind the signature": () => aReport().with(0x49f, 1),
        "a signature number of more than 384 bits": () => aReport().with(0x2a0 + 48, 1),
    })) {
        it(`${what}: ReportInvalid`, async () => {
            expect(await codeOf({ report: report() })).to.equal("ReportInvalid");
        });
    }

    it("debugging, whatever else is right: DebugEnclave", async () => {
        const verdict = await judge({ report: aReport({ policy: 0xb0000n, vmpl: 1 }) });

        expect(verdict.code).to.equal("DebugEnclave");
        expect(verdict.attestation?.registers.policy).to.equal("0x00000b0000000000");
    });

    for (const [what, report] of Object.entries({
        "a changed measurement": () => flipped(aReport(), 0x90),
        "changed report data": () => flipped(aReport(), 0x50),
        "a policy whose debug bit was cleared": () => flipped(aReport({ policy: 0xb0000n }), 0x0a).with(0x0a, 3),
        "swapped halves of the signature": swappedHalves,
        "r = 0": () => aReport().fill(0, 0x2a0, 0x2a0 + 72),
        "s = 0": () => aReport().fill(0, 0x2a0 + 72, 0x330),
        "r and s of ones": () => aReport().fill(0xff, 0x2a0, 0x2a0 + 48),
        "the key of another chip with the same name": () => signReport(aReport(), testKey("leaf2")),
    })) {
        it(`${what}: BadSignature`, async () => {
            expect(await codeOf({ report: report() })).to.equal("BadSignature");
        });
    }

    for (const [what, options] of Object.entries({
        "the key of another chip": () => ({ collateral: withLevels({ chipId: CHIP_ID.toReversed() }) }),
        "a key without a chip": () => ({ collateral: aVcek({ extensions: endorsement().slice(0, -1) }) }),
        "a key of another bootloader": () => ({ collateral: withLevels({ levels: { ...LEVELS, bootloader: 5 } }) }),
        "a key of another microcode": () => ({ collateral: withLevels({ levels: { ...LEVELS, microcode: 1 } }) }),
        "a key that does not name its levels": () => ({ collateral: aVcek({ extensions: endorsement().slice(-1) }) }),
        "reserved parts of the TCB": () => ({ report: aReport({ tcb: [4, 0, 1, 0, 0, 0, 24, 219] }) }),
        "a processor of another product line": () => ({ report: aReport({ cpu: [0x19, 0x11] }) }),
        "a processor that nobody knows": () => ({ report: aReport({ cpu: [0x17, 0x31] }) }),
        "the order of Turin's TCB on Milan": () => ({ report: aReport({ tcb: [0, 4, 0, 24, 0, 0, 0, 219] }) }),
        "a provider's key on a report of a chip's own": () => ({ collateral: withLevels({ provider: "CN=a" }) }),
        "a chip's own key on a report of a provider's": () => ({ report: aReport({ flags: 1 << 2 }) }),
        "a provider's key that names a chip": () => ({
            report: aReport({ flags: 1 << 2 }),
            collateral: aVcek({ extensions: [...endorsement({ provider: "CN=a" }), ...endorsement().slice(-1)] }),
        }),
    })) {
        it(`${what}: ReportKeyMismatch`, async () => {
            expect(await codeOf(options())).to.equal("ReportKeyMismatch");
        });
    }

    it("a root that only has the right name: UntrustedRoot, and without it BadCertSignature", async () => {
        const ark = anArk({ key: testKey("impostor"), signer: testKey("impostor") });
        const ask = anAsk({ signer: testKey("impostor") });

        expect(await codeOf({ collateral: bundle(aVcek(), ask, ark) })).to.equal("UntrustedRoot");
        expect(await codeOf({ collateral: bundle(aVcek(), ask) })).to.equal("BadCertSignature");
    });

    it("the true root with another signature, which no one needs: UntrustedRoot", async () => {
        expect(await codeOf({ collateral: bundle(aVcek(), anArk()) })).to.equal("UntrustedRoot");
    });

    it("a signing key that issued itself: UntrustedRoot", async () => {
        const collateral = aVcek({ issuer: "SEV-VCEK", signer: testKey("ask") });

        expect(await codeOf({ collateral })).to.equal("UntrustedRoot");
    });

    it("an authority that AMD revoked: CertRevoked", async () => {
        const revoked = testRoots("Milan", ["0x010001"]);

        expect(await codeOf({ roots: revoked })).to.equal("CertRevoked");
        expect(AMD_ROOTS.map(({ revokedSerials }) => revokedSerials)).to.deep.equal([[], ["0x020001"], []]);
    });

    for (const [code, collateral] of Object.entries({
        CertNotYetValid: () => aVcek({ notBefore: NOW + 1 }),
        CertExpired: () => aVcek({ notAfter: NOW - 1 }),
        LeafIsAuthority: () => aVcek({ extensions: [...endorsement(), ...AUTHORITY.slice(0, 1)] }),
        KeyUsageInvalid: () => aVcek({ extensions: [...endorsement(), ...AUTHORITY.slice(1)] }),
        ExtensionDuplicate: () => aVcek({ extensions: [...endorsement(), ...endorsement().slice(-1)] }),
        UnknownCriticalExtension: () =>
            aVcek({ extensions: [...endorsement(), { id: "1.2.3", critical: true, value: Uint8Array.of(5, 0) }] }),
        BadCertSignature: () => aVcek({ signer: testKey("ark") }),
        NotACertificateAuthority: () => bundle(aVcek(), anAsk({ extensions: AUTHORITY.slice(1) })),
        DerInvalid: () => aVcek().subarray(0, -1),
        UntrustedRoot: () => aVcek({ issuer: "SEV-Other" }),
    })) {
        it(`certificates: ${code}`, async () => {
            expect(await codeOf({ collateral: collateral() })).to.equal(code);
        });
    }

    for (const [code, changes] of Object.entries({
        CertNotYetValid: { notBefore: NOW + 1 },
        CertExpired: { notAfter: NOW - 1 },
        KeyUsageInvalid: { extensions: AUTHORITY.slice(0, 1) },
        UntrustedRoot: { issuer: "ARK-Other" },
    })) {
        it(`the authority's certificate: ${code}`, async () => {
            expect(await codeOf({ collateral: bundle(anAsk(changes), aVcek()) })).to.equal(code);
        });
    }

    it("a genuine report under the key of another chip: ReportKeyMismatch", async () => {
        expect(await codeOf({ report: GENUINE.report })).to.equal("ReportKeyMismatch");
    });
});

function withLevels(parts: Parameters<typeof endorsement>[0]): Uint8Array {
    return aVcek({ extensions: endorsement(parts) });
}

function swappedHalves(): Uint8Array {
    const report = aReport();
    const [r, s] = [report.slice(0x2a0, 0x2e8), report.slice(0x2e8, 0x330)];
    report.set(s, 0x2a0);
    report.set(r, 0x2e8);
    return report;
}
