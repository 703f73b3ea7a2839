import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { writeDeployment } from "@assay/sdk";
import { network } from "hardhat";
import { createWorld, type World } from "../sdk/_world.ts";

/** First, second and third account of Hardhat's development chains. */
export const DEV_KEYS = {
    deployer: "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    requester: "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    executor: "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
} as const;

/** A node on a port of its own with a deployment, and the folder that `assay` is run in. */
export type TestChain = { world: World; rpcUrl: string; cwd: string; close: () => Promise<void> };

/** What a failed test left open; it would keep the process alive after the last test. */
const open = new Set<Pick<TestChain, "close">>();
after(async () => {
    for (const chain of open) await chain.close();
});

/**
 * Starts a node at the clock's time, with everything deployed and deployments/31337.json written. What fails on the way, or
 * is given up by a hook that ran out of time, leaves nothing open after the last test.
 */
export async function startChain(): Promise<TestChain> {
    const parts = new AsyncDisposableStack();
    const chain = {
        close: async () => {
            open.delete(chain);
            await parts.disposeAsync();
        },
    };
    open.add(chain);
    try {
        return Object.assign(chain, await startParts(parts));
    } catch (fault) {
        await chain.close();
        throw fault;
    }
}

async function startParts(parts: AsyncDisposableStack): Promise<Omit<TestChain, "close">> {
    const cwd = await mkdtemp(`${tmpdir()}/assay-chain-`);
    parts.defer(() => rm(cwd, { recursive: true }));
    const now = { network: "default", override: { initialDate: new Date() } };
    const server = await network.createServer(now, "127.0.0.1");
    parts.defer(() => server.close());
    const { address, port } = await server.listen();
    const rpcUrl = `http://${address}:${port}`;
    const connection = await network.create({ network: "localhost", override: { url: rpcUrl } });
    parts.defer(() => connection.close());
    const world = await createWorld(connection);
    await writeDeployment({ root: cwd, deployment: world.deployment });
    return { world, rpcUrl, cwd };
}

/** A node that only says on which chain it is. */
export async function startFakeNode({
    chainId,
}: {
    chainId: number;
}): Promise<{ rpcUrl: string; close: () => Promise<void> }> {
    const answer = JSON.stringify({ jsonrpc: "2.0", id: 1, result: `0x${chainId.toString(16)}` });
    const server = createServer((_request, response) => response.end(answer));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    return {
        rpcUrl: `http://127.0.0.1:${port}`,
        close: () => new Promise((resolve) => server.close(() => resolve())),
    };
}
