import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { compileModel } from "@assay/compiler";
import { expect } from "chai";
import { id } from "ethers";
import { aHome, assay, type Ran, type Running, startAssay } from "./_assay.ts";
import { DEV_KEYS, startChain, type TestChain } from "./_chain.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Measuring every package, loading onnxruntime in two new processes, on a busy machine. */
const SERVE_TIMEOUT_MS = 120_000;
const DAY_SECONDS = 86_400;
const INPUT_HEX = "0x0102030405060708";

describe("assay with an enclave, from the command line", function () {
    this.timeout(SERVE_TIMEOUT_MS);
    let chain: TestChain;
    let home: string;
    let removeHome: () => Promise<void>;
    let measurement: string;
    let modelId: string;
    let enclaveUrl: string;
    const running: Running[] = [];

    before(async () => {
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
        enclaveUrl = await anEnclave();
        const registered = await as("executor", "tee", "register", "--enclave", enclaveUrl);
        expect(registered.json, registered.stderr).to.include({ claimClass: "COMPUTE", simulated: true });
        measurement = `${registered.json.family}=${registered.json.measurementId}`;
        ({ modelId } = (await as("deployer", "register", "--dir", "model", "--measurement", measurement)).json);
    });
    after(async () => {
        for (const one of running) await one.stop();
        await chain.close();
        await removeHome();
    });

    const surroundings = (env: Record<string, string>) => ({
        cwd: chain.cwd,
        env: { ASSAY_HOME: home, ASSAY_RPC_URL: chain.rpcUrl, ...env },
    });
    const as = (key: keyof typeof DEV_KEYS, ...argv: string[]) =>
        assay([...argv, "--json"], surroundings({ ASSAY_KEY: DEV_KEYS[key] }));

    const wishOf = (executor: string) => ["--model", modelId, "--policy", "TEE", "--executor", executor];
    const findingOf = ({ json }: Ran, name: string) =>
        json.findings.find((finding: { name: string }) => finding.name === name);

    async function anEnclave(): Promise<string> {
        const enclave = startAssay(
            ["enclave", "--port", "0", "--provider", "dev", "--form", "tdx", "--models", "model"],
            surroundings({}),
        );
        running.push(enclave);
        await enclave.says("listening on http://");
        return /listening on (http:\/\/\S+)/.exec(enclave.told())?.[1] ?? "";
    }

    it("serves a request under TEE, and its receipt says SIMULATED", async () => {
        const executor = startAssay(
            ["executor", "--models", "model", "--enclave", enclaveUrl, "--family", "TEE_TDX", "--json"],
            surroundings({ ASSAY_KEY: DEV_KEYS.executor, ASSAY_SIGNING_KEY: id("another signing key") }),
        );
        running.push(executor);
        await executor.says("serves chain 31337");

        const wish = ["--model", modelId, "--policy", "TEE", "--input-hex", INPUT_HEX, "--wait-seconds", "60"];
        const answered = await as("requester", "request", ...wish);
        const { requestId, status } = answered.json;
        const verified = await as("requester", "receipt", "verify", requestId);
        const read = await assay(["receipt", "verify", requestId], surroundings({}));

        expect(status, answered.stdout).to.equal("Final");
        expect(verified.json).to.deep.include({ accepted: true, policyMet: true, present: 0x8008 });
        const warned = verified.json.warnings.map(({ code }: { code: string }) => code);
        expect(warned).to.include("RECEIPT_SIMULATED");
        expect(read.stdout).to.not.include("DEV SETUP");
        expect(read.stdout).to.include("which says that it ran the model inside");
        expect(read.stdout).to.include("SIMULATED, proves nothing: TEE_TDX, COMPUTE, the model ran inside");
    });

    it("takes the name of code back at once, and gives it after a day", async () => {
        const named = ["--model", modelId, "--measurement", measurement];
        const quoted = () => as("requester", "quote", "--model", modelId, "--policy", "TEE");
        const before = await quoted();
        const shown = await assay(["quote", ...wishOf(chain.world.executor.address)], surroundings({}));
        const strangers = await assay(["quote", ...wishOf(chain.world.requester.address)], surroundings({}));
        const nobodys = await assay(["quote", "--model", modelId, "--policy", "TEE"], surroundings({}));
        const stranger = await as("requester", "tee", "unname", ...named);
        const unnamed = await as("deployer", "tee", "unname", ...named);
        const after = await quoted();
        const again = await as("deployer", "tee", "unname", ...named);
        const renamed = await as("deployer", "tee", "name", ...named);
        const { timestamp } = (await chain.world.provider.getBlock("latest")) ?? { timestamp: 0 };

        expect(before.json.status, before.stderr).to.equal("meetable");
        expect(before.json.enclaves.simulated).to.include("TEE_TDX");
        expect(shown.stdout).to.include("yes  TEE_TDX (SIMULATED)");
        expect(shown.stdout).to.include("a named executor has a live enclave for it");
        expect(strangers.stdout).to.include("WARNING: no named executor has a live enclave of TEE_TDX");
        expect(nobodys.stdout).to.include("WARNING: nobody is named");
        expect(stranger.json.error.code).to.equal("NotModelOwner");
        expect(unnamed.exitCode, unnamed.stderr).to.equal(0);
        expect(after.json.status).to.equal("refused");
        expect(again.json.error.code).to.equal("MeasurementNotNamed");
        expect(renamed.json).to.include({ modelId, countsFrom: timestamp + DAY_SECONDS });
    });

    it("lists an operator's enclaves and a model's code, and ends an enclave", async () => {
        const operator = chain.world.executor.address;
        const before = await as("requester", "tee", "list", "--operator", operator, "--model", modelId);
        const [enclave] = before.json.enclaves;
        const [named] = before.json.measurements;
        const shown = await assay(["tee", "list", "--operator", operator], surroundings({}));
        const stranger = await as("requester", "tee", "retire", enclave.enclaveId);
        const healthy = await as("requester", "doctor", "--executor", operator, "--model", modelId);
        const retired = await as("executor", "tee", "retire", enclave.enclaveId);
        const compromised = await as("executor", "tee", "compromised", enclave.enclaveId);
        const after = await as("requester", "tee", "list", "--operator", operator);
        const ill = await as("requester", "doctor", "--executor", operator);
        const gone = await assay(["quote", ...wishOf(operator)], surroundings({}));
        const neither = await as("requester", "tee", "list");

        expect(enclave, before.stderr).to.include({ family: "TEE_TDX", claimClass: "COMPUTE", simulated: true });
        expect(enclave).to.include({ valid: true, state: "valid" });
        expect(`${named.family}=${named.measurementId}`).to.equal(measurement);
        expect(shown.stdout).to.include("TEE_TDX SIMULATED");
        expect(stranger.json.error.code).to.equal("OperatorMismatch");
        expect(findingOf(healthy, `enclave ${enclave.enclaveId}`)).to.include({ status: "warn" });
        expect(findingOf(ill, `enclaves of ${operator.toLowerCase()}`).detail).to.include("EnclaveNotActive");
        expect(gone.stdout)
            .to.match(/fix {2,}Name executors or a stake/)
            .and.not.include("Read the named");
        expect(retired.json).to.include({ state: "Retired", enclaveId: enclave.enclaveId });
        expect(compromised.json).to.include({ state: "Compromised" });
        expect(after.json.enclaves[0]).to.include({ valid: false, state: "EnclaveNotActive" });
        expect(neither.exitCode).to.equal(2);
    });

    it("warns of heartbeats that nobody sends, and refuses other code than the expected one", async () => {
        const register = ["tee", "register", "--enclave", enclaveUrl];
        const other = await as("executor", ...register, "--expect-measurement", id("other code"));
        const silent = await as("executor", ...register, "--heartbeat-seconds", "600");

        expect(other.json.error.code).to.equal("ENCLAVE_MEASUREMENT_OTHER");
        expect(silent.exitCode, silent.stderr).to.equal(0);
        expect(silent.stderr).to.include("WARNING: without --keep nobody sends heartbeats");
    });

    it("says what is wrong with a measurement or an address", async () => {
        const unknown = await as("deployer", "register", "--dir", "model", "--measurement", "ZK_GROTH16=0x00");
        const nowhere = await as("executor", "executor", "--models", "model", "--enclave", "ftp://enclave");

        for (const { exitCode, json } of [unknown, nowhere]) {
            expect(exitCode).to.equal(2);
            expect(json.error.code).to.equal("WRONG_USAGE");
        }
    });
});
