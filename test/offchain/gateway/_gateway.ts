import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createSession } from "@assay/compiler";
import { createGateway, type GatewayParts, type SettingsInput } from "@assay/gateway";
import { toHex } from "@assay/protocol";
import { createProverPool } from "@assay/prover";
import { type ActingOn, paymentTokenAbi } from "@assay/sdk";
import { wrapFetchWithPayment } from "@x402/fetch";
import { Contract, Wallet } from "ethers";
import { startChain } from "../cli/_chain.ts";
import { createBuyer } from "./_payments.ts";

const modelFile = (name: string) => fileURLToPath(new URL(`../../../models/${name}`, import.meta.url));

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
    const [deployer] = await ethers.getSigners();
    const home = await mkdtemp(path.join(tmpdir(), "assay-gateway-"));
    const relayer = Wallet.createRandom();
    await (await deployer?.sendTransaction({ to: relayer.address, value: 10n ** 19n }))?.wait();
    const address = toHex(deployment.contracts.PaymentToken ?? "0x", 20);
    const token = new Contract(address, [...paymentTokenAbi, "function mint(address,uint256)"], deployer);
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
        ...{ chain, gateway, url, home, address, settings: given },
        get: (route: string, init: RequestInit = {}) => fetch(new URL(route, url), init),
        balanceOf: async (account: string): Promise<bigint> => token.getFunction("balanceOf")(account),
        /** Somebody with this much of the token, whose fetch pays. */
        aBuyer: async (amount = 1_000_000n) => {
            const buyer = createBuyer(address);
            await (await token.getFunction("mint")(buyer.address, amount)).wait();
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
