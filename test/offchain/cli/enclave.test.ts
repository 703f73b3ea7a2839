import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createEnclaveClient } from "@assay/enclave";
import { expect } from "chai";
import { assay, startAssay } from "./_assay.ts";
import { DEV_KEYS, startChain, type TestChain } from "./_chain.ts";

const MODEL = fileURLToPath(new URL("../../../models/argmax-8-4-2.onnx", import.meta.url));
/** Measuring every package, loading onnxruntime, P-384 in plain EVM, on a busy machine. */
const SERVE_TIMEOUT_MS = 120_000;

describe("assay enclave", function () {
    this.timeout(SERVE_TIMEOUT_MS);

    it("serves a model, says that it is simulated, and is registered by assay tee register", async () => {
        const chain: TestChain = await startChain();
        const enclave = startAssay(["enclave", "--port", "0", "--provider", "dev", "--models", MODEL]);
        await enclave.says("listening on http://");
        const { url } = listening(enclave);

        const { exitCode, json } = await assay(
            ["tee", "register", "--enclave", url, "--rpc", chain.rpcUrl, "--private-key", DEV_KEYS.executor, "--json"],
            { cwd: chain.cwd },
        );
        const described = await createEnclaveClient({ url }).describe();
        const left = await enclave.stop();

        expect(exitCode).to.equal(0);
        expect(json).to.include({ family: "TEE_NITRO", simulated: true, signer: described.signer });
        expect(json.measurementId).to.equal(described.measurementId);
        expect(left.stderr).to.include("SIMULATED");
        expect(left.exitCode).to.equal(0);
        await chain.close();
    });

    it("registers no enclave that is not there", async () => {
        const chain: TestChain = await startChain();
        const argv = ["tee", "register", "--enclave", "http://127.0.0.1:1", "--rpc", chain.rpcUrl];

        const { exitCode, json } = await assay([...argv, "--private-key", DEV_KEYS.executor, "--json"], {
            cwd: chain.cwd,
        });

        expect(exitCode).to.equal(1);
        expect(json.error.code).to.equal("ENCLAVE_UNREACHABLE");
        await chain.close();
    });

    for (const [what, argv] of [
        ["no provider", ["--port", "0", "--models", MODEL]],
        ["an unknown provider", ["--port", "0", "--models", MODEL, "--provider", "mine"]],
        ["no port", ["--provider", "dev", "--models", MODEL]],
        ["an unknown form", ["--port", "0", "--provider", "dev", "--form", "sgx", "--models", MODEL]],
    ] as const) {
        it(`says what is wrong with ${what}`, async () => {
            const { exitCode, json } = await assay(["enclave", ...argv, "--json"]);

            expect(exitCode).to.equal(2);
            expect(json.error.code).to.equal("WRONG_USAGE");
        });
    }

    for (const [what, argv] of [
        [
            "models and an upstream",
            ["--provider", "dev", "--models", MODEL, "--upstream", "https://api.example.com/v1"],
        ],
        ["an upstream without TLS", ["--provider", "dev", "--upstream", "http://api.example.com/v1"]],
        ["a form that the provider does not give", ["--provider", "nitriding", "--form", "tdx", "--models", MODEL]],
        ["an option of another provider", ["--provider", "dev", "--provider-path", "/x", "--models", MODEL]],
        ["a model that is not there", ["--provider", "dev", "--models", "/nowhere/model.onnx"]],
    ] as const) {
        it(`does not start with ${what}`, async () => {
            const { exitCode, json } = await assay([
                "enclave",
                "--port",
                "0",
                "--log-level",
                "error",
                ...argv,
                "--json",
            ]);

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("ENCLAVE_SETTINGS_INVALID");
        });
    }

    it("keeps the key of an upstream out of what it says", async () => {
        const folder = await mkdtemp(path.join(tmpdir(), "assay-upstream-"));
        const file = path.join(folder, "key");
        await writeFile(file, "sk-secret\nsecond line\n");
        const upstream = ["--upstream", "http://127.0.0.1:1/v1", "--upstream-key-file", file];
        const enclave = startAssay(["enclave", "--port", "0", "--provider", "dev", ...upstream, "--form", "tdx"]);
        await enclave.says("listening on http://");
        const { url, told } = listening(enclave);

        const described = await (await fetch(new URL("/v1/enclave", url))).text();
        await enclave.stop();

        expect(described).to.include('"claimClass":"GATEWAY"').and.include('"authorised":true');
        expect(`${described}${told}`).to.not.include("sk-secret");
        await rm(folder, { recursive: true });
    });
});

/** Where an enclave listens, from its own words. */
function listening(enclave: ReturnType<typeof startAssay>): { url: string; told: string } {
    const told = enclave.told();
    const url = /listening on (http:\/\/\S+)/.exec(told)?.[1];
    if (url === undefined) throw new Error(`It listens nowhere: ${told}`);
    return { url, told };
}
