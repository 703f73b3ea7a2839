/** An executor in a process of its own, for tests that kill it. Settings come as JSON in ASSAY_TEST_EXECUTOR. */
import { z } from "zod";
import { createExecutor, createLog } from "../../../offchain/executor/index.ts";
import { forgedEngines } from "./_model.ts";

const parts = z
    .object({
        settings: z.custom<Parameters<typeof createExecutor>[0]["settings"]>(),
        model: z.object({ dir: z.string(), ioSpec: z.string().transform(BigInt), vkHash: z.custom<`0x${string}`>() }),
    })
    .parse(JSON.parse(process.env.ASSAY_TEST_EXECUTOR ?? "{}"));
const { dir, ioSpec, vkHash } = parts.model;
const executor = createExecutor({
    settings: parts.settings,
    engines: forgedEngines([{ dir, spec: { ioSpec, vkHash } }]),
    log: createLog({ level: "debug" }),
});
process.once("SIGTERM", () => void executor.stop());
await executor.start();
await executor.stopped;
