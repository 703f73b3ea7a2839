import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { makePtau } from "../../support/ptau.ts";
import { aHome, assay } from "./_assay.ts";

const MODEL = fileURLToPath(new URL("../../../models/argmax-8-4-2", import.meta.url));
const BEACON = `0x${"5c".repeat(32)}`;

describe("assay ceremony", function () {
    this.timeout(60_000); // each step is a process of its own

    let cwd: string;
    let remove: () => Promise<void>;
    const run = (...argv: string[]) => assay([...argv, "--json"], { cwd });
    const compile = (...options: string[]) =>
        run("compile", `${MODEL}.onnx`, "--calibration", `${MODEL}.calibration.json`, ...options);

    before(async () => {
        ({ home: cwd, remove } = await aHome());
        await makePtau({ file: path.join(cwd, "tau.ptau"), log2Size: 8 });
    });
    after(() => remove());

    it("makes a model's key by two people and a beacon, which verify --rebuild follows", async () => {
        const started = await compile("--out", "model", "--setup", "ceremony", "--ptau", "tau.ptau");
        expect(started.exitCode, started.stderr).to.equal(0);
        await run("ceremony", "contribute", "--key", "model/start.zkey", "--out", "1.zkey", "--name", "Ada");
        const early = await run(
            ...["ceremony", "finish", "--dir", "model", "--key", "1.zkey", "--ptau", "tau.ptau", "--beacon", BEACON],
        );
        const second = await run("ceremony", "contribute", "--key", "1.zkey", "--out", "2.zkey", "--name", "Grace");
        const checked = await run("ceremony", "verify", "--dir", "model", "--key", "2.zkey", "--ptau", "tau.ptau");
        const finished = await run(
            ...["ceremony", "finish", "--dir", "model", "--key", "2.zkey", "--ptau", "tau.ptau", "--beacon", BEACON],
        );
        const verified = await run("verify", "--dir", "model", "--rebuild", "--ptau", "tau.ptau");

        expect(early.json.error.code).to.equal("SETUP_UNFINISHED");
        expect(checked.json.contributions.at(-1)).to.deep.equal({ name: "Grace", hash: second.json.hash });
        expect(finished.exitCode, finished.stderr).to.equal(0);
        expect(finished.json.manifest.setup.kind).to.equal("ceremony");
        expect(verified.exitCode, verified.stdout).to.equal(0);
        expect(verified.json.development).to.equal(false);
        const setup = verified.json.checks.at(-1);
        expect(setup).to.deep.include({ name: "setup", ok: true, isPhase1Public: false });
        expect(setup.detail).to.contain("powers of tau of UNKNOWN ORIGIN by Ada, Grace, beacon");
    });

    it("does not overwrite a key", async () => {
        await compile("--out", "other", "--setup", "ceremony", "--ptau", "tau.ptau");
        const { exitCode, json } = await run(
            ...["ceremony", "contribute", "--key", "other/start.zkey", "--out", "other/start.zkey", "--name", "Ada"],
        );

        expect(exitCode).to.equal(1);
        expect(json.error.code).to.equal("FILE_UNWRITABLE");
    });

    it("needs powers of tau", async () => {
        for (const setup of ["single", "ceremony"]) {
            const { exitCode, json } = await compile("--out", "none", "--setup", setup);

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("PTAU_MISSING");
        }
    });
});
