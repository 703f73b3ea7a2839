import { ProtocolError } from "@assay/protocol";
import { type Deployment, writeDeployment } from "@assay/sdk";
import { artifacts, config } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import { deployContracts } from "../../ignition/deployContracts.ts";
import { readParameters } from "./parameters.ts";

/** Deploys with the chain's parameters, or goes on with an interrupted deployment; writes deployments/<chainId>.json. */
export async function deployAssay({
    connection,
    root,
}: {
    connection: NetworkConnection;
    root: string;
}): Promise<{ deployment: Deployment; file: string }> {
    const { ethers } = connection;
    const chainId = Number((await ethers.provider.getNetwork()).chainId);
    const [deployer] = await ethers.getSigners();
    if (deployer === undefined) throw new ProtocolError({ code: "DEPLOYER_MISSING" });

    const parameters = await readParameters({ root, chainId, deployer: deployer.address });
    const deploying = { connection, artifacts, ignitionDir: config.paths.ignition };
    const deployment = await deployContracts(deploying, parameters);
    return { deployment, file: await writeDeployment({ root, deployment }) };
}
