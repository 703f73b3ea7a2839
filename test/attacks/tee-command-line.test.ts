/** Files and options that make `assay tee verify` wait, obey, or answer another question than the one that was asked. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import { makeSimulatedNitroDocument } from "../../offchain/enclave/simulated/nitro.ts";
import { aHome, assay, type Ran } from "../offchain/cli/_assay.ts";
import { GENUINE } from "../offchain/protocol/attestation/_snp.ts";
import { pem } from "../support/attestation/snp.ts";

const NOW = 1_800_000_000;
const KEY = Uint8Array.of(4, 5, 6);
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const codesOf = ({ json }: Ran): string[] => json.warnings.map(({ code }: { code: string }) => code);

describe("attack: the command line of tee verify", function () {
    this.timeout(30_000);

    let home: string;
    let remove: () => Promise<void>;
    const verify = (...argv: string[]) => assay(["tee", "verify", ...argv, "--json"], { cwd: home });
    const nitro = (...argv: string[]) => verify("nitro.cose", "--kind", "nitro", "--at", String(NOW), ...argv);
    const nitroOf = (file: string) => verify(file, "--kind", "nitro", "--at", String(NOW), "--allow-simulated");
    const snp = (...argv: string[]) =>
        verify("report.bin", "--kind", "snp", "--collateral", "vcek.pem", "--at", String(GENUINE.at), ...argv);

    before(async () => {
        ({ home, remove } = await aHome());
        const { document } = makeSimulatedNitroDocument({
            codeHash: `0x${"c0".repeat(32)}`,
            at: NOW,
            publicKey: KEY,
            nonce: Uint8Array.of(1),
        });
        await writeFile(path.join(home, "nitro.cose"), document);
        await writeFile(path.join(home, "report.bin"), GENUINE.report);
        await writeFile(path.join(home, "vcek.pem"), pem(GENUINE.vcek));
        await writeFile(path.join(home, "empty"), "");
        await mkdir(path.join(home, "folder"));
        await writeFile(path.join(home, "huge"), "");
        await truncate(path.join(home, "huge"), 8 * 1024 ** 3);
    });
    after(() => remove());

    describe("with files that are none", () => {
        const cases = ["folder", "absent", "huge", ...(existsSync("/dev/zero") ? ["/dev/zero"] : [])];
        for (const file of cases) {
            it(`refuses ${file} as document and as collateral: wrong usage, at once`, async () => {
                const ran = [
                    await verify(file, "--kind", "nitro"),
                    await verify("report.bin", "--kind", "snp", "--collateral", file),
                    await verify("report.bin", "--kind", "tdx", "--collateral", file),
                ];

                for (const { exitCode, json } of ran) {
                    expect(exitCode).to.equal(2);
                    expect(json.error.code).to.equal("WRONG_USAGE");
                }
            });
        }

        const itWithPipes = process.platform === "win32" ? (title: string) => it(`${title} (no named pipes here)`) : it;
        itWithPipes("waits for no pipe that nobody writes to, and reads one that somebody does", async () => {
            const pipe = path.join(home, "pipe");
            execFileSync("mkfifo", [pipe]);
            const silent = await verify("pipe", "--kind", "nitro");
            spawn("cp", [path.join(home, "nitro.cose"), pipe]);
            const reader = await open(pipe, "r"); // waits for the writer, and keeps what it writes
            const heard = await nitroOf("pipe");
            await reader.close();

            expect(silent.json.code).to.equal("BadLength");
            expect(heard.json.code).to.equal("ACCEPTED");
        });

        it("refuses an empty document with a code of its kind", async () => {
            const codes = { nitro: "BadLength", tdx: "QuoteInvalid", sgx: "QuoteInvalid", snp: "ReportInvalid" };
            for (const [kind, code] of Object.entries(codes)) {
                const { exitCode, json } = await verify("empty", "--kind", kind);

                expect({ exitCode, code: json.code }).to.deep.equal({ exitCode: 1, code });
            }
        });

        it("reads receipts from no endless file either", async () => {
            const { exitCode, json } = await assay(["receipt", "verify", "huge", "--json"], { cwd: home });

            expect({ exitCode, code: json.error.code }).to.deep.equal({ exitCode: 1, code: "JSON_FILE_INVALID" });
        });
    });

    describe("with one question asked twice", () => {
        const twoValues = (name: string, width: number) => ["11", "22"].map((byte) => `${name}=${byte.repeat(width)}`);
        const cases: [what: string, ask: () => Promise<Ran>][] = [
            ["a PCR", () => nitro(...twoValues("0", 48).flatMap((value) => ["--expect-pcr", value]))],
            ["a register", () => snp(...twoValues("hostData", 32).flatMap((value) => ["--expect", value]))],
            [
                "a PCR by two options",
                () => nitro("--expect-pcr", `0=${"11".repeat(48)}`, "--expect", `pcr0=${"22".repeat(48)}`),
            ],
            ["a patch level", () => snp("--minimum-tcb", "snp=200", "--minimum-tcb", "snp=0")],
        ];
        for (const [what, ask] of cases) {
            it(`does not answer the last one alone: ${what}`, async () => {
                const { exitCode, json } = await ask();

                expect({ exitCode, code: json.error?.code }).to.deep.equal({ exitCode: 2, code: "WRONG_USAGE" });
                expect(json.error.message).to.contain("two values are asked of");
            });
        }

        it("takes the same value twice", async () => {
            const level = ["--minimum-tcb", "snp=0"];

            expect((await snp(...level, ...level)).exitCode).to.equal(0);
        });
    });

    describe("with expectations that show no freshness", () => {
        const weak: [what: string, argv: string[]][] = [
            ["a key that may be in many documents", ["--expect-public-key", "040506"]],
            ["user data that is absent", ["--expect-user-data", ""]],
        ];
        for (const [what, argv] of weak) {
            it(`still says that no age was checked: ${what}`, async () => {
                const ran = await nitro("--allow-simulated", ...argv);

                expect(ran.exitCode).to.equal(0);
                expect(codesOf(ran)).to.include("AGE_NOT_CHECKED");
            });
        }

        it("is content with the nonce that the enclave was given", async () => {
            expect(codesOf(await nitro("--allow-simulated", "--expect-nonce", "01"))).to.not.include("AGE_NOT_CHECKED");
        });
    });

    describe("with text that a terminal would obey", () => {
        const bad = "\u001b[2J\u009b2J\u202e";
        const receipts: [what: string, value: unknown][] = [
            ["version", { version: bad }],
            ["member", { version: 1, origin: "hub", [bad]: 1 }],
            ["version that is no text", { version: { toString: 1, valueOf: 1 } }],
        ];
        for (const [what, value] of receipts) {
            it(`shows nothing of a receipt's ${what} that does`, async () => {
                await writeFile(path.join(home, "receipt.json"), JSON.stringify(value));
                for (const flags of [[], ["--json"], ["--verbose"]]) {
                    const argv = ["receipt", "verify", "receipt.json", ...flags];
                    const { exitCode, stdout, stderr } = await assay(argv, { cwd: home });

                    expect(exitCode).to.equal(1);
                    expect(`${stdout}${stderr}`.replaceAll(/[\n\t]/g, "")).to.not.match(CONTROL);
                }
            });
        }

        it("shows nothing of a file that is no JSON that does", async () => {
            const file = await open(path.join(home, "words.json"), "w");
            await file.writeFile(bad);
            await file.close();

            const { stdout, stderr } = await assay(["receipt", "verify", "words.json"], { cwd: home });

            expect(`${stdout}${stderr}`.replaceAll(/[\n\t]/g, "")).to.not.match(CONTROL);
        });
    });
});
