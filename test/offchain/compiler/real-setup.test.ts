import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, encodeKey, lintKey, verifyGroth16 } from "@assay/protocol";
import { expect } from "chai";
import { groth16 } from "snarkjs";
import { addContribution, finishSetup, startKey } from "../../../offchain/compiler/setup/ceremonySetup.ts";
import { checkContributions, checkSetup } from "../../../offchain/compiler/setup/checkSetup.ts";
import { singleSetup } from "../../../offchain/compiler/setup/singleSetup.ts";
import { transcriptHashOf } from "../../../offchain/compiler/setup/transcript.ts";
import { createCircomCalculator } from "../../support/circomWitness.ts";
import { type Circuit, compileInstance } from "../../support/circuit.ts";
import { eip197 } from "../../support/proof.ts";
import { makePtau } from "../../support/ptau.ts";
import { rejection } from "./_faults.ts";

const LOG2_SIZE = 4;
const BEACON = { value: "5c".repeat(32), iterationsLog2: 10 };

describe("setups for real chains", function () {
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

    async function proveWith({ zkey, x }: { zkey: Uint8Array; x: bigint }) {
        const calculator = await createCircomCalculator(new Uint8Array(circuit.compiled.wasm));
        const { file } = await calculator.calculate({ x: [x] });
        const { proof } = await groth16.prove(zkey, file, undefined, { singleThread: true });
        return eip197(proof);
    }

    describe("singleSetup", () => {
        it("makes a key that proves, that the chain accepts, and that checks against circuit and phase 1", async () => {
            const { setup, record } = await singleSetup({ r1cs, ptau });
            const { verifyingKey, zkey } = setup;

            expect(lintKey(encodeKey(verifyingKey))).to.deep.equal([]);
            const proof = await proveWith({ zkey, x: 200n });
            expect(verifyGroth16({ key: verifyingKey, signals: [200n], proof })).to.equal(true);
            expect(verifyGroth16({ key: verifyingKey, signals: [201n], proof })).to.equal(false);
            expect((await checkSetup({ r1cs, ptau, zkey, kind: "single" })).record).to.deep.equal(record);
            if (record.kind === "dev") return expect.fail("a development setup");
            expect(record.transcriptHash).to.equal(transcriptHashOf(record.transcript));
            expect(record.transcript.ptau).to.deep.equal({
                sha256: bytesToHex(
                    createHash("sha256")
                        .update(await readFile(ptau))
                        .digest(),
                ),
                log2Size: LOG2_SIZE,
            });
            expect(record.transcript.contributions.map(({ name }) => name)).to.deep.equal(["single"]);
        });

        it("draws another secret each time", async () => {
            const [one, other] = await Promise.all([singleSetup({ r1cs, ptau }), singleSetup({ r1cs, ptau })]);

            expect(one.setup.verifyingKey.delta).not.to.deep.equal(other.setup.verifyingKey.delta);
            expect(one.setup.verifyingKey.alpha).to.deep.equal(other.setup.verifyingKey.alpha);
        });

        it("ends when it is told to", async () => {
            const controller = new AbortController();
            const making = singleSetup({ r1cs, ptau, signal: controller.signal });
            controller.abort(new Error("enough"));

            expect(await making.catch((error: unknown) => error)).to.equal(controller.signal.reason);
        });
    });

    describe("a ceremony", () => {
        it("makes a key of contributions and a beacon, and says what it was made from", async () => {
            const zkey = await contributedBy("Ada", "Grace");
            const { contributions } = await checkContributions({ r1cs, ptau, zkey });

            const { setup, record } = await finishSetup({ r1cs, ptau, zkey, beacon: BEACON });

            if (record.kind === "dev") return expect.fail("a development setup");
            const { transcript } = record;
            expect(record.kind).to.equal("ceremony");
            expect(contributions.map(({ name }) => name)).to.deep.equal(["Ada", "Grace"]);
            expect(transcript.contributions.slice(0, 2)).to.deep.equal(contributions);
            expect(transcript.contributions[2]?.beacon).to.deep.equal({ ...BEACON, value: `0x${BEACON.value}` });
            const proof = await proveWith({ zkey: setup.zkey, x: 7n });
            expect(verifyGroth16({ key: setup.verifyingKey, signals: [7n], proof })).to.equal(true);
            expect((await checkSetup({ r1cs, ptau, zkey: setup.zkey, kind: "ceremony" })).record).to.deep.equal(record);
        });

        it("is not finished with one contribution, without a beacon, or twice", async () => {
            const one = await contributedBy("Ada");
            const { zkey: two } = await addContribution({ zkey: one, name: "Grace" });
            const finished = await finishSetup({ r1cs, ptau, zkey: two, beacon: BEACON });
            const { zkey } = finished.setup;

            const codes = [
                await rejection(finishSetup({ r1cs, ptau, zkey: one, beacon: BEACON })),
                await rejection(finishSetup({ r1cs, ptau, zkey, beacon: BEACON })),
                await rejection(checkSetup({ r1cs, ptau, zkey: two, kind: "ceremony" })),
                await rejection(addContribution({ zkey, name: "late" })),
            ].map(({ code }) => code);
            expect(codes).to.deep.equal([
                "SETUP_UNFINISHED",
                "SETUP_UNFINISHED",
                "SETUP_UNFINISHED",
                "SETUP_KEY_INVALID",
            ]);
        });

        it("refuses a name and a beacon that snarkjs would cut or ignore", async () => {
            const zkey = new Uint8Array(); // they are refused before it is read
            for (const name of ["", "x".repeat(61), "a\nb"]) {
                expect((await rejection(addContribution({ zkey, name }))).code).to.equal("CEREMONY_NAME_INVALID");
            }
            for (const change of [{ value: "xy".repeat(20) }, { value: "00" }, { iterationsLog2: 9 }]) {
                const beacon = { ...BEACON, ...change };
                const fault = await rejection(finishSetup({ r1cs, ptau, zkey, beacon }));
                expect(fault.code).to.equal("CEREMONY_BEACON_INVALID");
            }
        });
    });
});
