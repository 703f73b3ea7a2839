import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSession } from "@assay/compiler";
import { createGateway, type GatewayParts, type SettingsInput } from "@assay/gateway";
import { parseReceipt, type Receipt, toHex } from "@assay/protocol";
import { createProverPool } from "@assay/prover";
import type { ActingOn } from "@assay/sdk";
import { wrapFetchWithPayment } from "@x402/fetch";
import { expect } from "chai";
import { Wallet } from "ethers";
import { startChain } from "../cli/_chain.ts";
import { eventsOf } from "./_app.ts";
import { modelFile } from "./_models.ts";
import { openBank } from "./_payments.ts";

/** An inference of the tensor model. */
export const INFER = { model: "argmax-8-4-2", inputs: { input: [[0, 1, 2, 3, 4, 5, 6, 7]] } };

/** What a failed test left running; it would keep the process alive after the last test. */
const running = new Set<() => Promise<void>>();
after(async () => {
    for (const stop of running) await stop();
});

/** A whole gateway with a text and a tensor model on a chain of its own, and buyers. */
export async function createGatewayWorld({
    settings = {},
    prepare = async () => ({}),
    ...parts
}: Partial<Omit<GatewayParts, "settings">> & {
    settings?: Partial<SettingsInput>;
    /** What is to be there before the gateway starts, done as the executor; and settings that come of it. */
    prepare?: (executor: ActingOn) => Promise<Partial<SettingsInput>>;
} = {}) {
    const chain = await startChain();
    const { ethers, deployment } = chain.world;
    const bank = await openBank(chain);
    const home = await mkdtemp(path.join(tmpdir(), "assay-gateway-"));
    const relayer = Wallet.createRandom();
    await bank.fund(relayer.address, 10n ** 19n);
    const provers = createProverPool();
    const given: SettingsInput = {
        rpcUrl: chain.rpcUrl,
        deploymentFile: path.join(chain.cwd, "deployments", "31337.json"),
        home,
        relayerKey: toHex(relayer.privateKey, 32),
        payTo: toHex(Wallet.createRandom().address, 20),
        models: [modelFile("tiny-text.onnx"), modelFile("argmax-8-4-2.onnx")],
        batch: { idleMs: 50 },
        ...settings,
        ...(await prepare({ provider: ethers.provider, deployment, signer: relayer.connect(ethers.provider) })),
    };
    const start = async () => {
        const gateway = createGateway({
            settings: given,
            engines: { createSession, createProver: provers.open },
            ...parts,
        });
        running.add(gateway.stop);
        const { url } = await gateway.start();
        return { gateway, url };
    };
    const { gateway, url } = await start();
    return {
        ...{ ...bank, chain, gateway, url, home, settings: given },
        get: (route: string, init: RequestInit = {}) => fetch(new URL(route, url), init),
        /** The receipt at a URL once it is in a batch, as it is pushed. */
        settled: async (receiptUrl: string): Promise<Receipt> => {
            const events = await eventsOf(await fetch(`${receiptUrl}/events`));
            const { status, receipt } = JSON.parse(events.at(-1) ?? "{}");
            expect(status).to.equal("settled");
            return parseReceipt(receipt);
        },
        /** Somebody with this much of the token, whose fetch pays. */
        aBuyer: async (amount?: bigint) => {
            const buyer = await bank.aBuyer(amount);
            const through = (given: typeof globalThis.fetch) => wrapFetchWithPayment(given, buyer.client);
            return { ...buyer, through, fetch: through(fetch) };
        },
        close: async () => {
            await gateway.stop();
            running.delete(gateway.stop);
            await provers.close();
            await chain.close();
            await rm(home, { recursive: true, force: true });
        },
    };
}

export type GatewayWorld = Awaited<ReturnType<typeof createGatewayWorld>>;
