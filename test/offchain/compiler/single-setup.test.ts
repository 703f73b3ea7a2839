import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileModel, loadModel, MODEL_FILES, rebuildKey, verifySetup } from "@assay/compiler";
import { SETUP_KINDS } from "@assay/protocol";
import { readCompiledModel } from "@assay/sdk";
import { expect } from "chai";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { makePtau } from "../../support/ptau.ts";
import { rejection } from "./_faults.ts";
import { anMlp } from "./_floatModels.ts";

const JOB = { onnx: writeOnnx(anMlp({ sizes: [4, 3, 2], argMax: true })), name: "tiny", calibration: [[0, 1, 2, 15]] };
const LOG2_SIZE = 7;

describe("a single setup of a model", function () {
    this.timeout(60_000); // each step is a process of its own

    let dir: string;
    let ptau: string;
    let single: string;

    before(async () => {
        dir = await mkdtemp(join(tmpdir(), "assay-test-"));
        ptau = await makePtau({ file: join(dir, "tau.ptau"), log2Size: LOG2_SIZE });
        single = join(dir, "single");
        await compileModel({ ...JOB, outDir: single, setup: "single", ptau });
    });

    after(async () => {
        await rm(dir, { recursive: true, force: true });
    });

    describe("compileModel", () => {
        it("gives a model whose key checks against ONNX file and phase 1", async () => {
            const outDir = single;
            const { manifest } = await loadModel(outDir);

            const { setup } = await readCompiledModel({ dir: outDir });
            expect(setup).to.deep.equal({
                kind: SETUP_KINDS.single,
                transcriptHash: manifest.setup.transcriptHash,
            });
            const key = new Uint8Array(await readFile(join(outDir, MODEL_FILES.verifyingKey)));
            expect(await rebuildKey({ modelDir: outDir, onnx: JOB.onnx })).not.to.deep.equal(key);
            expect((await verifySetup({ modelDir: outDir, ptau })).status).to.equal("verified");
        });

        it("needs a phase 1 that is large enough, and leaves nothing behind without", async () => {
            const small = await makePtau({ file: join(dir, "small.ptau"), log2Size: 2 });
            const job = { ...JOB, outDir: join(dir, "none"), setup: "single" as const };

            expect((await rejection(compileModel(job))).code).to.equal("PTAU_MISSING");
            expect((await rejection(compileModel({ ...job, ptau: small }))).code).to.equal("PTAU_TOO_SMALL");
            expect(await readdir(dir)).not.to.include("none");
        });
    });

    describe("verifySetup refuses", () => {
        it("another phase 1 file", async () => {
            const other = await makePtau({ file: join(dir, "other.ptau"), log2Size: LOG2_SIZE });

            expect((await verifySetup({ modelDir: single, ptau: other })).status).to.equal("refused");
        });

        it("a development key with a transcript that was made up", async () => {
            const [dev, masked] = [join(dir, "dev"), join(dir, "masked")];
            await compileModel({ ...JOB, outDir: dev });
            await cp(dev, masked, { recursive: true });
            const { manifest } = await loadModel(single);
            const file = join(masked, MODEL_FILES.manifest);
            const { setup: _setup, ...rest } = JSON.parse(await readFile(file, "utf8"));
            await writeFile(file, JSON.stringify({ ...rest, setup: manifest.setup }));

            expect((await loadModel(masked)).manifest.setup.kind).to.equal("single");
            expect((await verifySetup({ modelDir: masked, ptau })).status).to.equal("refused");
        });
    });

    describe("loadModel refuses", () => {
        it("a claim without a transcript, one that is too short, and one that is not hashed", async () => {
            const outDir = join(dir, "claims");
            await cp(single, outDir, { recursive: true });
            const file = join(outDir, MODEL_FILES.manifest);
            const { setup, ...rest } = JSON.parse(await readFile(file, "utf8"));
            const { transcript } = setup;
            const cases: [object, string][] = [
                [{ kind: "single", transcriptHash: setup.transcriptHash }, "transcript"],
                [{ ...setup, kind: "ceremony" }, "a ceremony needs 2 and a beacon"],
                [{ ...setup, transcript: { ...transcript, r1cs: `0x${"00".repeat(32)}` } }, "transcriptHash"],
            ];
            for (const [claim, says] of cases) {
                await writeFile(file, JSON.stringify({ ...rest, setup: claim }));
                const fault = await rejection(loadModel(outDir));
                expect(fault.code).to.equal("MODEL_DIR_INVALID");
                expect(fault.message).to.contain(says);
            }
        });
    });
});
