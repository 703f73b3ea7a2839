import path from "node:path";
import { toHex } from "@assay/protocol";
import type { DemoWorld } from "./world.ts";

/** The demo waits for a batch: receipts are posted when none has followed for this long. */
const BATCH_IDLE_MS = 100;

/** Starts a real gateway on the demo's chain, with an account and a receipt key of its own. */
export async function startDemoGateway(
    { rpcUrl, deploymentFile, home, modelDir, accounts }: DemoWorld,
    { progress }: { progress: (line: string) => void },
): Promise<{ url: string; stop: () => Promise<void> }> {
    const { createGateway } = await import("@assay/gateway");
    const { createSession } = await import("@assay/compiler");
    const { createProverPool } = await import("@assay/prover");
    const provers = createProverPool();
    const gateway = createGateway({
        settings: {
            ...{ rpcUrl, deploymentFile, home: path.join(home, "gateway"), models: [modelDir] },
            relayerKey: toHex(accounts.gateway.privateKey),
            payTo: toHex(accounts.payee.address),
            batch: { idleMs: BATCH_IDLE_MS },
        },
        engines: { createSession, createProver: provers.open },
        progress: (line) => progress(`  gateway: ${line}`),
    });
    const stop = async () => {
        await gateway.stop();
        await provers.close();
    };
    try {
        const { url } = await gateway.start();
        return { url, stop };
    } catch (fault) {
        await stop();
        throw fault;
    }
}
