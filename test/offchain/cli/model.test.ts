import { cp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
    bindOf,
    decodeTensor,
    hashJson,
    hexToBytes,
    keccak256,
    statementDigest,
    toHex,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import { expect } from "chai";
import { aHome, assay } from "./_assay.ts";

const MODELS = fileURLToPath(new URL("../../../models/", import.meta.url));
/** Compiling, keys and a proof of the smallest model, on a busy machine. */
const COMPILE_TIMEOUT_MS = 60_000;

describe("assay compile, prove, verify", () => {
    let cwd: string;
    let remove: () => Promise<void>;
    const run = (...argv: string[]) => assay([...argv, "--json"], { cwd });

    before(async function () {
        this.timeout(COMPILE_TIMEOUT_MS);
        ({ home: cwd, remove } = await aHome());
        const { samples } = JSON.parse(await readFile(`${MODELS}argmax-8-4-2.samples.json`, "utf8"));
        await writeFile(path.join(cwd, "input.json"), JSON.stringify({ input_data: [samples[0].input] }));
        const { exitCode, stderr } = await run(
            ...["compile", `${MODELS}argmax-8-4-2.onnx`, "--out", "model"],
            ...["--calibration", `${MODELS}argmax-8-4-2.calibration.json`],
        );
        expect(exitCode, stderr).to.equal(0);
    });
    after(() => remove());

    describe("compile", () => {
        it("writes a directory whose manifest says DEV", async () => {
            const manifest = JSON.parse(await readFile(path.join(cwd, "model", "manifest.json"), "utf8"));

            expect(manifest.setup.kind).to.equal("dev");
            expect(manifest.name).to.equal("argmax-8-4-2");
        });

        it("prints a plan before the keys, gives it with --json, and writes a report", async () => {
            const { json, stderr } = await run(
                ...["compile", `${MODELS}argmax-8-4-2.onnx`, "--out", "planned", "--report", "pages/report.html"],
                ...["--calibration", `${MODELS}argmax-8-4-2.calibration.json`],
            );

            expect(stderr).to.match(/plan\n {2}layer +constraints.+expected proof .+making the keys/s);
            expect(json.plan.constraints).to.deep.equal(json.manifest.constraints);
            expect(json.report).to.equal(path.join(cwd, "pages", "report.html"));
            expect(await readFile(json.report, "utf8")).to.contain("<h1>argmax-8-4-2</h1>");
        }).timeout(COMPILE_TIMEOUT_MS);

        it("says how close the model is, and that the asked accuracy was not reached", async () => {
            const { stdout } = await assay(
                [
                    ...["compile", `${MODELS}argmax-8-4-2.onnx`, "--out", "close", "--accuracy", "0"],
                    ...["--calibration", `${MODELS}argmax-8-4-2.calibration.json`, "--bits", "4", "--input-bits", "2"],
                ],
                { cwd },
            );
            const manifest = JSON.parse(await readFile(path.join(cwd, "close", "manifest.json"), "utf8"));

            expect(manifest.quantisation.accuracyPct).to.equal(0);
            expect(stdout).to.match(/accuracy +same answer [\d.]+ %, mean difference [\d.]+ % of the range of scores/);
            expect(stdout).to.contain("(asked 0 %) NOT REACHED: allow more --bits or --input-bits");
            expect(stdout).not.to.contain("calibration");
        }).timeout(COMPILE_TIMEOUT_MS);

        it("warns that made-up inputs chose the ranges", async () => {
            const { stdout } = await assay(["compile", `${MODELS}argmax-8-4-2.onnx`, "--out", "made"], { cwd });
            const { inputs } = JSON.parse(await readFile(path.join(cwd, "made", "manifest.json"), "utf8"));
            const [{ name, min, max, scaleLog2 }] = inputs;

            const [lo, hi] = [min, max].map((end) => Number((Number(end) * 2 ** -scaleLog2).toPrecision(4)));
            expect(stdout).to.contain(`made-up inputs chose the ranges: ${name} ${lo}..${hi};`);
        }).timeout(COMPILE_TIMEOUT_MS);

        it("refuses to report on a ceremony that is not finished", async () => {
            const { exitCode, json } = await run(
                ...["compile", `${MODELS}argmax-8-4-2.onnx`, "--setup", "ceremony", "--report", "report.html"],
            );

            expect(exitCode).to.equal(2);
            expect(json.error.message).to.contain("a ceremony has no key to report on");
        });

        it("ends with 1 for a corrupt file and leaves nothing behind", async () => {
            await writeFile(path.join(cwd, "broken.onnx"), Uint8Array.of(8, 255, 255, 1));

            const { exitCode, json } = await run("compile", "broken.onnx", "--out", "broken");

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("ONNX_MALFORMED");
            expect(await rm(path.join(cwd, "broken"), { recursive: true }).catch(() => "nothing")).to.equal("nothing");
        });

        it("ends with 1 for calibration samples of another shape", async () => {
            await writeFile(path.join(cwd, "short.json"), JSON.stringify({ input_data: [[1, 2]] }));

            const { exitCode, json } = await run(
                ...["compile", `${MODELS}argmax-8-4-2.onnx`, "--out", "other", "--calibration", "short.json"],
            );

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("CALIBRATION_INVALID");
        });
    });

    describe("prove", () => {
        it("proves without a statement as UNBOUND, and verify accepts the proof", async () => {
            const proved = await run("prove", "--dir", "model", "--input", "input.json", "--out", "proof.json");
            const verified = await run("verify", "--dir", "model", "--proof", "proof.json");

            expect(proved.exitCode, proved.stderr).to.equal(0);
            expect(proved.json.bound).to.equal("UNBOUND");
            expect(verified.json.accepted).to.equal(true);
        });

        it("gives the outputs as real values beside their bytes", async () => {
            const { stdout } = await assay(["prove", "--dir", "model", "--input", "input.json"], { cwd });
            const { json } = await run("prove", "--dir", "model", "--input", "input.json");
            const { outputs } = JSON.parse(await readFile(path.join(cwd, "model", "manifest.json"), "utf8"));

            const [{ name, dtype, scaleLog2, zeroPoint }] = outputs;
            const integers = decodeTensor({ dtype, bytes: hexToBytes(json.output) });
            const reals = integers.map((integer) => (Number(integer) - Number(zeroPoint)) * 2 ** -scaleLog2);
            expect(json.values).to.deep.equal({ [name]: reals });
            expect(stdout.split("\n").map((line) => line.split(/ +/))).to.deep.include([name, ...reals.map(String)]);
        });

        it("binds a proof to a statement", async () => {
            const unbound = (await run("prove", "--dir", "model", "--input", "input.json")).json;
            const about = aStatement(unbound);
            await writeFile(path.join(cwd, "statement.json"), JSON.stringify(about));

            const { json } = await run(
                "prove",
                "--dir",
                "model",
                "--input",
                "input.json",
                "--statement",
                "statement.json",
            );

            const { chainId, gate, statement } = about;
            const digest = statementDigest({
                chainId,
                gate,
                statement: { ...statement, issuedAt: 1n, round: 0n, resultCode: 0n },
            });
            expect(json.bound).to.equal(statement.requestId);
            expect(BigInt(json.bind)).to.equal(bindOf(digest));
        });

        it("refuses a statement about another output", async () => {
            const unbound = (await run("prove", "--dir", "model", "--input", "input.json")).json;
            const { statement, ...rest } = aStatement(unbound);
            const other = { ...rest, statement: { ...statement, outputHash: statement.inputHash } };
            await writeFile(path.join(cwd, "other.json"), JSON.stringify(other));

            const { exitCode, json } = await run(
                ...["prove", "--dir", "model", "--input", "input.json", "--statement", "other.json"],
            );

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("STATEMENT_MISMATCH");
        });

        for (const [code, numbers] of Object.entries({
            MODEL_INPUT_SHAPE: [1, 2, 3],
            MODEL_INPUT_RANGE: [1e9, 0, 0, 0, 0, 0, 0, 0],
        })) {
            it(`refuses an input with ${code}`, async () => {
                await writeFile(path.join(cwd, "bad.json"), JSON.stringify({ input_data: [numbers] }));

                const { exitCode, json } = await run("prove", "--dir", "model", "--input", "bad.json");

                expect(exitCode).to.equal(1);
                expect(json.error.code).to.equal(code);
            });
        }

        it("refuses a file that is no input", async () => {
            await writeFile(path.join(cwd, "text.json"), "[1, 2");

            const { exitCode, json } = await run("prove", "--dir", "model", "--input", "text.json");

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("JSON_FILE_INVALID");
        });
    });

    describe("verify", () => {
        it("accepts the known answer off chain, on an EVM by both contracts, and rebuilds the key", async () => {
            const { exitCode, json, stderr } = await run("verify", "--dir", "model", "--evm", "--rebuild");

            expect(exitCode, stderr).to.equal(0);
            expect(json).to.deep.include({ accepted: true, development: true });
            const gas = (name: string) => json.checks.find((check: { name: string }) => check.name === name).gas;
            expect(Number(gas("evm generic"))).to.be.within(200_000, 300_000);
            expect(Number(gas("evm standAlone"))).to.be.within(200_000, 300_000);
        });

        it("ends with 1 for a proof of another output", async () => {
            const { json: proof } = await run("prove", "--dir", "model", "--input", "input.json");
            const output = proof.output.replace(/.$/, (digit: string) => (digit === "0" ? "1" : "0"));
            await writeFile(path.join(cwd, "forged.json"), JSON.stringify({ ...proof, output }));

            const { exitCode, json } = await run("verify", "--dir", "model", "--proof", "forged.json", "--evm");

            const failed = json.checks
                .filter(({ ok }: { ok: boolean }) => !ok)
                .map(({ name }: { name: string }) => name);
            expect(exitCode).to.equal(1);
            expect(json.accepted).to.equal(false);
            expect(failed).to.include.members(["proof", "evm generic", "evm standAlone"]);
        });

        it("ends with 1 for a file that was changed after compiling", async () => {
            await cp(path.join(cwd, "model"), path.join(cwd, "changed"), { recursive: true });
            await writeFile(path.join(cwd, "changed", "model.onnx"), "another model");

            const { exitCode, json } = await run("verify", "--dir", "changed");

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("COMPILED_MODEL_INVALID");
            expect(json.error.message).to.contain("model.onnx");
        });

        it("says that a file is another model's", async () => {
            const { exitCode, json } = await run(
                "verify",
                "--dir",
                "model",
                "--rebuild",
                "--onnx",
                `${MODELS}wine.onnx`,
            );

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("MODEL_SOURCE_MISMATCH");
            expect(json.error.message).to.contain('"argmax-8-4-2" was compiled from 0x');
        });

        it("unmasks a development key that claims to be something better", async () => {
            await cp(path.join(cwd, "model"), path.join(cwd, "masked"), { recursive: true });
            const file = path.join(cwd, "masked", "manifest.json");
            const manifest = JSON.parse(await readFile(file, "utf8"));
            const hash = toHex(`0x${"5c".repeat(64)}`);
            const transcript = {
                r1cs: manifest.files["circuit.r1cs"],
                ptau: { sha256: ZERO_BYTES32, log2Size: 10 },
                circuitHash: hash,
                contributions: [{ name: "nobody", hash }],
            };
            const setup = { kind: "single", transcriptHash: hashJson(transcript), transcript };
            await writeFile(file, JSON.stringify({ ...manifest, setup }));

            const { exitCode, json } = await run("verify", "--dir", "masked", "--rebuild");

            expect(exitCode).to.equal(1);
            const refused = json.checks.filter(({ ok }: { ok: boolean }) => !ok);
            expect(refused.map(({ name }: { name: string }) => name)).to.deep.equal(["rebuilt key", "setup"]);
        });
    });
});

function aStatement({ input, output }: { input: string; output: string }) {
    const hashOf = (hex: string) => keccak256(Buffer.from(hex.slice(2), "hex"));
    return {
        chainId: 31337,
        gate: ZERO_ADDRESS,
        statement: {
            requestId: toHex(`0x${"11".repeat(32)}`),
            modelId: toHex(`0x${"22".repeat(32)}`),
            configHash: ZERO_BYTES32,
            inputHash: hashOf(input),
            outputHash: hashOf(output),
            contextHash: ZERO_BYTES32,
            executor: ZERO_ADDRESS,
            issuedAt: 1,
            round: 0,
            resultCode: 0,
        },
    };
}
