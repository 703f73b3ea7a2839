import path from "node:path";
import type { ArtifactManager } from "hardhat/types/artifacts";
import type { NetworkConnection } from "hardhat/types/network";
import { CHECKOUT } from "../checkout.ts";

/** A node in this process, on a port of its own, gone when closed. */
export type LocalChain = {
    rpcUrl: string;
    /** Hardhat's connection to it, with its plugins for ethers and Ignition. */
    connection: NetworkConnection;
    artifacts: ArtifactManager;
    ignitionDir: string;
    close: () => Promise<void>;
};

/** Compiles the contracts where that is still to be done, and starts an empty chain; `home` takes what is kept of it. */
export async function startLocalChain({ home }: { home: string }): Promise<LocalChain> {
    const { createHardhatRuntimeEnvironment } = await import("hardhat/hre");
    const { default: config } = await import("../../../hardhat.config.ts");
    // Ignition keeps a journal of every chain id; the next chain of this id is another one and must not find it.
    const ignitionDir = path.join(home, "ignition");
    const paths = { ...config.paths, ignition: ignitionDir };
    const file = path.join(CHECKOUT, "hardhat.config.ts");
    const hre = await createHardhatRuntimeEnvironment({ ...config, paths }, { config: file }, CHECKOUT);
    await hre.tasks.getTask("build").run({ quiet: true, noTests: true });

    const server = await hre.network.createServer("default", "127.0.0.1");
    const { address, port } = await server.listen();
    const rpcUrl = `http://${address}:${port}`;
    const connection = await hre.network.create({ network: "localhost", override: { url: rpcUrl } });
    return {
        rpcUrl,
        connection,
        artifacts: hre.artifacts,
        ignitionDir,
        close: async () => {
            await connection.close();
            await server.close();
        },
    };
}
