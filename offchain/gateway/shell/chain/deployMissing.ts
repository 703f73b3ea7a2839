import { rm } from "node:fs/promises";
import path from "node:path";
import { type Hex, isDevelopmentChain, isProtocolError, ProtocolError } from "@assay/protocol";
import { connect, type Deployment, loadDeployment, onChain, writeDeployment } from "@assay/sdk";
import { computeAddress, type JsonRpcProvider } from "ethers";
import { type Deployer, openDeployer } from "./_deployer.ts";
import { placeMulticall } from "./placeMulticall.ts";

/** Where to deploy, and with what. */
export type Missing = {
    rpcUrl: string;
    /** Pays the gas, and governs what is deployed. */
    deployerKey: Hex;
    /** The file is written to deployments/<chainId>.json below it, Ignition's journal to ignition/. */
    root: string;
    progress: (line: string) => void;
};

/** A deployment and its file. */
export type Deployed = { deployment: Deployment; file: string; isNew: boolean };

/**
 * The contracts of a development chain: those of the file under `root` when they are there, else everything is deployed,
 * with test tokens and SIMULATED enclave verifiers. An interrupted run goes on where it stopped; a chain that was started
 * anew gets its own contracts. Throws DEPLOYMENT_NOT_AUTOMATIC on other chains, FUNDS_INSUFFICIENT, DEPLOYMENT_INVALID,
 * DEPLOYMENT_FAILED, RPC_UNREACHABLE.
 */
export async function deployMissing(missing: Missing): Promise<Deployed> {
    const { rpcUrl, root, progress } = missing;
    const { provider, chainId } = await connect({ rpcUrl });
    try {
        if (!isDevelopmentChain(chainId)) {
            const message = `Chain ${chainId} is not for development, and no deployment was named.`;
            throw new ProtocolError({ code: "DEPLOYMENT_NOT_AUTOMATIC", message });
        }
        const file = path.join(root, "deployments", `${chainId}.json`);
        const kept = await keptDeployment({ provider, file });
        const deployment = kept ?? (await deployAll({ ...missing, provider, chainId }));
        if (kept === undefined) await writeDeployment({ root, deployment });
        if ((await placeMulticall({ provider })) === "refused") {
            progress("this node lets nobody write code: why a payment fails will not always be told");
        }
        return { deployment, file, isNew: kept === undefined };
    } finally {
        provider.destroy();
    }
}

/** The deployment of the file, if its contracts are on this chain; a chain that was started anew has none of them. */
async function keptDeployment({
    provider,
    file,
}: {
    provider: JsonRpcProvider;
    file: string;
}): Promise<Deployment | undefined> {
    const deployment = await loadDeployment({ file }).catch((fault: unknown) => {
        if (isProtocolError(fault, "DEPLOYMENT_MISSING")) return undefined;
        throw fault;
    });
    if (deployment === undefined) return undefined;
    const named = Object.values(deployment.contracts).filter((at) => at !== undefined);
    const codes = await onChain(() => Promise.all(named.map((at) => provider.getCode(at))));
    return codes.every((code) => code !== "0x") ? deployment : undefined;
}

async function deployAll({
    rpcUrl,
    deployerKey,
    root,
    progress,
    provider,
    chainId,
}: Missing & { provider: JsonRpcProvider; chainId: number }): Promise<Deployment> {
    const owner = computeAddress(deployerKey);
    if ((await onChain(() => provider.getBalance(owner))) === 0n) {
        const message = `${owner}, which is to deploy the contracts, has no native tokens on chain ${chainId}.`;
        throw new ProtocolError({ code: "FUNDS_INSUFFICIENT", message });
    }
    progress(`deploying the contracts to chain ${chainId} (they are compiled first when they changed)`);
    const deployer = await openDeployer({ rpcUrl, chainId, key: deployerKey, root });
    try {
        return await deployAnew(deployer, { owner, chainId });
    } catch (cause) {
        const fault = await onChain(() => Promise.reject(cause)).catch((known: unknown) => known);
        if (fault instanceof ProtocolError) throw fault;
        throw new ProtocolError({ code: "DEPLOYMENT_FAILED", cause });
    } finally {
        await deployer.close();
    }
}

/** A journal that speaks of another life of the chain is worth nothing: it is begun again. */
async function deployAnew(
    deployer: Deployer,
    { owner, chainId }: { owner: string; chainId: number },
): Promise<Deployment> {
    const { deployContracts } = await import("../../../../ignition/deployContracts.ts");
    const { journalOf } = await import("../../../../ignition/journal.ts");
    const parameters = { owner, simulatedTee: true };
    try {
        return await deployContracts(deployer, parameters);
    } catch (fault) {
        if (!isProtocolError(fault, "DEPLOYMENT_STALE")) throw fault;
        const { folder } = await journalOf({ ...deployer, chainId });
        if (folder !== undefined) await rm(folder, { recursive: true, force: true });
        return deployContracts(deployer, parameters);
    }
}
