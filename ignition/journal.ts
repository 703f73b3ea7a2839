import path from "node:path";
import { isDevelopmentChain, ProtocolError } from "@assay/protocol";
import { listTransactions } from "@nomicfoundation/ignition-core";
import type { ArtifactManager } from "hardhat/types/artifacts";
import type { NetworkConnection } from "hardhat/types/network";

/** How much of the first block's hash tells apart the lives of a development chain that is started anew every day. */
const GENESIS_DIGITS = 8;

/** Where Ignition writes down what it did, so that an interrupted deployment goes on; no folder on simulated networks. */
export type Journal = { deploymentId: string; folder: string | undefined };

/** The journal of a chain. */
export async function journalOf({
    connection: { ethers, networkConfig },
    chainId,
    ignitionDir,
}: {
    connection: NetworkConnection;
    chainId: number;
    /** Hardhat's `paths.ignition`. */
    ignitionDir: string;
}): Promise<Journal> {
    const genesis = isDevelopmentChain(chainId) ? await ethers.provider.getBlock(0) : undefined;
    const life = genesis?.hash ? `-${genesis.hash.slice(2, 2 + GENESIS_DIGITS)}` : "";
    const deploymentId = `chain-${chainId}${life}`;
    const isSimulated = networkConfig.type === "edr-simulated";
    return {
        deploymentId,
        folder: isSimulated ? undefined : path.join(ignitionDir, "deployments", deploymentId),
    };
}

/** Block of creation by contract name, from the receipts of the journal's transactions. */
export async function creationBlocks({
    connection: { ethers },
    artifacts,
    journal: { folder },
}: {
    connection: NetworkConnection;
    artifacts: ArtifactManager;
    journal: Journal;
}): Promise<Map<string, number>> {
    const blocks = new Map<string, number>();
    if (folder === undefined) return blocks;
    const loadArtifact = (name: string) => artifacts.readArtifact(name);
    for (const { name, txHash } of await listTransactions(folder, { loadArtifact })) {
        const receipt = await ethers.provider.getTransactionReceipt(txHash);
        if (name !== undefined && receipt !== null) blocks.set(name, receipt.blockNumber);
    }
    return blocks;
}

/** A journal that outlived its chain would make Ignition report contracts that are not there. */
export async function requireCode({
    connection: { ethers },
    journal: { deploymentId, folder },
    address,
}: {
    connection: NetworkConnection;
    journal: Journal;
    address: string;
}): Promise<void> {
    if ((await ethers.provider.getCode(address)) !== "0x") return;
    const message = `There is no contract at ${address}, which ${folder ?? deploymentId} names.`;
    throw new ProtocolError({ code: "DEPLOYMENT_STALE", message });
}
