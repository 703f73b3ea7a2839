import { execFileSync } from "node:child_process";
import { access, copyFile, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createProver, type Prover } from "@assay/prover";
import { expect } from "chai";
import { inTempDir } from "../compiler/_tempDir.ts";
import { aModel, faultOf, type Model } from "./_model.ts";

const FAITHFUL = fileURLToPath(new URL("./_programs/faithful", import.meta.url));
const MISBEHAVING = fileURLToPath(new URL("./_programs/misbehaving", import.meta.url));
const FAULTS = [
    { program: "lies", code: "PROVER_PROOF_INVALID", says: "does not verify" },
    { program: "babbles", code: "PROVER_FAILED", says: "wrote no proof" },
    { program: "pipes", code: "PROVER_FAILED", says: "wrote no proof" },
    { program: "points", code: "PROVER_FAILED", says: "wrote no proof" },
    { program: "silent", code: "PROVER_FAILED", says: "wrote no proof" },
    { program: "crashes", code: "PROVER_FAILED", says: "SIGSEGV: out of memory" },
    { program: "fails", code: "PROVER_FAILED", says: "ended with 3: bad zkey" },
] as const;

/** Resolves when every process of a group has ended; the dead may wait for somebody to collect them. */
async function untilGone(group: number): Promise<void> {
    const states = () =>
        execFileSync("ps", ["-eo", "pgid=,stat="], { encoding: "utf8" })
            .split("\n")
            .filter((line) => Number.parseInt(line, 10) === group && !line.includes("Z"));
    while (states().length > 0) await setImmediate();
}

describe("a rapidsnark-compatible program", function () {
    this.timeout(60_000); // compiles a model when it is not cached, starts processes

    /** Runs with a prover that calls a program, kept in a directory of the test. */
    async function withProgram<T>({
        program,
        timeLimitMs,
        run,
    }: {
        program: string;
        timeLimitMs?: number;
        run: (parts: { prover: Prover; model: Model; binary: string }) => Promise<T>;
    }): Promise<T> {
        return inTempDir(async (dir) => {
            const model = await aModel({ dir });
            const binary = program === FAITHFUL ? FAITHFUL : join(dir, program);
            if (program !== FAITHFUL && program !== "missing") await copyFile(MISBEHAVING, binary);
            const prover = await createProver({ modelDir: model.dir, rapidsnark: binary, timeLimitMs });
            try {
                return await run({ prover, model, binary });
            } finally {
                await prover.close();
            }
        });
    }

    it("proves what snarkjs would", async () => {
        await withProgram({
            program: FAITHFUL,
            run: async ({ prover, model: { input, accepts } }) => {
                const proven = await Promise.all([0n, 1n].map((bind) => prover.prove({ input, bind })));

                expect(proven.map(accepts)).to.deep.equal([true, true]);
                expect(proven.map(({ signals }) => signals.at(-1))).to.deep.equal([0n, 1n]);
            },
        });
    });

    for (const { program, code, says } of FAULTS) {
        it(`that ${program} is refused with ${code}, and nothing proves in its place`, async () => {
            await withProgram({
                program,
                run: async ({ prover, model: { input } }) => {
                    const fault = await faultOf(prover.prove({ input, bind: 0n }));

                    expect(fault.code).to.equal(code);
                    expect(fault.message).to.contain(says);
                },
            });
        });
    }

    it("that is not there is refused", async () => {
        await withProgram({
            program: "missing",
            run: async ({ prover, model: { input } }) => {
                const { code, message } = await faultOf(prover.prove({ input, bind: 0n }));

                expect(code).to.equal("PROVER_FAILED");
                expect(message).to.contain("cannot be started");
            },
        });
    });

    it("that hangs is ended at the time limit with all it started", async () => {
        await withProgram({
            program: "hangs",
            timeLimitMs: 1_500, // long enough for it to start its child
            run: async ({ prover, model: { input }, binary }) => {
                const fault = await faultOf(prover.prove({ input, bind: 0n }));

                expect(fault.code).to.equal("PROVER_TIMEOUT");
                const group = Number(await readFile(`${binary}.pid`, "utf8"));
                await untilGone(group);
            },
        });
    });

    it("gets a directory of its own, which is gone afterwards, and no secrets", async () => {
        process.env.ASSAY_KEY = "0x01";
        try {
            await withProgram({
                program: "silent",
                run: async ({ prover, model: { input }, binary }) => {
                    await faultOf(prover.prove({ input, bind: 0n }));

                    const { env, dir, files } = JSON.parse(await readFile(`${binary}.json`, "utf8"));
                    expect(env).to.include("PATH").and.not.include("ASSAY_KEY");
                    expect(files).to.deep.equal(["witness.wtns"]);
                    expect(await access(dir).catch(() => "gone")).to.equal("gone");
                    const left = (await readdir(tmpdir())).filter((name) => dir.endsWith(name));
                    expect(left).to.deep.equal([]);
                },
            });
        } finally {
            delete process.env.ASSAY_KEY;
        }
    });
});
