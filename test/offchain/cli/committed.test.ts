import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
    commitmentOf,
    decodeIoSpec,
    hexToBytes,
    isCommitment,
    toHex,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import { readCompiledModel, recordedRequest, registerModel } from "@assay/sdk";
import { expect } from "chai";
import { aHome, assay } from "./_assay.ts";
import { DEV_KEYS, startChain, type TestChain } from "./_chain.ts";

const MODELS = fileURLToPath(new URL("../../../models/", import.meta.url));
/** Compiling, keys and proofs of the smallest model, on a busy machine. */
const TIMEOUT_MS = 60_000;
const PRIVATE_BITS = 0o077;

describe("assay with committed sides", function () {
    this.timeout(TIMEOUT_MS);

    let chain: TestChain;
    let home: string;
    let removeHome: () => Promise<void>;
    const at = (name: string) => path.join(chain.cwd, name);
    const readOpening = async (name: string) => JSON.parse(await readFile(at(name), "utf8"));
    const run = (...argv: string[]) =>
        assay([...argv, "--json"], {
            cwd: chain.cwd,
            env: { ASSAY_HOME: home, ASSAY_RPC_URL: chain.rpcUrl, ASSAY_KEY: DEV_KEYS.requester },
        });

    before(async () => {
        chain = await startChain();
        ({ home, remove: removeHome } = await aHome());
        const { samples } = JSON.parse(await readFile(`${MODELS}argmax-8-4-2.samples.json`, "utf8"));
        await writeFile(at("input.json"), JSON.stringify({ input_data: [samples[0].input] }));
        await writeFile(at("other.json"), JSON.stringify({ input_data: [samples[1].input] }));
        const { exitCode, stderr } = await run(
            ...["compile", `${MODELS}argmax-8-4-2.onnx`, "--out", "model"],
            ...["--calibration", `${MODELS}argmax-8-4-2.calibration.json`],
            ...["--input-visibility", "committed", "--output-visibility", "committed"],
        );
        expect(exitCode, stderr).to.equal(0);
    });
    after(async () => {
        await chain.close();
        await removeHome();
    });

    it("proves under commitments, keeps what opens them for its owner alone, and verifies", async () => {
        const proved = await run(
            ...["prove", "--dir", "model", "--input", "input.json", "--out", "proof.json", "--opening", "o.json"],
        );
        const verified = await run("verify", "--dir", "model", "--proof", "proof.json", "--evm");

        expect(proved.exitCode, proved.stderr).to.equal(0);
        expect(verified.json.accepted).to.equal(true);
        const opening = await readOpening("o.json");
        const { spec } = await readCompiledModel({ dir: at("model") });
        const { input, output } = decodeIoSpec(spec.ioSpec);
        const { inputHash, outputHash } = proved.json;
        const opened = (side: typeof input, bytes: string, salt: string) =>
            commitmentOf({ side, opening: { bytes: hexToBytes(toHex(bytes)), salt: toHex(salt) } });
        expect(opened(input, opening.input, opening.inputSalt)).to.equal(inputHash);
        expect(opened(output, opening.output, opening.outputSalt)).to.equal(outputHash);
        expect(proved.json).to.deep.include({ input: inputHash, output: outputHash });
        expect(proved.json).not.to.have.property("values");
        expect((await stat(at("o.json"))).mode & PRIVATE_BITS).to.equal(0);
    });

    it("proves again under the same salts, bound to a statement", async () => {
        const { json: first } = await run(
            "prove",
            "--dir",
            "model",
            "--input",
            "input.json",
            "--opening",
            "twice.json",
        );
        await writeFile(at("statement.json"), JSON.stringify(aStatement(first)));

        const { exitCode, json, stderr } = await run(
            ...["prove", "--dir", "model", "--input", "input.json"],
            ...["--opening", "twice.json", "--statement", "statement.json"],
        );

        expect(exitCode, stderr).to.equal(0);
        expect(json).to.deep.include({ inputHash: first.inputHash, outputHash: first.outputHash });
    });

    it("refuses to prove what nobody could open, and to hide two inputs under one salt", async () => {
        const unkept = await run("prove", "--dir", "model", "--input", "input.json");
        await run("prove", "--dir", "model", "--input", "input.json", "--opening", "one.json");
        const kept = await readOpening("one.json");
        const reused = await run("prove", "--dir", "model", "--input", "other.json", "--opening", "one.json");

        expect(unkept.json.error.code).to.equal("OPENING_NOT_KEPT");
        expect(reused.json.error.code).to.equal("OPENING_OF_ANOTHER");
        expect(await readOpening("one.json")).to.deep.equal(kept);
    });

    it("requests with the commitment alone, whose opening is kept first", async () => {
        const { acting } = chain.world;
        const { modelId } = await registerModel(acting, { model: await readCompiledModel({ dir: at("model") }) });
        const wish = ["--model", modelId, "--policy", "ZK", "--dir", "model", "--input", "input.json"];

        const refused = await run("request", ...wish);
        const { exitCode, json, stderr } = await run("request", ...wish, "--opening", "request.json");

        expect(refused.json.error.code).to.equal("OPENING_NOT_KEPT");
        expect(exitCode, stderr).to.equal(0);
        const recorded = await recordedRequest(chain.world, json.requestId);
        const { input, inputSalt } = await readOpening("request.json");
        const { spec } = await readCompiledModel({ dir: at("model") });
        const opening = { bytes: hexToBytes(toHex(input)), salt: toHex(inputSalt) };
        expect(recorded.input.length).to.equal(0);
        expect(isCommitment(recorded.terms.inputHash)).to.equal(true);
        expect(recorded.terms.inputHash).to.equal(commitmentOf({ side: decodeIoSpec(spec.ioSpec).input, opening }));
    });
});

function aStatement({ inputHash, outputHash }: { inputHash: string; outputHash: string }) {
    return {
        chainId: 31337,
        gate: ZERO_ADDRESS,
        statement: {
            requestId: `0x${"11".repeat(32)}`,
            modelId: `0x${"22".repeat(32)}`,
            configHash: ZERO_BYTES32,
            ...{ inputHash, outputHash },
            contextHash: ZERO_BYTES32,
            executor: ZERO_ADDRESS,
            issuedAt: 1,
            round: 0,
            resultCode: 0,
        },
    };
}
