import { aBuyer, inMs, median, post, startGateway, TEXT } from "./served.ts";
import { createBenchWorld } from "./world.ts";

const WARM_UP = 5;
const CALLS = 30;

/** Until the first byte of a streamed chat: quoted, paid and settled first; and where nobody pays. */
export async function measureFirstByte() {
    const world = await createBenchWorld();
    try {
        const paid = await startGateway(world);
        const firstByteMs = await firstByte(paid.url, { by: await aBuyer(world) }).finally(paid.stop);
        const free = await startGateway(world, { isFree: true });
        const unpaidFirstByteMs = await firstByte(free.url, { by: fetch }).finally(free.stop);
        return { firstByteMs, unpaidFirstByteMs };
    } finally {
        await world.close();
    }
}

async function firstByte(url: string, { by }: { by: typeof fetch }): Promise<number> {
    const body = { model: TEXT.name, messages: [{ role: "user", content: "hello" }], stream: true, max_tokens: 16 };
    const times: number[] = [];
    for (let call = 0; call < WARM_UP + CALLS; call++) {
        const startedAt = performance.now();
        const response = await post(`${url}/v1/chat/completions`, body, by);
        if (response.status !== 200 || response.body === null) throw new Error(`Answered ${response.status}.`);
        const reader = response.body.getReader();
        await reader.read();
        if (call >= WARM_UP) times.push(performance.now() - startedAt);
        while (!(await reader.read()).done);
    }
    return inMs(median(times));
}
