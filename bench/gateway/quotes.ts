import autocannon from "autocannon";
import { digitsBody, startGateway, TEXT } from "./served.ts";
import { createBenchWorld } from "./world.ts";

const SECONDS = 8;
const WARM_UP_SECONDS = 2;
const CONNECTIONS = 32;
/** Prices that differ by what a body asks for. */
const PRICES = 64;
const CPU_SECONDS = /^process_cpu_seconds_total (\S+)$/m;

/**
 * Quotes of one gateway process: all for the same body, and each for one that was never sent before. Per second of the
 * clock the load generator has its share of the cores, too; per second of processors it counts what the gateway used.
 */
export async function measureQuotes() {
    const world = await createBenchWorld();
    try {
        const { url, stop } = await startGateway(world);
        try {
            const cached = await quotesOf(url, { path: "/v1/infer", bodies: [digitsBody()] });
            const bodies = Array.from({ length: PRICES }, (_, i) => ({
                model: TEXT.name,
                messages: [{ role: "user", content: "Tell me about [<id>]." }],
                max_tokens: 1 + i,
            }));
            const ofBody = await quotesOf(url, { path: "/v1/chat/completions", bodies });
            return {
                ...{ perSecond: cached.perSecond, perCpuSecond: cached.perCpuSecond },
                perSecondBodyDependent: ofBody.perSecond,
                perCpuSecondBodyDependent: ofBody.perCpuSecond,
            };
        } finally {
            await stop();
        }
    } finally {
        await world.close();
    }
}

async function quotesOf(url: string, { path, bodies }: { path: string; bodies: readonly unknown[] }) {
    const requests = bodies.map((body) => ({ method: "POST" as const, body: JSON.stringify(body) }));
    const headers = { "content-type": "application/json" };
    const run = { url: `${url}${path}`, headers, requests, connections: CONNECTIONS, workers: 1, idReplacement: true };
    await autocannon({ ...run, duration: WARM_UP_SECONDS });
    const before = await cpuSecondsOf(url);
    const result = await autocannon({ ...run, duration: SECONDS });
    const used = (await cpuSecondsOf(url)) - before;
    const quotes = Number(result.statusCodeStats["402"]?.count ?? 0);
    const others = result.requests.total - quotes;
    if (others > 0 || result.errors > 0) throw new Error(`${others} answers were no quotes, ${result.errors} failed.`);
    return { perSecond: Math.round(quotes / result.duration), perCpuSecond: Math.round(quotes / used) };
}

async function cpuSecondsOf(url: string): Promise<number> {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const seconds = CPU_SECONDS.exec(metrics)?.[1];
    if (seconds === undefined) throw new Error("The gateway does not say how much of the processors it used.");
    return Number(seconds);
}
