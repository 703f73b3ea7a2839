import { toHex } from "@assay/protocol";
import { JsonRpcProvider, Network } from "ethers";
import { z } from "zod";
import { aBuyer, digitsBody, jsonOf, payee, post, startGateway } from "./served.ts";
import { type BenchWorld, createBenchWorld } from "./world.ts";

const PAYMENTS = 200;
/** keccak256("Transfer(address,address,uint256)"). */
const TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

const answerSchema = z.looseObject({ id: z.string() });

/** Distinct exact payments, all at once: how many moved money, and how often the model ran. */
export async function measureParallel() {
    const world = await createBenchWorld();
    try {
        const gateway = await startGateway(world);
        const startedAt = performance.now();
        const ids = await payAll(world, gateway.url).finally(gateway.stop);
        const seconds = Math.round((performance.now() - startedAt) / 10) / 100;
        const executions = Number(/runs (\d+)/.exec(gateway.lines.join("\n"))?.[1]);
        return { settled: await transfers(world), executions, answers: ids.size, seconds };
    } finally {
        await world.close();
    }
}

async function payAll(world: BenchWorld, url: string): Promise<Set<string>> {
    const buyer = await aBuyer(world);
    const calls = Array.from({ length: PAYMENTS }, async () => {
        const answer = await jsonOf(await post(`${url}/v1/infer`, digitsBody(), buyer));
        return answerSchema.parse(answer).id;
    });
    return new Set(await Promise.all(calls));
}

/** Transfers of the token to the payee. */
async function transfers({ rpcUrl, deployment }: BenchWorld): Promise<number> {
    const provider = new JsonRpcProvider(rpcUrl, Network.from(31337), { staticNetwork: true });
    try {
        const address = toHex(deployment.contracts.PaymentToken ?? "0x", 20);
        const topics = [TRANSFER, null, `0x${payee.slice(2).padStart(64, "0")}`];
        return (await provider.getLogs({ address, topics, fromBlock: 0 })).length;
    } finally {
        provider.destroy();
    }
}
