import { parseEther, Wallet } from "ethers";
import type { Child } from "./child.ts";
import { startChild } from "./child.ts";
import { aBuyer, DIGITS, digitsBody, jsonOf, median, payee, post, readToken, startGateway } from "./served.ts";
import { type BenchWorld, createBenchWorld } from "./world.ts";

/** Rounds take turns, so that whatever else the machine does meets both. */
const ROUNDS = 5;
const PAYMENTS = 40;
/** Before anything is measured: a server's code is compiled as it is used, and gateways serve for longer than a second. */
const WARMING_PAYMENTS = 160;
const AT_ONCE = 20;
/** What a signed inference costs by the default prices. */
const AMOUNT = "1000";
const FLOAT32_BYTES = 4;

/** Paid requests per second of the gateway over those of the official reference seller, on one chain, in one run. */
export async function measureVersusReference() {
    const world = await createBenchWorld();
    const servers: Child[] = [];
    try {
        const gateway = await startGateway(world);
        servers.push(gateway);
        const reference = await startReference(world);
        servers.push(reference);
        const buyer = await aBuyer(world);
        await paidPerSecond(gateway.url, buyer, WARMING_PAYMENTS);
        await paidPerSecond(reference.url, buyer, WARMING_PAYMENTS);
        const rounds: { ours: number; theirs: number }[] = [];
        for (let round = 0; round < ROUNDS; round++) {
            const ours = await paidPerSecond(gateway.url, buyer);
            rounds.push({ ours, theirs: await paidPerSecond(reference.url, buyer) });
        }
        // What else the machine does changes from round to round, and meets both halves of one.
        return {
            ratio: rounded(median(rounds.map(({ ours, theirs }) => ours / theirs))),
            perSecond: rounded(median(rounds.map(({ ours }) => ours))),
            referencePerSecond: rounded(median(rounds.map(({ theirs }) => theirs))),
        };
    } finally {
        for (const server of servers) await server.stop();
        await world.close();
    }
}

/** The reference sends from an account of its own: two senders of one key would take each other's nonces. */
async function startReference(world: BenchWorld): Promise<Child> {
    const wallet = Wallet.createRandom();
    await world.asRelayer((signer) => signer.sendTransaction({ to: wallet.address, value: parseEther("10") }));
    const settings = {
        ...{ rpcUrl: world.rpcUrl, key: wallet.privateKey, token: await readToken(world), payTo: payee },
        ...{ amount: AMOUNT, modelFile: DIGITS.file, inputBytes: DIGITS.elements * FLOAT32_BYTES },
    };
    return startChild({ script: "bench/gateway/referenceServer.ts", env: { ASSAY_BENCH: JSON.stringify(settings) } });
}

async function paidPerSecond(url: string, buyer: typeof fetch, payments = PAYMENTS): Promise<number> {
    let left = payments;
    const startedAt = performance.now();
    const lane = async () => {
        while (left > 0) {
            left -= 1;
            await jsonOf(await post(`${url}/v1/infer`, digitsBody(), buyer));
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return (payments * 1_000) / (performance.now() - startedAt);
}

const rounded = (value: number) => Math.round(value * 100) / 100;
