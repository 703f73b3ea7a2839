/** Files of setups that are none, and names that rewrite what is shown. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addContribution, finishCeremony, startCeremony } from "@assay/compiler";
import { expect } from "chai";
import { writeOnnx } from "../../offchain/compiler/onnx/writeOnnx.ts";
import { readPtau } from "../../offchain/compiler/setup/ptau.ts";
import { rejection } from "../offchain/compiler/_faults.ts";
import { anMlp } from "../offchain/compiler/_floatModels.ts";
import { makePtau } from "../support/ptau.ts";

const LOG2_SIZE = 7;
const BEACON = { value: "5c".repeat(32), iterationsLog2: 10 };
/** Clears its line and writes another over it, in as many bytes as the name that it takes the place of. */
const REWRITING = "\u001b[2K\rGrace";
const PLAIN = "x".repeat(REWRITING.length);

describe("attack: setups", function () {
    this.timeout(60_000); // each step is a process of its own

    let dir: string;
    let ptau: string;
    let model: string;
    let startKey: Uint8Array;

    before(async () => {
        dir = await mkdtemp(join(tmpdir(), "assay-test-"));
        ptau = await makePtau({ file: join(dir, "tau.ptau"), log2Size: LOG2_SIZE });
        model = join(dir, "model");
        const onnx = writeOnnx(anMlp({ sizes: [4, 3, 2], argMax: true }));
        const started = await startCeremony({ onnx, name: "m", calibration: [[0, 1, 2, 15]], outDir: model, ptau });
        startKey = new Uint8Array(await readFile(started.startKey));
    });

    after(async () => {
        await rm(dir, { recursive: true, force: true });
    });

    it("takes no directory, pipe or device for a phase 1, and waits for none", async () => {
        const pipe = join(dir, "pipe.ptau");
        execFileSync("mkfifo", [pipe]);

        for (const file of [dir, pipe, "/dev/zero"]) {
            const fault = await rejection(readPtau({ file, log2Size: 2 }));
            expect(fault.code).to.equal("PTAU_INVALID");
            expect(fault.message).to.contain("no file");
        }
    });

    it("refuses a key in which a contributor's name steers the terminal of whoever checks it", async () => {
        const { zkey } = await addContribution({ zkey: startKey, name: PLAIN });
        const forged = Buffer.from(zkey);
        forged.set(Buffer.from(REWRITING), forged.lastIndexOf(PLAIN));

        const fault = await rejection(addContribution({ zkey: new Uint8Array(forged), name: "Ada" }));

        expect(fault.code).to.equal("SETUP_KEY_INVALID");
        expect(fault.message).to.contain("cannot be shown");
    });

    it("removes no keys that contributors keep in the directory of the ceremony", async () => {
        let zkey = startKey;
        for (const name of ["Ada", "Grace"]) ({ zkey } = await addContribution({ zkey, name }));
        const kept = join(model, "2.zkey");
        await writeFile(kept, zkey);

        const fault = await rejection(finishCeremony({ dir: model, zkey, ptau, beacon: BEACON }));

        expect(fault.code).to.equal("MODEL_DIR_EXISTS");
        expect(fault.message).to.contain("2.zkey");
        expect(new Uint8Array(await readFile(kept))).to.deep.equal(zkey);
    });
});
