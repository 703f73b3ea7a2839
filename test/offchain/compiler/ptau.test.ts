import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { startKey } from "../../../offchain/compiler/setup/ceremonySetup.ts";
import { readPtau } from "../../../offchain/compiler/setup/ptau.ts";
import { type Circuit, compileInstance } from "../../support/circuit.ts";
import { makePtau } from "../../support/ptau.ts";
import { rejection } from "./_faults.ts";

const LOG2_SIZE = 4;
const _BEACON = { value: "5c".repeat(32), iterationsLog2: 10 };

describe("phase 1 files", function () {
    this.timeout(60_000); // each step is a process of its own

    let dir: string;
    let circuit: Circuit;
    let r1cs: Uint8Array;
    let ptau: string;

    before(async () => {
        dir = await mkdtemp(join(tmpdir(), "assay-test-"));
        circuit = await compileInstance({
            file: "fixed-point/range-check.circom",
            publicInputs: ["x"],
            call: "RangeCheck(8)",
        });
        r1cs = new Uint8Array(circuit.compiled.r1cs);
        ptau = await makePtau({ file: join(dir, "tau.ptau"), log2Size: LOG2_SIZE });
    });

    after(async () => {
        await rm(dir, { recursive: true, force: true });
    });

    describe("readPtau and startKey", () => {
        it("refuses a file that is too small, not prepared, cut, of another kind, or missing", async () => {
            const bytes = await readFile(ptau);
            const raw = await makePtau({ file: join(dir, "raw.ptau"), log2Size: 3, isPrepared: false });
            const put = async (name: string, content: Uint8Array) => {
                await writeFile(join(dir, name), content);
                return join(dir, name);
            };
            const cases: [string, number, string, string][] = [
                [ptau, LOG2_SIZE + 1, "PTAU_TOO_SMALL", `2^${LOG2_SIZE} powers`],
                [raw, 2, "PTAU_INVALID", "not prepared"],
                [await put("cut.ptau", bytes.subarray(0, bytes.length - 1)), 2, "PTAU_INVALID", "longer than the file"],
                [await put("kind.ptau", Uint8Array.from(bytes).with(0, 0)), 2, "PTAU_INVALID", "not a ptau file"],
                [await put("curve.ptau", Uint8Array.from(bytes).with(30, 0)), 2, "PTAU_INVALID", "bn254"],
                [join(dir, "none.ptau"), 2, "PTAU_INVALID", "cannot be read"],
            ];
            for (const [file, log2Size, code, says] of cases) {
                const fault = await rejection(readPtau({ file, log2Size }));
                expect(fault.code).to.equal(code);
                expect(fault.message).to.contain(says);
            }
        });

        it("refuses a file of which one power was changed", async () => {
            const changed = Uint8Array.from(await readFile(ptau));
            const at = changed.length - 40;
            changed[at] = (changed[at] ?? 0) ^ 1;
            await writeFile(join(dir, "changed.ptau"), changed);

            const fault = await rejection(startKey({ r1cs, ptau: join(dir, "changed.ptau") }));
            expect(fault.code).to.equal("PTAU_INVALID");
        });
    });
});
