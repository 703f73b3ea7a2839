import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { compileModel } from "@assay/compiler";
import { expect } from "chai";
import { id } from "ethers";
import { aHome, assay, startAssay } from "./_assay.ts";
import { DEV_KEYS, startChain, type TestChain } from "./_chain.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Loading onnxruntime and a proving key in a new process, one proof, on a busy machine. */
const SERVE_TIMEOUT_MS = 120_000;

describe("assay executor", () => {
    let chain: TestChain;
    let home: string;
    let removeHome: () => Promise<void>;

    before(async function () {
        this.timeout(SERVE_TIMEOUT_MS);
        chain = await startChain();
        ({ home, remove: removeHome } = await aHome());
        const model = `${ROOT}models/argmax-8-4-2`;
        await compileModel({
            onnx: await readFile(`${model}.onnx`),
            name: "argmax-8-4-2",
            outDir: path.join(chain.cwd, "model"),
            calibration: JSON.parse(await readFile(`${model}.calibration.json`, "utf8")).input_data,
            cacheDir: `${ROOT}.cache/models`,
        });
        const { samples } = JSON.parse(await readFile(`${model}.samples.json`, "utf8"));
        await writeFile(path.join(chain.cwd, "input.json"), JSON.stringify({ input_data: [samples[0].input] }));
    });
    after(async () => {
        await chain.close();
        await removeHome();
    });

    const surroundings = (env: Record<string, string>) => ({
        cwd: chain.cwd,
        env: { ASSAY_HOME: home, ASSAY_RPC_URL: chain.rpcUrl, ...env },
    });
    const as = (key: keyof typeof DEV_KEYS, ...argv: string[]) =>
        assay([...argv, "--json"], surroundings({ ASSAY_KEY: DEV_KEYS[key] }));

    it("serves what was registered and asked with the same command, until it is told to stop", async function () {
        this.timeout(SERVE_TIMEOUT_MS);
        const registered = await as("deployer", "register", "--dir", "model");
        const again = await as("deployer", "register", "--dir", "model");
        const { modelId } = registered.json;
        const executor = startAssay(
            ["executor", "--models", "model", "--register-key", "--json"],
            surroundings({ ASSAY_KEY: DEV_KEYS.executor, ASSAY_SIGNING_KEY: id("another signing key") }),
        );
        await executor.says("serves chain 31337");

        const wish = ["--model", modelId, "--policy", "SIGNED_AND_ZK", "--executor", chain.world.executor.address];
        const answered = await as(
            "requester",
            ...["request", ...wish, "--input", "input.json", "--dir", "model", "--wait-seconds", "60"],
        );
        const verified = await as("requester", "receipt", "verify", answered.json.requestId);
        const healthy = await as(
            "requester",
            ...["doctor", "--self-request", ...wish, "--input-hex", "0x0102030405060708", "--wait-seconds", "60"],
        );
        const paid = await as("executor", "withdraw");
        const stopped = await executor.stop();

        expect(registered.exitCode, registered.stderr).to.equal(0);
        expect(again.json.error.code).to.equal("ModelExists");
        expect(answered.json.status).to.equal("Final");
        expect(verified.json).to.deep.include({ accepted: true, policyMet: true, present: 0x4011 });
        expect(verified.json.warnings.map(({ code }: { code: string }) => code)).to.deep.equal(["RECEIPT_DEV_SETUP"]);
        expect(healthy.exitCode, healthy.stdout).to.equal(0);
        expect(BigInt(paid.json.amountWei) > 0n).to.equal(true);
        expect(stopped.exitCode, stopped.stderr).to.equal(0);
        expect(stopped.json.stopped).to.equal(true);
    });

    it("refuses input for a model that is not the registered one", async () => {
        const { modelId } = chain.world;

        const { exitCode, json } = await as(
            "requester",
            ...["request", "--model", modelId, "--policy", "SIGNED", "--input", "input.json", "--dir", "model"],
        );

        expect(exitCode).to.equal(1);
        expect(json.error.code).to.equal("MODEL_MISMATCH");
    });

    it("does not start for a directory that is no compiled model", async () => {
        const { exitCode, json } = await assay(
            ["executor", "--models", "nowhere", "--json"],
            surroundings({ ASSAY_KEY: DEV_KEYS.executor, ASSAY_SIGNING_KEY: id("another signing key") }),
        );

        expect(exitCode).to.equal(1);
        expect(json.error.code).to.equal("COMPILED_MODEL_INVALID");
    });
});
