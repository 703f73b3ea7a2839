import { createHash, X509Certificate } from "node:crypto";
import { AMD_ROOTS, bytesToHex, measurementIdOf, platformTraitOf, verifySnp } from "@assay/protocol";
import { expect } from "chai";
import { aReport, aVcek, CHIP_ID, endorsement, LEVELS, NOW, testRoots } from "../../../support/attestation/snp.ts";
import { codeOf, GENUINE, judge, makeKeys } from "./_snp.ts";

const turinKey = () =>
    aVcek({ extensions: endorsement({ levels: { ...LEVELS, fmc: 2 }, chipId: CHIP_ID.subarray(0, 8) }) });
const TURIN_REPORT = {
    tcb: [2, 4, 0, 24, 0, 0, 0, 219],
    cpu: [0x1a, 0x02] as const,
    chipId: Uint8Array.from({ length: 64 }, (_, index) => (index < 8 ? (CHIP_ID[index] ?? 0) : 0)),
};
const aVlek = () => aVcek({ extensions: endorsement({ provider: "CN=cc-test.example" }) });

describe("verifySnp", function () {
    this.timeout(60_000);

    before(makeKeys);

    describe("of a report of a genuine chip", () => {
        const { report, vcek: collateral, at, notBefore, notAfter } = GENUINE;

        it("accepts it with nothing but the certificate of the chip's key", async () => {
            const verdict = await verifySnp({ report, collateral, at });

            if (!verdict.accepted) throw new Error(verdict.reason);
            const { attestation, ...rest } = verdict;
            expect(rest).to.deep.include({ code: "ACCEPTED", kind: "snp", tier: "hardware" });
            expect(attestation.notAfter).to.equal(notAfter);
            expect(attestation.issuedAt).to.equal(0);
            expect(attestation.userData).to.equal(bytesToHex(report.subarray(0x50, 0x90)));
            expect(attestation.registers).to.include({
                measurement: bytesToHex(report.subarray(0x90, 0xc0)),
                reportedTcb: "0x0300000000000873",
            });
            expect(attestation.traits.at(-1)).to.equal(platformTraitOf(report.subarray(0x1a0, 0x1e0)));
            expect(attestation.traits[0]).to.equal(attestation.rootId);
        });

        it("judges its certificates at the time it is told", async () => {
            const codes = [notBefore - 1, notBefore, notAfter, notAfter + 1].map(async (time) => {
                return (await verifySnp({ report, collateral, at: time })).code;
            });

            expect(await Promise.all(codes)).to.deep.equal(["CertNotYetValid", "ACCEPTED", "ACCEPTED", "CertExpired"]);
        });

        it("leaves the caller's bytes as they are", async () => {
            const shared = Buffer.from(report);

            await verifySnp({ report: shared, collateral, at });

            expect(new Uint8Array(shared)).to.deep.equal(report);
        });

        it("refuses it under any other root", async () => {
            const verdict = await verifySnp({ report, collateral, at, roots: testRoots() });

            expect(verdict.code).to.equal("UntrustedRoot");
        });
    });

    it("reads the certificate of a genuine Turin chip down to the report's signature", async () => {
        const { turinVcek: collateral, at } = GENUINE;
        const chipId = new Uint8Array(64);
        chipId.set(Buffer.from("1e550a8ee5cf9f4d", "hex"));
        const judged = (tcb: number[]) =>
            verifySnp({ report: aReport({ ...TURIN_REPORT, chipId, tcb }), collateral, at: at + 60_000_000 });

        expect((await judged([0, 0, 0, 0, 0, 0, 0, 9])).code).to.equal("BadSignature");
        expect((await judged([0, 0, 0, 0, 0, 0, 0, 8])).code).to.equal("ReportKeyMismatch");
        expect((await judged([1, 0, 0, 0, 0, 0, 0, 9])).code).to.equal("ReportKeyMismatch");
    });

    it("pins the certificates of AMD that its key service serves", () => {
        const hashes = AMD_ROOTS.map(({ product, ark }) => [product, createHash("sha256").update(ark).digest("hex")]);

        expect(hashes).to.deep.equal([
            ["Milan", "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd"],
            ["Genoa", "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1"],
            ["Turin", "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a"],
        ]);
    });

    it("knows authorities that OpenSSL finds signed by those roots", () => {
        for (const { product, ark, authorities } of AMD_ROOTS) {
            const { publicKey } = new X509Certificate(ark);
            const names = [`SEV-${product}`, `SEV-VLEK-${product}`];
            for (const [index, bytes] of [...authorities, ark].entries()) {
                const certificate = new X509Certificate(bytes);
                expect(certificate.subject).to.match(new RegExp(`CN=${names[index] ?? `ARK-${product}`}$`));
                expect(certificate.verify(publicKey)).to.equal(true);
            }
        }
    });

    for (const version of [2, 3, 5]) {
        it(`accepts version ${version}`, async () => {
            expect(await codeOf({ report: aReport({ version }) })).to.equal("ACCEPTED");
        });
    }

    it("accepts the mitigation vectors of version 5", async () => {
        const bytes = { 504: 1, 512: 1 };

        expect(await codeOf({ report: aReport({ version: 5, bytes }) })).to.equal("ACCEPTED");
        expect(await codeOf({ report: aReport({ version: 3, bytes }) })).to.equal("ReportInvalid");
    });

    it("reads the TCB and the short chip id of Turin", async () => {
        const verdict = await judge({
            report: aReport(TURIN_REPORT),
            collateral: turinKey(),
            roots: testRoots("Turin"),
            minimumTcb: { fmc: 2, snp: 24 },
        });

        expect(verdict.code).to.equal("ACCEPTED");
        expect(verdict.attestation?.traits.at(-1)).to.equal(platformTraitOf(TURIN_REPORT.chipId));
    });

    it("names the code by measurement, host data, policy, privilege level and id key", async () => {
        const report = aReport();
        const { attestation } = await judge({ report });

        const registers = [
            [0x90, 0xc0],
            [0xc0, 0xe0],
            [0x08, 0x10],
            [0x30, 0x34],
            [0xe0, 0x110],
        ].map(([start, end]) => report.subarray(start, end));
        expect(attestation?.measurementId).to.equal(measurementIdOf({ kind: "snp", registers }));
    });

    it("holds the reported TCB to the levels asked for", async () => {
        expect(await codeOf({ minimumTcb: LEVELS })).to.equal("ACCEPTED");
        for (const part of ["bootloader", "tee", "snp", "microcode"] as const) {
            expect(await codeOf({ minimumTcb: { [part]: LEVELS[part] + 1 } })).to.equal("TcbTooLow");
        }
        expect(await codeOf({ minimumTcb: { fmc: 0 } })).to.equal("TcbTooLow");
    });

    it("holds registers to the values expected", async () => {
        const { attestation } = await judge();
        const measurement = attestation?.registers.measurement ?? "0x";

        expect(await codeOf({ expect: { measurement } })).to.equal("ACCEPTED");
        expect(await codeOf({ expect: { measurement: "0x00" } })).to.equal("MeasurementNotAllowed");
        expect(await codeOf({ expect: { pcr0: measurement } })).to.equal("MeasurementNotAllowed");
    });

    it("accepts another privilege level only by name", async () => {
        const report = aReport({ vmpl: 1 });

        expect(await codeOf({ report })).to.equal("PlatformConfigInvalid");
        expect(await codeOf({ report, vmpl: 1 })).to.equal("ACCEPTED");
        expect(await codeOf({ vmpl: 1 })).to.equal("PlatformConfigInvalid");
    });

    it("accepts a provider's key with a warning, and not where only a chip's own may sign", async () => {
        const report = aReport({ flags: 1 << 2, chipId: new Uint8Array(64) });
        const collateral = aVlek();
        const verdict = await judge({ report, collateral });

        expect(verdict.code).to.equal("ACCEPTED");
        expect(verdict.warnings.map(({ code }) => code)).to.include.members(["PROVIDER_KEY", "CHIP_HIDDEN"]);
        expect(await codeOf({ report, collateral, signingKeys: ["VCEK"] })).to.equal("PlatformConfigInvalid");
    });

    it("takes the chip from its key where the report hides it", async () => {
        const verdict = await judge({ report: aReport({ chipId: new Uint8Array(64) }) });

        expect(verdict.code).to.equal("ACCEPTED");
        expect(verdict.warnings.map(({ code }) => code)).to.include("CHIP_HIDDEN");
        expect(verdict.attestation?.traits.at(-1)).to.equal(platformTraitOf(CHIP_ID));
    });

    it("warns of what the policy and the firmware allow", async () => {
        const policy = 0x30000n | (1n << 18n) | (1n << 21n);
        const loud = await judge({ report: aReport({ policy, bytes: { 56: 5 } }) });
        const quiet = await judge({
            report: aReport({ policy: 0x20000n, bytes: { 64: 0x20 } }),
            minimumTcb: { snp: 1 },
        });

        expect(loud.warnings.map(({ code }) => code)).to.deep.equal([
            "TCB_NOT_CHECKED",
            "REVOCATION_NOT_CHECKED",
            "SMT_ALLOWED",
            "MIGRATION_ALLOWED",
            "CXL_ALLOWED",
            "ALIASES_NOT_CHECKED",
            "FIRMWARE_NOT_COMMITTED",
        ]);
        expect(quiet.warnings.map(({ code }) => code)).to.deep.equal(["REVOCATION_NOT_CHECKED"]);
    });

    it("ends with the earliest of all certificates", async () => {
        const collateral = aVcek({ notAfter: NOW + 1 });

        expect((await judge({ collateral })).attestation?.notAfter).to.equal(NOW + 1);
    });
});
