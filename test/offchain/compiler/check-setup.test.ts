import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex } from "@assay/protocol";
import { expect } from "chai";
import { buildBn128 } from "ffjavascript";
import { zKey } from "snarkjs";
import { addContribution, finishSetup, startKey } from "../../../offchain/compiler/setup/ceremonySetup.ts";
import { checkSetup } from "../../../offchain/compiler/setup/checkSetup.ts";
import { readContributions } from "../../../offchain/compiler/setup/contributions.ts";
import { devSetup } from "../../../offchain/compiler/setup/devSetup.ts";
import { singleSetup } from "../../../offchain/compiler/setup/singleSetup.ts";
import { type Circuit, compileInstance } from "../../support/circuit.ts";
import { makePtau } from "../../support/ptau.ts";
import { rejection } from "./_faults.ts";

const LOG2_SIZE = 4;
const BEACON = { value: "5c".repeat(32), iterationsLog2: 10 };

describe("checks of setups for real chains", function () {
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

    /** The key after contributions of these people. */
    async function contributedBy(...names: string[]): Promise<Uint8Array> {
        let zkey = await startKey({ r1cs, ptau });
        for (const name of names) ({ zkey } = await addContribution({ zkey, name }));
        return zkey;
    }

    describe("checkSetup", () => {
        /** Where a section's content begins. */
        function offsetOf({ zkey, section }: { zkey: Uint8Array; section: number }): number {
            const view = new DataView(zkey.buffer, zkey.byteOffset);
            let offset = 12;
            while (view.getUint32(offset, true) !== section) offset += 12 + Number(view.getBigUint64(offset + 4, true));
            return offset + 12;
        }

        it("refuses a development key, a key of another circuit, and one without contributions", async () => {
            const other = await compileInstance({
                file: "fixed-point/range-check.circom",
                publicInputs: ["x"],
                call: "RangeCheck(9)",
            });
            const foreign = await singleSetup({ r1cs: new Uint8Array(other.compiled.r1cs), ptau });
            const dev = await devSetup({ r1cs });
            const start = await startKey({ r1cs, ptau });

            for (const [zkey, code] of [
                [dev.zkey, "SETUP_KEY_INVALID"],
                [foreign.setup.zkey, "SETUP_KEY_INVALID"],
                [start, "SETUP_UNFINISHED"],
            ] as const) {
                const fault = await rejection(checkSetup({ r1cs, ptau, zkey, kind: "single" }));
                expect(fault.code, fault.message).to.equal(code);
            }
        });

        it("refuses a key in which any part was changed", async () => {
            const { setup } = await singleSetup({ r1cs, ptau });
            for (const section of [3, 4, 8, 9, 10]) {
                const zkey = Uint8Array.from(setup.zkey);
                const at = offsetOf({ zkey, section }) + 20;
                zkey[at] = (zkey[at] ?? 0) ^ 1;

                const fault = await rejection(checkSetup({ r1cs, ptau, zkey, kind: "single" }));
                expect(fault.code, `section ${section}: ${fault.message}`).to.equal("SETUP_KEY_INVALID");
            }
        });

        it("refuses a beacon that would take years to repeat, before it repeats it", async () => {
            const zkey = await contributedBy("Ada", "Grace");
            const { setup } = await finishSetup({ r1cs, ptau, zkey, beacon: BEACON });
            const slow = Uint8Array.from(setup.zkey);
            const iterations = slow.length - (2 + 32) - 1;
            expect(slow[iterations]).to.equal(BEACON.iterationsLog2);
            slow[iterations] = 63;

            const fault = await rejection(checkSetup({ r1cs, ptau, zkey: slow, kind: "ceremony" }));
            expect(fault.code).to.equal("SETUP_KEY_INVALID");
            expect(fault.message).to.contain("beacon");
        });
    });

    describe("readContributions", () => {
        it("gives the hash that snarkjs gives to whoever contributes", async () => {
            const [from, to] = [join(dir, "from.zkey"), join(dir, "to.zkey")];
            await writeFile(from, await startKey({ r1cs, ptau }));
            const hash = await zKey.contribute(from, to, "Ada", "entropy of a test");
            await (await buildBn128()).terminate();

            const { contributions } = await readContributions(new Uint8Array(await readFile(to)));

            expect(contributions).to.deep.equal([{ name: "Ada", hash: bytesToHex(hash) }]);
        });

        it("refuses every key that is cut", async () => {
            const zkey = await contributedBy("Ada");
            const { contributions } = await readContributions(zkey);
            expect(contributions).to.have.lengthOf(1);
            for (let length = 0; length < zkey.length; length += 97) {
                const fault = await readContributions(zkey.slice(0, length)).catch((error: unknown) => error);
                expect(fault, `${length} bytes`).to.be.instanceOf(RangeError);
            }
        });
    });
});
