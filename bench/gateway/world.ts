import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Hex, toHex } from "@assay/protocol";
import type { Deployment } from "@assay/sdk";
import { Wallet } from "ethers";
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
    close: () => Promise<void>;
};

/** First account of Hardhat's development chains. */
const RELAYER_KEY: Hex = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

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
        return { rpcUrl, deployment, deploymentFile: file, home, relayer: new Wallet(RELAYER_KEY), close };
    } catch (error) {
        await close();
        throw error;
    }
}

/** An address in lower case. */
export const addressOf = ({ address }: Wallet): Hex => toHex(address, 20);
