import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Hex } from "@assay/protocol";
import type { ArtifactManager } from "hardhat/types/artifacts";
import type { NetworkConnection } from "hardhat/types/network";

/** Root of the checkout: contracts are compiled and deployed from there. */
const CHECKOUT = fileURLToPath(new URL("../../../../", import.meta.url));

/** Hardhat on somebody else's node, with one key. */
export type Deployer = {
    connection: NetworkConnection;
    artifacts: ArtifactManager;
    ignitionDir: string;
    close: () => Promise<void>;
};

/** Compiles what is not compiled yet, and connects with a key; journals of deployments are kept under `root`. */
export async function openDeployer({
    rpcUrl,
    chainId,
    key,
    root,
}: {
    rpcUrl: string;
    chainId: number;
    key: Hex;
    root: string;
}): Promise<Deployer> {
    const { createHardhatRuntimeEnvironment } = await import("hardhat/hre");
    const { default: config } = await import("../../../../hardhat.config.ts");
    const ignitionDir = path.join(root, "ignition");
    const paths = { ...config.paths, ignition: ignitionDir };
    const file = path.join(CHECKOUT, "hardhat.config.ts");
    const hre = await createHardhatRuntimeEnvironment({ ...config, paths }, { config: file }, CHECKOUT);
    await hre.tasks.getTask("build").run({ quiet: true, noTests: true });

    const override = { url: rpcUrl, chainId, accounts: [key] };
    const connection = await hre.network.create({ network: "localhost", override });
    return { connection, artifacts: hre.artifacts, ignitionDir, close: () => connection.close() };
}
