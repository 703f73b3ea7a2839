import autocannon from "autocannon";
import { digitsBody, startGateway, TEXT } from "./served.ts";
import { createBenchWorld } from "./world.ts";

const SECONDS = 8;
const CONNECTIONS = 32;
/** Bodies that differ, so that each has a price of its own. */
const BODIES = 500;

/** Quotes of one gateway process: all for the same body, and each for another one. */
export async function measureQuotes() {
    const world = await createBenchWorld();
    try {
        const gateway = await startGateway(world);
        try {
            const cached = await quotesPerSecond(`${gateway.url}/v1/infer`, [digitsBody()]);
            const bodies = Array.from({ length: BODIES }, (_, i) => ({
                model: TEXT.name,
                messages: [{ role: "user", content: `Tell me about ${i}.` }],
                max_tokens: 1 + (i % 64),
            }));
            const ofBody = await quotesPerSecond(`${gateway.url}/v1/chat/completions`, bodies);
            return { perSecond: cached, perSecondBodyDependent: ofBody };
        } finally {
            await gateway.stop();
        }
    } finally {
        await world.close();
    }
}

async function quotesPerSecond(url: string, bodies: readonly unknown[]): Promise<number> {
    const requests = bodies.map((body) => ({ method: "POST" as const, body: JSON.stringify(body) }));
    const headers = { "content-type": "application/json" };
    const run = { url, headers, requests, connections: CONNECTIONS, workers: 1 };
    await autocannon({ ...run, duration: 2 });
    const result = await autocannon({ ...run, duration: SECONDS });
    const quotes = result.statusCodeStats["402"]?.count ?? 0;
    const others = result.requests.total - Number(quotes);
    if (others > 0 || result.errors > 0) throw new Error(`${others} answers were no quotes, ${result.errors} failed.`);
    return Math.round(Number(quotes) / result.duration);
}
