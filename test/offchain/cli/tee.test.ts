import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import { makeSimulatedNitroDocument } from "../../../offchain/enclave/simulated/nitro.ts";
import { makeSimulatedTdxQuote } from "../../../offchain/enclave/simulated/tdx.ts";
import { pem } from "../../support/attestation/snp.ts";
import { GENUINE } from "../protocol/attestation/_snp.ts";
import { aHome, assay, assayProcess, type Ran } from "./_assay.ts";
import { teeVectors } from "./_teeVectors.ts";

const NOW = 1_800_000_000;
const CODE_HASH = `0x${"c0".repeat(32)}` as const;
const codesOf = ({ json }: Ran): string[] => json.warnings.map(({ code }: { code: string }) => code);

describe("assay tee verify", function () {
    this.timeout(60_000);

    let home: string;
    let remove: () => Promise<void>;

    before(async () => {
        ({ home, remove } = await aHome());
        await writeFile(path.join(home, "report.bin"), GENUINE.report);
        await writeFile(path.join(home, "vcek.pem"), pem(GENUINE.vcek));
        await writeFile(path.join(home, "nitro.cose"), nitro.document);
        await writeFile(path.join(home, "quote.bin"), tdx.document);
    });
    after(() => remove());

    const nitro = makeSimulatedNitroDocument({ codeHash: CODE_HASH, at: NOW, nonce: Uint8Array.of(1, 2) });
    const tdx = makeSimulatedTdxQuote({ codeHash: CODE_HASH, at: NOW, reportData: Uint8Array.of(3, 4) });
    const verify = (...argv: string[]) => assay(["tee", "verify", ...argv, "--json"], { cwd: home });
    const snp = (...argv: string[]) =>
        verify("report.bin", "--kind", "snp", "--collateral", "vcek.pem", "--at", String(GENUINE.at), ...argv);
    const sim = (...argv: string[]) => verify("nitro.cose", "--kind", "nitro", "--at", String(NOW), ...argv);
    const simTdx = (...argv: string[]) => verify("quote.bin", "--kind", "tdx", "--at", String(NOW), ...argv);

    it("accepts a report of a genuine chip, with everything it says", async () => {
        const { exitCode, json } = await snp();

        expect(exitCode).to.equal(0);
        expect(json).to.include({ accepted: true, code: "ACCEPTED", reason: "", kind: "snp", tier: "hardware" });
        expect(json).to.include({ issuedAt: 0, notAfter: GENUINE.notAfter, publicKey: null, said: null });
        expect(json.userData).to.equal(`0x${Buffer.from(GENUINE.report.subarray(0x50, 0x90)).toString("hex")}`);
        expect(json.registers.reportedTcb).to.equal("0x0300000000000873");
        expect(json.measurement).to.match(/^0x[0-9a-f]{64}$/);
    });

    it("does so as its own process, and says what was not asked", async () => {
        const argv = ["tee", "verify", "report.bin", "--kind", "snp", "--collateral", "vcek.pem"];
        const { exitCode, stdout } = await assayProcess([...argv, "--at", String(GENUINE.at)], { cwd: home });

        expect(exitCode).to.equal(0);
        expect(stdout).to.match(/^accepted +snp, hardware$/m);
        expect(stdout).to.contain("! FRESHNESS_UNKNOWN:");
        expect(stdout).to.contain("! MEASUREMENT_NOT_EXPECTED:");
        expect(stdout).not.to.contain("SIMULATED");
    });

    it("takes the document in hex or base64 too", async () => {
        const hex = Buffer.from(GENUINE.report).toString("hex");
        const texts = [
            `0x${hex}\n`,
            hex.replaceAll(/(.{76})/g, "$1\r\n"),
            Buffer.from(GENUINE.report).toString("base64"),
        ];

        for (const text of texts) {
            await writeFile(path.join(home, "report.bin"), text);
            expect((await snp()).exitCode).to.equal(0);
        }
        await writeFile(path.join(home, "report.bin"), GENUINE.report);
    });

    it("shows of a refused document what it says apart from what is shown", async () => {
        const { exitCode, json } = await snp("--minimum-tcb", "microcode=116", "--minimum-tcb", "snp=8");

        expect(exitCode).to.equal(1);
        expect(json).to.include({ accepted: false, code: "TcbTooLow", tier: "none", measurement: null });
        expect(json).to.include({ registers: null, userData: null, notAfter: null });
        expect(json.said.registers.reportedTcb).to.equal("0x0300000000000873");
        expect(json.fix).to.contain("--minimum-tcb");
    });

    it("holds a report to registers, measurement and report data", async () => {
        const { json } = await snp();
        const { measurement, chipId } = json.registers;

        const right = await snp(
            ...["--expect", `measurement=${measurement}`, "--expect", `chipId=${chipId.slice(2)}`],
            ...["--expect-measurement", json.measurement, "--expect-report-data", json.userData],
        );
        expect(right.exitCode).to.equal(0);
        expect(codesOf(right)).not.to.include.members(["FRESHNESS_UNKNOWN"]);
        expect(codesOf(right)).not.to.include.members(["MEASUREMENT_NOT_EXPECTED"]);
        for (const [code, argv] of [
            ["MeasurementNotAllowed", ["--expect", `measurement=${"00".repeat(48)}`]],
            ["MeasurementNotAllowed", ["--expect-measurement", CODE_HASH]],
            ["ContentMismatch", ["--expect-report-data", "0x00"]],
            ["PlatformConfigInvalid", ["--vmpl", "1"]],
        ] as const) {
            const wrong = await snp(...argv);
            expect([wrong.exitCode, wrong.json.code]).to.deep.equal([1, code]);
        }
    });

    it("refuses stand-ins, and says what they are", async () => {
        for (const refused of [await sim(), await simTdx()]) {
            expect(refused.exitCode).to.equal(1);
            expect(refused.json.code).to.be.oneOf(["UntrustedRoot", "UnknownCriticalExtension"]);
            expect(refused.json).to.include({ accepted: false, tier: "none", measurement: null });
            expect(refused.json.reason).to.match(/^SIMULATED: /);
        }
    });

    it("accepts stand-ins that were asked for, under a banner", async () => {
        const { exitCode, json } = await sim("--allow-simulated");
        const text = await assay(
            ["tee", "verify", "quote.bin", "--kind", "tdx", "--at", String(NOW), "--allow-simulated"],
            { cwd: home },
        );

        expect(exitCode).to.equal(0);
        expect(json).to.include({ accepted: true, kind: "nitro", tier: "simulated", issuedAt: NOW, nonce: "0x0102" });
        expect(text.exitCode).to.equal(0);
        expect(text.stdout).to.match(/^\*\*\* SIMULATED: .*\naccepted +tdx, SIMULATED$/m);
    });

    it("judges the age of a Nitro document when asked, and says so when not", async () => {
        const old = ["--allow-simulated", "--at", String(NOW + 301)];
        const unasked = await verify("nitro.cose", "--kind", "nitro", ...old);
        const asked = await verify("nitro.cose", "--kind", "nitro", ...old, "--max-age", "300");
        const young = await verify("nitro.cose", "--kind", "nitro", ...old, "--max-age", "301");

        expect(codesOf(unasked)).to.include("AGE_NOT_CHECKED");
        expect([asked.exitCode, asked.json.code]).to.deep.equal([1, "EvidenceTooOld"]);
        expect([young.exitCode, codesOf(young).includes("AGE_NOT_CHECKED")]).to.deep.equal([0, false]);
    });

    it("holds a Nitro document to PCRs, nonce and user data", async () => {
        const { json } = await sim("--allow-simulated");
        const { pcr0, pcr8 } = json.registers;

        const right = await sim(
            ...["--allow-simulated", "--expect-pcr", `0=${pcr0.slice(2)}`, "--expect", `pcr8=${pcr8}`],
            ...["--expect-nonce", "0102"],
        );
        expect(right.exitCode).to.equal(0);
        expect(codesOf(right)).to.deep.equal(["SIMULATED"]);
        for (const [code, argv] of [
            ["MeasurementNotAllowed", ["--expect-pcr", `1=${pcr0}`]],
            ["MeasurementNotAllowed", ["--expect-pcr", `31=${pcr0}`]],
            ["ContentMismatch", ["--expect-nonce", "0x0103"]],
            ["ContentMismatch", ["--expect-user-data", "0x01"]],
            ["ContentMismatch", ["--expect-public-key", "0x01"]],
        ] as const) {
            const wrong = await sim("--allow-simulated", ...argv);
            expect([wrong.exitCode, wrong.json.code]).to.deep.equal([1, code]);
        }
    });

    it("refuses what is no such document with a code of its kind", async () => {
        await writeFile(path.join(home, "empty"), "");
        const kinds = { nitro: "BadLength", tdx: "QuoteInvalid", sgx: "QuoteInvalid", snp: "ReportInvalid" };
        const otherCodes: Record<string, string> = { nitro: "CoseInvalid" };

        for (const [kind, code] of Object.entries(kinds)) {
            const empty = await verify("empty", "--kind", kind);
            const other = await verify("vcek.pem", "--kind", kind);
            expect([empty.exitCode, empty.json.code]).to.deep.equal([1, code]);
            expect([other.exitCode, other.json.code]).to.deep.equal([1, otherCodes[kind] ?? code]);
        }
        expect((await simTdx("--collateral", "report.bin")).exitCode).to.equal(2);
    });

    for (const [what, argv] of Object.entries({
        "no kind": ["report.bin"],
        "an unknown kind": ["report.bin", "--kind", "sev"],
        "a file that is not there": ["nowhere", "--kind", "snp"],
        "collateral that is not there": ["report.bin", "--kind", "snp", "--collateral", "nowhere"],
        "collateral for Nitro": ["nitro.cose", "--kind", "nitro", "--collateral", "vcek.pem"],
        "two files of collateral for TDX": [
            ...["quote.bin", "--kind", "tdx", "--collateral", "vcek.pem", "--collateral", "vcek.pem"],
        ],
        "bad hex in a file": ["bad.hex", "--kind", "snp"],
        "bad hex in a register": ["report.bin", "--kind", "snp", "--expect", "measurement=0g"],
        "a PCR of another length": ["nitro.cose", "--kind", "nitro", "--expect-pcr", "0=00"],
        "PCR 32": ["nitro.cose", "--kind", "nitro", "--expect-pcr", `32=${"00".repeat(48)}`],
        "a PCR of a quote": ["quote.bin", "--kind", "tdx", "--expect-pcr", `0=${"00".repeat(48)}`],
        "a register of a quote in a Nitro document": ["nitro.cose", "--kind", "nitro", "--expect", "mrTd=00"],
        "an age of a document without time": ["quote.bin", "--kind", "tdx", "--max-age", "300"],
        "a status of Intel's for AMD": ["report.bin", "--kind", "snp", "--allow-status", "OutOfDate"],
        "an unknown part of the TCB": ["report.bin", "--kind", "snp", "--minimum-tcb", "bios=1"],
        "a level above 255": ["report.bin", "--kind", "snp", "--minimum-tcb", "snp=256"],
        "a time that is none": ["report.bin", "--kind", "snp", "--at", "now"],
        "a time in milliseconds": ["nitro.cose", "--kind", "nitro", "--at", "1770918962724"],
        "stand-ins of a kind that has none": ["report.bin", "--kind", "snp", "--allow-simulated"],
    })) {
        it(`ends with 2 and a way out for ${what}`, async () => {
            await writeFile(path.join(home, "bad.hex"), "0xabc");
            const { exitCode, json, stderr } = await verify(...argv);

            expect(exitCode).to.equal(2);
            expect(json.error.code).to.equal("WRONG_USAGE");
            expect(stderr).to.match(/\n {2}fix: \w/);
        });
    }

    describe("of the genuine documents beside the repository", () => {
        const vectors = teeVectors();
        const at = (argv: string[], time: number, ...more: string[]) => verify(...argv, "--at", String(time), ...more);
        if (vectors.length === 0) it("agrees with what is known of them (../shared/tee-vectors is not there)");

        for (const { name, argv, expect: known, validAtUnix, tcb } of vectors) {
            it(`agrees with what is known of ${name}`, async () => {
                const times = validAtUnix ?? { from: NOW, to: NOW, suggested: NOW };
                const statuses = /TCB status/.test(known) ? allowed(tcb) : [];
                const ran = await at(argv, times.suggested, ...statuses);

                const isDebug = /REJECT\(debug\)/.test(known);
                expect(ran.json.code).to.equal(isDebug ? "DebugEnclave" : "ACCEPTED");
                expect(ran.exitCode).to.equal(isDebug ? 1 : 0);
                if (statuses.length > 0) {
                    expect((await at(argv, times.suggested)).json.code).to.equal("TcbStatusNotAllowed");
                }
                if (validAtUnix === undefined || isDebug) return;
                for (const time of [times.from, times.to]) {
                    expect((await at(argv, time, ...statuses)).exitCode).to.equal(0);
                }
                for (const time of [times.from - 1, times.to + 1]) {
                    expect((await at(argv, time, ...statuses)).exitCode).to.equal(1);
                }
            });
        }
    });

    it("changes none of the files", async () => {
        expect(new Uint8Array(await readFile(path.join(home, "report.bin")))).to.deep.equal(GENUINE.report);
    });
});

function allowed(tcb: { platform_sgx: string; advisories: string[] } | undefined): string[] {
    if (tcb === undefined) return [];
    return ["--allow-status", tcb.platform_sgx, ...tcb.advisories.flatMap((id) => ["--allow-advisory", id])];
}
