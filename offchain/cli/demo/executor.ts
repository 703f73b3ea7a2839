import { Writable } from "node:stream";
import { toHex } from "@assay/protocol";
import { pino } from "pino";
import { z } from "zod";
import type { DemoWorld } from "./world.ts";

const logLine = z.object({ msg: z.string(), requestId: z.string().optional(), stage: z.string().optional() });

/** Starts a real executor on the demo's chain; its steps are told as progress. */
export async function startDemoExecutor(
    { rpcUrl, deploymentFile, home, modelDir, accounts, enclaves }: DemoWorld,
    { progress }: { progress: (line: string) => void },
): Promise<{ stop: () => Promise<void> }> {
    const { createExecutor } = await import("@assay/executor");
    const { createSession } = await import("@assay/compiler");
    const { createProverPool } = await import("@assay/prover");
    const provers = createProverPool();
    const executor = createExecutor({
        settings: {
            rpcUrl,
            deploymentFile,
            home,
            models: [modelDir],
            enclaves: [...enclaves],
            operatorKey: toHex(accounts.executor.privateKey),
            signingKey: toHex(accounts.signing.privateKey),
        },
        engines: { createSession, createProver: provers.open },
        log: pino({ level: "debug" }, progressStream(progress)),
    });
    await executor.start();
    return {
        stop: async () => {
            await executor.stop();
            await provers.close();
        },
    };
}

/** Turns log lines into lines for people: which request, what happens to it. */
function progressStream(progress: (line: string) => void): Writable {
    return new Writable({
        write: (chunk: Buffer, _encoding, done) => {
            const { msg, requestId, stage } = logLine.parse(JSON.parse(chunk.toString("utf8")));
            const subject = requestId === undefined ? "" : ` ${requestId.slice(0, 10)}`;
            progress(`  executor${subject}: ${stage ?? msg}`);
            done();
        },
    });
}
