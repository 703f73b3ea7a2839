import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { explainAttestation } from "@assay/protocol";
import { expect } from "chai";
import { makeSimulatedNitroDocument } from "../../../offchain/enclave/simulated/nitro.ts";
import { makeSimulatedTdxQuote } from "../../../offchain/enclave/simulated/tdx.ts";
import { pem } from "../../support/attestation/snp.ts";
import { GENUINE } from "../protocol/attestation/_snp.ts";
import { aHome, assay } from "./_assay.ts";

const NOW = 1_800_000_000;
const CODE_HASH = `0x${"c0".repeat(32)}` as const;
const MANUAL = new URL("../../../docs/attestation.md", import.meta.url);

describe("what assay tee verify says", function () {
    this.timeout(60_000);

    let home: string;
    let remove: () => Promise<void>;

    before(async () => {
        const reportData = Uint8Array.of(3, 4);
        ({ home, remove } = await aHome());
        await writeFile(path.join(home, "report.bin"), GENUINE.report);
        await writeFile(path.join(home, "vcek.pem"), pem(GENUINE.vcek));
        const nitro = makeSimulatedNitroDocument({ codeHash: CODE_HASH, at: NOW, userData: reportData });
        await writeFile(path.join(home, "nitro.cose"), nitro.document);
        const tdx = makeSimulatedTdxQuote({ codeHash: CODE_HASH, at: NOW, reportData });
        await writeFile(path.join(home, "quote.bin"), tdx.document);
    });
    after(() => remove());

    const verify = (...argv: string[]) => assay(["tee", "verify", ...argv], { cwd: home });
    const snp = (...argv: string[]) =>
        verify("report.bin", "--kind", "snp", "--collateral", "vcek.pem", "--at", String(GENUINE.at), ...argv);
    const sim = (...argv: string[]) => verify("nitro.cose", "--kind", "nitro", "--allow-simulated", ...argv);
    const simTdx = (...argv: string[]) =>
        verify("quote.bin", "--kind", "tdx", "--allow-simulated", "--at", String(NOW), ...argv);

    it("names every row once, and the data by the kind's own name", async () => {
        for (const { stdout, name } of [
            { ...(await snp()), name: "report data" },
            { ...(await simTdx()), name: "report data" },
            { ...(await sim("--at", String(NOW))), name: "user data" },
        ]) {
            const names = stdout.split("\n").flatMap((line) => /^(\w[\w ]*?) {2}/.exec(line)?.[1] ?? []);

            expect(names).to.include.members(["measurementId", name]);
            expect(names).to.have.lengthOf(new Set(names).size);
        }
    });

    it("names what differs by the kind's own name", async () => {
        expect((await snp("--expect-report-data", "01")).stdout).to.match(/reason +The report data is 0x/);
        expect((await sim("--at", String(NOW), "--expect-user-data", "01")).stdout).to.match(/The user data is 0x/);
    });

    it("gives the time of a Nitro document in milliseconds", async () => {
        const { stdout } = await sim("--at", String(NOW));
        const { json } = await sim("--at", String(NOW), "--json");

        expect(stdout).to.match(/^made at +2027-01-15T08:00:00\.000Z \(1800000000\)$/m);
        expect(json).to.include({ issuedAt: NOW, issuedAtMs: NOW * 1000 });
        expect((await snp("--json")).json.issuedAtMs).to.equal(null);
    });

    it("says of an old document what to do about documents", async () => {
        const { json } = await sim("--at", String(NOW + 301), "--max-age", "300", "--json");

        expect(json.code).to.equal("EvidenceTooOld");
        expect(json.reason).to.contain("1800000000 (2027-01-15T08:00:00Z)");
        expect(json.fix).to.equal(explainAttestation("EvidenceTooOld").fix);
        expect(json.fix).to.contain("document");
    });

    it("speaks of --at when certificates are not of the time", async () => {
        for (const [at, code] of [
            [GENUINE.notBefore - 1, "CertNotYetValid"],
            [GENUINE.notAfter + 1, "CertExpired"],
        ] as const) {
            const { json } = await snp("--at", String(at), "--json");

            expect(json.code).to.equal(code);
            expect(json.reason).to.match(/\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)/);
            expect(json.fix).to.contain("--at");
        }
    });

    it("speaks of --kind when a document is none of the kind", async () => {
        for (const argv of [
            ["report.bin", "--kind", "nitro"],
            ["nitro.cose", "--kind", "tdx"],
            ["quote.bin", "--kind", "snp"],
        ]) {
            expect((await verify(...argv, "--json")).json.fix).to.contain("--kind");
        }
    });

    it("speaks of --vmpl when that is what differs", async () => {
        expect((await snp("--vmpl", "1", "--json")).json.fix).to.contain("--vmpl");
    });

    it("says which certificate is missing, and where to read about it", async () => {
        const { json } = await verify("report.bin", "--kind", "snp", "--at", String(GENUINE.at), "--json");

        expect(json.code).to.equal("CollateralMissing");
        expect(json.reason).to.match(/VCEK of AMD .*, chip [0-9a-f]{128}, for TCB 0x/);
        expect(json.fix).to.contain("docs/attestation.md");
        expect(readFileSync(MANUAL, "utf8")).to.contain("https://kdsintf.amd.com/vcek/v1/");
    });

    for (const [what, argv, message] of [
        ["no kind", ["report.bin"], "--kind is missing: one of nitro, tdx, sgx, snp"],
        ["an unknown kind", ["report.bin", "--kind", "sev"], "--kind sev: not one of nitro, tdx, sgx, snp"],
        ["a short PCR", ["a", "--kind", "nitro", "--expect-pcr", "0=00"], "--expect-pcr 0=00: not N=HEX"],
        [
            "a short PCR by name",
            ["a", "--kind", "nitro", "--expect", "pcr0=00"],
            "--expect pcr0=00: pcr0 has 48 bytes, not 1. Registers of nitro: pcr0 to pcr31 (48 bytes each)",
        ],
        ["PCR 32", ["a", "--kind", "nitro", "--expect", "pcr32=00"], "--expect pcr32=00: nitro has no such register."],
        [
            "a short measurement",
            ["a", "--kind", "snp", "--expect", "measurement=00"],
            "--expect measurement=00: measurement has 48 bytes, not 1. Registers of snp: guestSvn (4 bytes), policy (8)",
        ],
        ["a short rtmr3", ["a", "--kind", "tdx", "--expect", "rtmr3=00"], "rtmr3 has 48 bytes, not 1."],
        ["a short mrEnclave", ["a", "--kind", "sgx", "--expect", "mrEnclave=00"], "mrEnclave has 32 bytes, not 1."],
        ["a register of another kind", ["a", "--kind", "sgx", "--expect", "mrTd=00"], "sgx has no such register."],
        ["a register of all objects", ["a", "--kind", "tdx", "--expect", "toString=00"], "tdx has no such register."],
        [
            "an unknown status",
            ["a", "--kind", "tdx", "--allow-status", "foo"],
            "--allow-status foo: not one of UpToDate, SWHardeningNeeded, ConfigurationNeeded",
        ],
        ["Revoked", ["a", "--kind", "sgx", "--allow-status", "Revoked"], "--allow-status Revoked: not one of UpToDate"],
    ] as const) {
        it(`names the option and what it takes for ${what}`, async () => {
            const { exitCode, json } = await verify(...argv, "--json");

            expect(exitCode).to.equal(2);
            expect(json.error.code).to.equal("WRONG_USAGE");
            expect(json.error.message).to.contain(message);
        });
    }
});
