import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
    addContribution,
    checkCeremony,
    finishCeremony,
    loadModel,
    MODEL_FILES,
    startCeremony,
    verifySetup,
} from "@assay/compiler";
import { SETUP_KINDS } from "@assay/protocol";
import { readCompiledModel } from "@assay/sdk";
import { expect } from "chai";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { makePtau } from "../../support/ptau.ts";
import { rejection } from "./_faults.ts";
import { anMlp } from "./_floatModels.ts";

const JOB = { onnx: writeOnnx(anMlp({ sizes: [4, 3, 2], argMax: true })), name: "tiny", calibration: [[0, 1, 2, 15]] };
const LOG2_SIZE = 7;
const BEACON = { value: "5c".repeat(32), iterationsLog2: 10 };

describe("a ceremony of a model", function () {
    this.timeout(60_000); // each step is a process of its own

    let dir: string;
    let ptau: string;

    before(async () => {
        dir = await mkdtemp(join(tmpdir(), "assay-test-"));
        ptau = await makePtau({ file: join(dir, "tau.ptau"), log2Size: LOG2_SIZE });
    });

    after(async () => {
        await rm(dir, { recursive: true, force: true });
    });

    describe("with a ceremony", () => {
        it("makes a model of contributions and a beacon, and none before", async () => {
            const modelDir = join(dir, "ceremony");
            const { startKey } = await startCeremony({ ...JOB, outDir: modelDir, ptau });
            expect((await rejection(loadModel(modelDir))).message).to.contain("its ceremony is not finished");
            expect((await rejection(readCompiledModel({ dir: modelDir }))).code).to.equal("COMPILED_MODEL_INVALID");
            let zkey: Uint8Array = new Uint8Array(await readFile(startKey));
            for (const name of ["Ada", "Grace"]) ({ zkey } = await addContribution({ zkey, name }));
            const { contributions } = await checkCeremony({ dir: modelDir, zkey, ptau });
            expect(contributions.map(({ name }) => name)).to.deep.equal(["Ada", "Grace"]);

            const manifest = await finishCeremony({ dir: modelDir, zkey, ptau, beacon: BEACON });

            expect((await loadModel(modelDir)).manifest).to.deep.equal(manifest);
            const { setup } = await readCompiledModel({ dir: modelDir });
            expect(setup.kind).to.equal(SETUP_KINDS.ceremony);
            expect((await verifySetup({ modelDir, ptau })).status).to.equal("verified");
        });

        it("does not start where something is, nor finish with another circuit's key or a changed file", async () => {
            const [mine, others] = [join(dir, "mine"), join(dir, "others")];
            await startCeremony({ ...JOB, outDir: mine, ptau });
            const other = { ...JOB, onnx: writeOnnx(anMlp({ sizes: [4, 2, 2], argMax: true })), outDir: others };
            let zkey: Uint8Array = new Uint8Array(await readFile((await startCeremony({ ...other, ptau })).startKey));
            for (const name of ["Ada", "Grace"]) ({ zkey } = await addContribution({ zkey, name }));
            const job = { dir: mine, zkey, ptau };

            const again = await rejection(startCeremony({ ...JOB, outDir: mine, ptau }));
            const foreign = await rejection(finishCeremony({ ...job, beacon: BEACON }));
            await writeFile(join(mine, MODEL_FILES.r1cs), "changed");
            const changed = await rejection(checkCeremony(job));

            const codes = [again.code, foreign.code, changed.code];
            expect(codes).to.deep.equal(["MODEL_DIR_EXISTS", "SETUP_KEY_INVALID", "CEREMONY_DIR_INVALID"]);
            expect(await readdir(mine)).not.to.include(MODEL_FILES.manifest);
        });
    });
});
