import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MODEL_FILES } from "@assay/compiler";
import { createProverPool, type ProverOptions, type ProverPool } from "@assay/prover";
import { expect } from "chai";
import { createQueue } from "../../../offchain/prover/_queue.ts";
import { createSnarkjsBackend } from "../../../offchain/prover/snarkjsBackend.ts";
import { inTempDir } from "../compiler/_tempDir.ts";
import { aModel, faultOf, type Model } from "./_model.ts";

/** Ids of the processes that prove for this one. */
function provers(): number[] {
    const lines = execFileSync("ps", ["-eo", "pid,ppid,args"], { encoding: "utf8" }).split("\n");
    const mine = lines.filter((line) => line.includes("_snarkjsWorker.ts") && line.includes(` ${process.pid} `));
    return mine.map((line) => Number.parseInt(line, 10));
}

describe("createProverPool", function () {
    this.timeout(60_000); // compiles models when they are not cached, starts processes

    /** Runs with a pool and a model, and closes the pool. */
    async function withPool<T>({
        options = {},
        run,
    }: {
        options?: ProverOptions;
        run: (parts: { pool: ProverPool; model: Model; dir: string }) => Promise<T>;
    }): Promise<T> {
        return inTempDir(async (dir) => {
            const pool = createProverPool(options);
            try {
                return await run({ pool, model: await aModel({ dir }), dir });
            } finally {
                await pool.close();
            }
        });
    }

    it("proves for several models at once with one process, which ends with the pool", async () => {
        await withPool({
            run: async ({ pool, model, dir }) => {
                const models = [model, await aModel({ dir, hidden: 4 })];
                const opened = await Promise.all(models.map(({ dir: modelDir }) => pool.open({ modelDir })));
                const jobs = [0, 1, 0, 1].map(async (at, i) => {
                    const { input, accepts } = models[at] ?? expect.fail("no model");
                    const proven = await opened[at]?.prove({ input, bind: BigInt(i) });
                    return proven !== undefined && accepts(proven) && proven.signals.at(-1) === BigInt(i);
                });

                expect(await Promise.all(jobs)).to.deep.equal([true, true, true, true]);
                expect(provers()).to.have.lengthOf(1);
                expect(opened[0]?.peakRssMb()).to.be.greaterThan(20);
                await pool.close();
                expect(provers()).to.deep.equal([]);
                expect((await faultOf(pool.open({ modelDir: model.dir }))).code).to.equal("PROVER_CLOSED");
                const late = opened[0]?.prove({ input: model.input, bind: 0n }) ?? expect.fail("no prover");
                expect((await faultOf(late)).code).to.equal("PROVER_CLOSED");
            },
        });
    });

    it("goes on after its process was killed, which costs the proof under way", async () => {
        await withPool({
            run: async ({ pool, model: { dir: modelDir, input, accepts } }) => {
                const prover = await pool.open({ modelDir });
                await prover.prove({ input, bind: 0n });
                const interrupted = faultOf(prover.prove({ input, bind: 1n }));
                for (const pid of provers()) process.kill(pid, "SIGKILL");

                const { code, retryable } = await interrupted;
                expect({ code, retryable }).to.deep.equal({ code: "PROVER_INTERRUPTED", retryable: true });
                expect(accepts(await prover.prove({ input, bind: 1n }))).to.equal(true);
            },
        });
    });

    it("ends a proof at its time limit", async () => {
        await withPool({
            options: { timeLimitMs: 1 },
            run: async ({ pool, model: { dir: modelDir, input } }) => {
                const prover = await pool.open({ modelDir });

                expect((await faultOf(prover.prove({ input, bind: 0n }))).code).to.equal("PROVER_TIMEOUT");
                expect(provers()).to.deep.equal([]);
            },
        });
    });

    it("stops a proof that nobody wants any more, under way or waiting", async () => {
        await withPool({
            run: async ({ pool, model: { dir: modelDir, input } }) => {
                const prover = await pool.open({ modelDir });
                const controller = new AbortController();
                const job = { input, bind: 0n, signal: controller.signal };
                const both = [prover.prove(job), prover.prove(job)].map((one) => one.catch((error: unknown) => error));
                controller.abort(new Error("no longer wanted"));

                const { reason } = controller.signal;
                expect(await Promise.all(both)).to.deep.equal([reason, reason]);
            },
        });
    });

    it("refuses a proof when too many wait", async () => {
        await withPool({
            options: { waiting: 1 },
            run: async ({ pool, model: { dir: modelDir, input, accepts } }) => {
                const prover = await pool.open({ modelDir });
                const [first, second] = [prover.prove({ input, bind: 0n }), prover.prove({ input, bind: 1n })];

                expect((await faultOf(prover.prove({ input, bind: 2n }))).code).to.equal("PROVER_BUSY");
                expect([accepts(await first), accepts(await second)]).to.deep.equal([true, true]);
            },
        });
    });

    it("refuses a key that was changed after its model was opened", async () => {
        await withPool({
            run: async ({ pool, model: { dir: modelDir, input } }) => {
                const prover = await pool.open({ modelDir });
                await writeFile(join(modelDir, MODEL_FILES.provingKey), "another key");

                const { code, message } = await faultOf(prover.prove({ input, bind: 0n }));
                expect(code).to.equal("PROVER_FAILED");
                expect(message).to.contain("was changed");
            },
        });
    });

    for (const [name, value] of [
        ["keyMemoryMb", 0],
        ["timeLimitMs", 0.5],
        ["waiting", -1],
    ] as const) {
        it(`refuses ${name} ${value}`, () => {
            expect(() => createProverPool({ [name]: value }))
                .to.throw()
                .with.property("code", "PROVER_OPTION_INVALID");
        });
    }

    describe("its keys", () => {
        it("stay in memory up to a limit, the least used go first", async () => {
            await inTempDir(async (dir) => {
                const models = await Promise.all([3, 4, 5].map((hidden) => aModel({ dir, hidden })));
                const keys = models.map(({ dir: modelDir, manifest }) => {
                    const file = join(modelDir, MODEL_FILES.provingKey);
                    const sha256 = manifest.files[MODEL_FILES.provingKey] ?? "0x";
                    return { file, sha256, bytes: statSync(file).size };
                });
                const [a, b, c] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];
                const witness = new Uint8Array(); // the key is loaded first, then this is refused
                const limit = { keyMemoryBytes: a.bytes + b.bytes + c.bytes - 1, timeLimitMs: 60_000 };
                const backend = createSnarkjsBackend(limit);
                const sizes: number[] = [];
                try {
                    for (const key of [a, b, a, c, a, b]) {
                        expect((await faultOf(backend.prove({ key, witness }))).code).to.equal("PROVER_FAILED");
                        sizes.push(backend.keysBytes());
                    }
                } finally {
                    await backend.close();
                }
                const [ab, ac] = [a.bytes + b.bytes, a.bytes + c.bytes]; // c drives out b, which a was used after
                expect(sizes).to.deep.equal([a.bytes, ab, ab, ac, ac, ab]);
            });
        });
    });
});

describe("createQueue", () => {
    it("runs tasks one after the other in their order, whatever becomes of them", async () => {
        const queue = createQueue({ waiting: 10 });
        const seen: string[] = [];
        const task = (name: string) => async () => {
            seen.push(`${name} begins`);
            await Promise.resolve();
            seen.push(`${name} ends`);
            if (name === "b") throw new Error("b fails");
        };

        const all = await Promise.allSettled(["a", "b", "c"].map((name) => queue.run(task(name))));

        expect(all.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
        expect(seen).to.deep.equal(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
    });

    it("is idle when the last task has ended", async () => {
        const queue = createQueue({ waiting: 10 });
        let ended = 0;
        const task = async () => {
            await Promise.resolve();
            ended++;
        };
        for (let i = 0; i < 5; i++) void queue.run(task);

        await queue.idle();

        expect(ended).to.equal(5);
    });
});
