import { isDevelopmentChain, ProtocolError } from "@assay/protocol";
import { type Deployment, parseDeployment, writeDeployment } from "@assay/sdk";
import type { NetworkConnection } from "hardhat/types/network";
import Assay, { AssayOnDevelopmentChain, SIMULATED_FAMILIES } from "../../ignition/modules/Assay.ts";
import TestToken from "../../ignition/modules/TestToken.ts";
import TestUsd from "../../ignition/modules/TestUsd.ts";
import { creationBlocks, journalOf, requireCode } from "./journal.ts";
import { readParameters } from "./parameters.ts";

/** Deploys through Ignition, or goes on with an interrupted deployment, and writes deployments/<chainId>.json. */
export async function deployAssay({
    connection,
    root,
}: {
    connection: NetworkConnection;
    root: string;
}): Promise<{ deployment: Deployment; file: string }> {
    const { ethers, ignition } = connection;
    const chainId = Number((await ethers.provider.getNetwork()).chainId);
    const [deployer] = await ethers.getSigners();
    if (deployer === undefined) throw new ProtocolError({ code: "DEPLOYER_MISSING" });
    const { simulatedTee, paymentToken, ...given } = await readParameters({
        root,
        chainId,
        deployer: deployer.address,
    });
    const journal = await journalOf({ connection, chainId });
    const nextBlock = (await ethers.provider.getBlockNumber()) + 1;

    const { deploymentId } = journal;
    const tokens = await deployTokens({ ignition, deploymentId, chainId }, { token: given.token, paymentToken });
    const token = tokens.Token;
    const parameters = { Assay: { ...given, ...(token === undefined ? {} : { token }) } };
    const deploying = { parameters, deploymentId };
    const contracts = simulatedTee
        ? await ignition.deploy(AssayOnDevelopmentChain, deploying)
        : await ignition.deploy(Assay, deploying);

    const addresses: Record<string, string> = { ...tokens };
    for (const [name, contract] of Object.entries(contracts)) addresses[name] = await contract.getAddress();
    await requireCode({ connection, journal, address: await contracts.InferenceHub.getAddress() });
    const blocks = await creationBlocks({ connection, journal });
    const deployment = parseDeployment({
        version: 1,
        chainId,
        blockNumber: Math.min(nextBlock, ...blocks.values()),
        contracts: addresses,
        hubFromBlock: blocks.get("InferenceHub") ?? nextBlock,
        ...(simulatedTee ? { SIMULATED: SIMULATED_FAMILIES } : {}),
    });
    return { deployment, file: await writeDeployment({ root, deployment }) };
}

/** The tokens that were named; on development chains those that were not are deployed. */
async function deployTokens(
    {
        ignition,
        deploymentId,
        chainId,
    }: { ignition: NetworkConnection["ignition"]; deploymentId: string; chainId: number },
    { token, paymentToken }: { token?: string | undefined; paymentToken?: string | undefined },
): Promise<{ Token?: string; PaymentToken?: string }> {
    const named = {
        ...(token === undefined ? {} : { Token: token }),
        ...(paymentToken === undefined ? {} : { PaymentToken: paymentToken }),
    };
    if (!isDevelopmentChain(chainId)) return named;
    const { TestToken: fee } = await ignition.deploy(TestToken, { deploymentId });
    const { TestUsd: usd } = await ignition.deploy(TestUsd, { deploymentId });
    return { Token: await fee.getAddress(), PaymentToken: await usd.getAddress(), ...named };
}
