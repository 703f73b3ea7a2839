import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Hex, toHex } from "@assay/protocol";
import type { Deployment } from "@assay/sdk";
import { JsonRpcProvider, Network, type TransactionResponse, Wallet } from "ethers";
import { deployMissing } from "../../offchain/gateway/shell/chain/deployMissing.ts";
import { startChild } from "./child.ts";

/** A chain with everything deployed, and a folder for what is kept; both are gone when closed. */
export type BenchWorld = {
    rpcUrl: string;
    deployment: Deployment;
    deploymentFile: string;
    home: string;
    /** Pays the gas, and is the executor. */
    relayer: Wallet;
    /** Sends one transaction of the relayer's key, which nothing else may use meanwhile, and waits for it. */
    asRelayer: (send: (signer: Wallet) => Promise<TransactionResponse>) => Promise<void>;
    close: () => Promise<void>;
};

/** First account of Hardhat's development chains. */
const RELAYER_KEY: Hex = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/** Blocks of a development chain follow each other faster than ethers' cache forgets them. */
const PROVIDER_OPTIONS = { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 };

/** Starts a chain in a process of its own, and deploys. */
export async function createBenchWorld(): Promise<BenchWorld> {
    const home = await mkdtemp(path.join(tmpdir(), "assay-bench-"));
    const chain = await startChild({ script: "bench/gateway/chainServer.ts" });
    const close = async () => {
        await chain.stop();
        await rm(home, { recursive: true });
    };
    try {
        const rpcUrl = chain.url;
        const parts = { rpcUrl, deployerKey: RELAYER_KEY, root: home, progress: () => {} };
        const { deployment, file } = await deployMissing(parts);
        const relayer = new Wallet(RELAYER_KEY);
        const asRelayer: BenchWorld["asRelayer"] = async (send) => {
            const provider = new JsonRpcProvider(rpcUrl, Network.from(deployment.chainId), PROVIDER_OPTIONS);
            try {
                await (await send(relayer.connect(provider))).wait();
            } finally {
                provider.destroy();
            }
        };
        return { rpcUrl, deployment, deploymentFile: file, home, relayer, asRelayer, close };
    } catch (error) {
        await close();
        throw error;
    }
}

/** An address in lower case. */
export const addressOf = ({ address }: Wallet): Hex => toHex(address, 20);
