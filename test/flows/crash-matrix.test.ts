import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { bytesToHex, encodePolicy, FAMILIES, type Hex, maskOf, verifyReceipt } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import { readReceiptFile } from "../../offchain/executor/index.ts";
import { findOutput } from "../../offchain/executor/shell/journal/evidence.ts";
import { openPglite } from "../../offchain/executor/shell/journal/pglite.ts";
import { answerOf } from "../offchain/executor/_model.ts";
import { createTeeWorld, INPUT, type TeeWorld } from "./_teeWorld.ts";

const CHILD = new URL("../offchain/executor/_child.ts", import.meta.url).pathname;
const STEPS = ["admit", "run", "date", "sign", "attest", "prove", "check", "deliver"] as const;
const INGEST = ["ingest.before", "ingest.journalled"];
/**
 * Every point at which the executor can be killed, in the order in which one request comes by them: before a step, and
 * when it is done but not journalled. (Once it is journalled, the next step is due.)
 */
const POINTS = [
    ...INGEST,
    ...STEPS.flatMap((step) => [`${step}.before`, `${step}.acted`]),
    "broadcast.before",
    "broadcast.acted",
    ...INGEST,
    "keep.before",
    "keep.acted",
];

/** Everything that an executor can make: a signature, an enclave's signature and a proof, all three. */
const FAMILIES_MADE = [FAMILIES.SIGNED, FAMILIES.TEE_NITRO, FAMILIES.ZK_GROTH16];
const ALL_OF_THEM = encodePolicy({ clauses: [maskOf(FAMILIES_MADE)] });

const lineSchema = z.looseObject({ requestId: z.string().optional(), stage: z.string().optional() });
const countRows = z.array(z.object({ count: z.coerce.number() }));

describe("flow: crash matrix (T-62)", function () {
    // More than thirty processes, one after the other, each with a database to open.
    this.timeout(240_000);
    let world: TeeWorld;
    before(async () => {
        world = await createTeeWorld();
    });
    after(() => world.close());

    /** An executor in a process of its own; `crashAt` names the point at which it kills itself. */
    function spawnExecutor({ crashAt = "" }: { crashAt?: string } = {}): ChildProcess {
        const { dir, spec } = world.model;
        const model = { dir, ioSpec: spec.ioSpec.toString(), vkHash: spec.vkHash };
        return spawn(process.execPath, [CHILD], {
            stdio: ["ignore", "inherit", "pipe"],
            env: {
                ...process.env,
                // The first process that ends by itself leaves its compiled modules to the others.
                NODE_COMPILE_CACHE: join(world.home, "compiled"),
                ASSAY_CRASH_AT: crashAt,
                ASSAY_TEST_EXECUTOR: JSON.stringify({ settings: world.settings, model }),
            },
        });
    }

    /** How the process ended: by the signal, if it killed itself. */
    async function ended(child: ChildProcess): Promise<string> {
        child.stderr?.resume();
        await once(child, "exit");
        return child.signalCode ?? `exit ${child.exitCode}`;
    }

    /** Starts an executor that is not killed, waits until it has finished the request, and stops it. */
    async function finish(requestId: Hex): Promise<void> {
        const child = spawnExecutor();
        const lines = createInterface({ input: child.stderr ?? process.stdin });
        for await (const text of lines) {
            const { requestId: of, stage } = lineSchema.parse(JSON.parse(text));
            if (of === requestId && stage === "finished") break;
        }
        child.kill("SIGTERM");
        expect(await ended(child)).to.equal("exit 0");
    }

    /** The chain and the journal hold one of everything, whatever happened in between. */
    async function expectOnce({
        requestId,
        paidBefore,
        feeWei,
    }: {
        requestId: Hex;
        paidBefore: bigint;
        feeWei: bigint;
    }) {
        const output = answerOf({ seed: world.model.seed, input: INPUT });
        const events = await world.hubEvents(requestId);
        expect(events.map(({ name }) => name)).to.deep.equal(["Requested", "Delivered"]);
        expect(events[1]?.args.output).to.equal(bytesToHex(output));
        expect(await world.creditWei()).to.equal(paidBefore + feeWei);
        const receipt = await readReceiptFile({ home: world.home, requestId });
        expect(verifyReceipt({ receipt }).code).to.equal("ACCEPTED");

        const [journal = ""] = await readdir(join(world.home, "executor"));
        const database = await openPglite({ directory: join(world.home, "executor", journal) });
        const count = async (sql: string) => countRows.parse(await database.query(sql, [requestId]))[0]?.count;
        expect(await count("SELECT count(*) AS count FROM statements WHERE request_id = $1")).to.equal(1);
        expect(await count("SELECT count(*) AS count FROM transactions WHERE request_id = $1")).to.equal(1);
        const items = `SELECT count(*) AS count FROM evidence WHERE digest IN
            (SELECT digest FROM statements WHERE request_id = $1)`;
        expect(await count(items)).to.equal(FAMILIES_MADE.length);
        for (const family of FAMILIES_MADE) expect(await count(`${items} AND family = ${family}`)).to.equal(1);
        expect((await findOutput(database, requestId))?.output).to.deep.equal(output);
        await database.close();
    }

    it("refuses to start while another process has its journal", async () => {
        const first = spawnExecutor();
        await once(createInterface({ input: first.stderr ?? process.stdin }), "line");

        const second = spawnExecutor();
        const text: string[] = [];
        for await (const line of createInterface({ input: second.stderr ?? process.stdin })) text.push(line);

        expect(text.join("\n")).to.include("EXECUTOR_DATABASE_LOCKED");
        first.kill("SIGTERM");
        expect(await ended(first)).to.equal("exit 0");
    });

    it("is killed at every point in turn while it serves one request: everything happens exactly once", async () => {
        const paidBefore = await world.creditWei();
        const { requestId, terms } = await world.ask({ policy: ALL_OF_THEM });

        const ends = [];
        for (const point of POINTS) ends.push(`${point}: ${await ended(spawnExecutor({ crashAt: point }))}`);
        await finish(requestId);

        expect(ends).to.deep.equal(POINTS.map((point) => `${point}: SIGKILL`));
        await expectOnce({ requestId, paidBefore, feeWei: terms.feeWei });
    });

    for (const point of ["sign.acted", "attest.acted", "deliver.journalled", "broadcast.acted", "keep.journalled"]) {
        it(`is killed at ${point} only, and restarted: everything happens exactly once`, async () => {
            const paidBefore = await world.creditWei();
            const { requestId, terms } = await world.ask({ policy: ALL_OF_THEM });

            const end = await ended(spawnExecutor({ crashAt: point }));
            if (point !== "keep.journalled") await finish(requestId);

            expect(end).to.equal("SIGKILL");
            await expectOnce({ requestId, paidBefore, feeWei: terms.feeWei });
        });
    }
});
