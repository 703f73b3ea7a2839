/**
 * An executor in a process of its own, for tests that kill it. Settings come as JSON in ASSAY_TEST_EXECUTOR; without
 * them, as when the test runner loads every file, nothing is started.
 */
import { z } from "zod";
import { createExecutor, createLog } from "../../../offchain/executor/index.ts";
import { forgedEngines } from "./_model.ts";

const settingsSchema = z.object({
    settings: z.custom<Parameters<typeof createExecutor>[0]["settings"]>(),
    model: z.object({ dir: z.string(), ioSpec: z.string().transform(BigInt), vkHash: z.custom<`0x${string}`>() }),
});

async function runExecutor(json: string): Promise<void> {
    const { settings, model } = settingsSchema.parse(JSON.parse(json));
    const { dir, ioSpec, vkHash } = model;
    const executor = createExecutor({
        settings,
        engines: forgedEngines([{ dir, spec: { ioSpec, vkHash } }]),
        log: createLog({ level: "debug" }),
    });
    process.once("SIGTERM", () => void executor.stop());
    await executor.start();
    await executor.stopped;
}

const given = process.env.ASSAY_TEST_EXECUTOR;
if (given !== undefined) await runExecutor(given);
