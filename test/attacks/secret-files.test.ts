/** Files of secrets where somebody has put something before. */
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileModel } from "@assay/compiler";
import { dtypeOf, encodeIoSpec, uintToHex } from "@assay/protocol";
import { expect } from "chai";
import { writeText } from "../../offchain/cli/io/files.ts";
import { openOpening } from "../../offchain/cli/model/opening.ts";
import { writeOnnx } from "../../offchain/compiler/onnx/writeOnnx.ts";
import { rejection } from "../offchain/compiler/_faults.ts";
import { anMlp } from "../offchain/compiler/_floatModels.ts";

const FOR_OTHERS = 0o077;
const SIDE = { dtype: dtypeOf("uint8").onnx, bits: 8, committed: true, count: 1 };

describe("attack: files of secrets", function () {
    this.timeout(60_000); // compiles a model

    let dir: string;
    let file: string;

    beforeEach(async () => {
        dir = await mkdtemp(join(tmpdir(), "assay-test-"));
        file = join(dir, "opening.json");
    });
    afterEach(() => rm(dir, { recursive: true, force: true }));

    it("are for their owner alone, also where a file that all can read was waiting", async () => {
        await writeFile(file, "{}");
        await chmod(file, 0o666);

        await writeText({ file, text: "salt", isSecret: true });

        expect(await readFile(file, "utf8")).to.equal("salt");
        expect((await stat(file)).mode & FOR_OTHERS).to.equal(0);
        expect(await readdir(dir)).to.deep.equal(["opening.json"]);
    });

    it("do not go where a link leads", async () => {
        const elsewhere = join(dir, "elsewhere.json");
        await writeFile(elsewhere, "{}");
        await symlink(elsewhere, file);

        await writeText({ file, text: "salt", isSecret: true });

        expect(await readFile(elsewhere, "utf8")).to.equal("{}");
        expect(await readFile(file, "utf8")).to.equal("salt");
    });

    it("keep the salts of whoever was first, when two were to write one", async () => {
        const ioSpec = encodeIoSpec({ input: SIDE, output: { ...SIDE, committed: false } });
        const [first, second] = [
            await openOpening({ cwd: dir }, { ioSpec, file: "opening.json" }),
            await openOpening({ cwd: dir }, { ioSpec, file: "opening.json" }),
        ];
        await first.keep({ input: "0x01", inputSalt: uintToHex(1n) });

        const fault = await rejection(second.keep({ input: "0x02", inputSalt: uintToHex(2n) }));

        expect(fault.code).to.equal("FILE_UNWRITABLE");
        expect(JSON.parse(await readFile(file, "utf8"))).to.deep.equal({ input: "0x01", inputSalt: uintToHex(1n) });
        expect(await readdir(dir)).to.deep.equal(["opening.json"]);
    });

    it("hold private weights for their owner alone", async () => {
        const outDir = join(dir, "hidden");
        const onnx = writeOnnx(anMlp({ sizes: [4, 3, 2], argMax: true }));
        await compileModel({ onnx, name: "hidden", calibration: [[0, 1, 2, 15]], outDir, parameters: "committed" });

        const modes = await Promise.all(
            (await readdir(outDir)).map(async (name) => (await stat(join(outDir, name))).mode & FOR_OTHERS),
        );
        expect(modes)
            .to.include(0)
            .and.satisfy((all: number[]) => all.every((mode) => mode === 0));
    });
});
