import { readFile } from "node:fs/promises";
import { createSession } from "@assay/compiler";
import { DIGITS, digitsBody, inMs, jsonOf, median, post, startGateway } from "./served.ts";
import { createBenchWorld } from "./world.ts";

const WARM_UP = 100;
const CALLS = 500;
const FLOAT32_BYTES = 4;

/** What HTTP, journal, statement, signature and receipt add to an inference that nobody pays for. */
export async function measureOverhead() {
    const world = await createBenchWorld();
    try {
        const gateway = await startGateway(world, { isFree: true });
        try {
            const served = await medianMs(async () => {
                await jsonOf(await post(`${gateway.url}/v1/infer`, digitsBody()));
            });
            const bare = await bareMs();
            return { p50Ms: inMs(served - bare), servedMs: inMs(served), bareMs: inMs(bare) };
        } finally {
            await gateway.stop();
        }
    } finally {
        await world.close();
    }
}

async function bareMs(): Promise<number> {
    const session = await createSession(await readFile(DIGITS.file));
    try {
        return await medianMs(() => session.runBytes(new Uint8Array(DIGITS.elements * FLOAT32_BYTES)));
    } finally {
        await session.close();
    }
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
    const times: number[] = [];
    for (let call = 0; call < WARM_UP + CALLS; call++) {
        const startedAt = performance.now();
        await work();
        if (call >= WARM_UP) times.push(performance.now() - startedAt);
    }
    return median(times);
}
