import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { contentHash, SEMANTICS, schemaHashOf, toHex, vkHashOf, ZERO_BYTES32 } from "@assay/protocol";
import { connect, freshSalt, loadDeployment, readCompiledModel, recordedRequest } from "@assay/sdk";
import { expect } from "chai";
import { JsonRpcProvider } from "ethers";
import { aDeployment } from "./_deployment.ts";
import { expectFault } from "./_expect.ts";

const KEY = Uint8Array.from({ length: 64 }, (_, i) => i);
const ARTIFACT = Buffer.from("an integer model");

describe("sdk reading", () => {
    let dir: string;

    beforeEach(async () => {
        dir = await mkdtemp(path.join(tmpdir(), "assay-sdk-"));
    });
    afterEach(() => rm(dir, { recursive: true }));

    describe("connect", () => {
        it("fails at once when no node answers, without the secret part of the URL", async () => {
            const fault = await expectFault(connect({ rpcUrl: "http://127.0.0.1:9/v3/secret" }), "RPC_UNREACHABLE");

            expect(fault.message).to.contain("http://127.0.0.1:9.");
            expect(fault.message).not.to.contain("secret");
            expect(fault.retryable).to.equal(true);
        });
    });

    describe("logs", () => {
        it("are asked for in halves when the node refuses a range", async () => {
            const asked: [number, number][] = [];
            const provider = Object.assign(new JsonRpcProvider(), {
                getBlockNumber: async () => 999,
                getLogs: async ({ fromBlock, toBlock }: { fromBlock: number; toBlock: number }) => {
                    asked.push([fromBlock, toBlock]);
                    if (toBlock - fromBlock > 500) throw new Error("query returned more than 500 blocks");
                    return [];
                },
            });

            await expectFault(recordedRequest({ provider, deployment: aDeployment() }, freshSalt()), "REQUEST_UNKNOWN");

            expect(asked).to.deep.equal([
                [0, 999],
                [0, 499],
                [500, 999],
            ]);
        });
    });

    describe("loadDeployment", () => {
        it("throws DEPLOYMENT_MISSING and DEPLOYMENT_INVALID", async () => {
            const file = path.join(dir, "31337.json");

            await expectFault(loadDeployment({ file }), "DEPLOYMENT_MISSING");
            await writeFile(file, JSON.stringify({ version: 2 }));
            await expectFault(loadDeployment({ file }), "DEPLOYMENT_INVALID");
        });
    });

    describe("readCompiledModel", () => {
        it("reads what registration needs, a development setup without a transcript", async () => {
            await writeModel();

            const model = await readCompiledModel({ dir });

            expect(model.setup).to.deep.equal({ kind: 1, transcriptHash: ZERO_BYTES32 });
            expect(model.key).to.deep.equal(Buffer.from(KEY));
            expect(model.knownAnswer.c).to.equal(0n);
            expect(model.contentHash).to.equal(contentHash(model.spec));
        });

        it("counts the parent into the content", async () => {
            await writeModel();
            const derivedFrom = toHex(`0x${"77".repeat(32)}`);

            const model = await readCompiledModel({ dir, derivedFrom });

            expect(model.contentHash).to.equal(contentHash({ ...model.spec, derivedFrom }));
        });

        for (const [what, file] of Object.entries({ key: "verifying.key", artifact: "model.onnx" })) {
            it(`refuses a changed ${what}, naming the file`, async () => {
                await writeModel();
                await writeFile(path.join(dir, file), "changed");

                const fault = await expectFault(readCompiledModel({ dir }), "COMPILED_MODEL_INVALID");

                expect(fault.message).to.contain(file);
            });
        }

        it("refuses a manifest that is none", async () => {
            await writeFile(path.join(dir, "manifest.json"), "{}");

            const fault = await expectFault(readCompiledModel({ dir }), "COMPILED_MODEL_INVALID");

            expect(fault.message).to.contain("manifest.json");
        });
    });

    async function writeModel(): Promise<void> {
        const schema = { inputs: [], outputs: [] };
        const sha256 = toHex(`0x${createHash("sha256").update(ARTIFACT).digest("hex")}`);
        const spec = {
            artifactDigest: sha256,
            ioSpec: 1n,
            schemaHash: schemaHashOf(schema),
            semantics: SEMANTICS.EXACT_INT,
            vkHash: vkHashOf(KEY),
            derivedFrom: ZERO_BYTES32,
        };
        const manifest = {
            ...{ version: 1, name: "small", semantics: "EXACT_INT", schema, ioSpec: "0x01" },
            ...{ schemaHash: spec.schemaHash, vkHash: spec.vkHash, contentHash: contentHash(spec) },
            artifact: { file: "model.onnx", sha256 },
            setup: { kind: "dev", transcriptHash: `0x${"99".repeat(32)}` },
            knownAnswer: { input: "0x01", output: "0x02", proof: Array(8).fill("1") },
        };
        await writeFile(path.join(dir, "manifest.json"), JSON.stringify(manifest));
        await writeFile(path.join(dir, "model.onnx"), ARTIFACT);
        await writeFile(path.join(dir, "verifying.key"), KEY);
    }
});
