import { isDevelopmentChain } from "@assay/protocol";
import { type Deployment, parseDeployment } from "@assay/sdk";
import type { ContractFuture, IgnitionModule } from "@nomicfoundation/ignition-core";
import type { ArtifactManager } from "hardhat/types/artifacts";
import type { NetworkConnection } from "hardhat/types/network";
import { creationBlocks, type Journal, journalOf, requireCode } from "./journal.ts";
import Assay, { AssayOnDevelopmentChain, SIMULATED_FAMILIES } from "./modules/Assay.ts";
import TestToken from "./modules/TestToken.ts";
import TestUsd from "./modules/TestUsd.ts";

/** A chain to deploy to, and where Hardhat keeps artifacts and journals. */
export type Deploying = {
    connection: NetworkConnection;
    artifacts: ArtifactManager;
    /** Hardhat's `paths.ignition`. */
    ignitionDir: string;
};

/**
 * What a deployment takes: who governs router and attestation policy, the fee token if any, the token of gateways if any,
 * the router's delay if not the usual one, and whether attestation documents are those of development stand-ins.
 */
export type DeployParameters = {
    owner: string;
    token?: string;
    paymentToken?: string;
    routerDelaySeconds?: number;
    simulatedTee: boolean;
};

/** Test chains may mine a block only when somebody sends a transaction: nothing is worth waiting for there. */
const DEVELOPMENT_CONFIRMATIONS = 1;

/**
 * Deploys everything through Ignition, or goes on with an interrupted deployment; a second run changes nothing. On
 * development chains the tokens that were not named are deployed too. Throws DEPLOYMENT_STALE.
 */
export async function deployContracts(
    { connection, artifacts, ignitionDir }: Deploying,
    { simulatedTee, paymentToken, token, ...given }: DeployParameters,
): Promise<Deployment> {
    const { ethers, ignition } = connection;
    const chainId = Number((await ethers.provider.getNetwork()).chainId);
    const journal = await journalOf({ connection, chainId, ignitionDir });
    const nextBlock = (await ethers.provider.getBlockNumber()) + 1;
    const deploy = deployer({ ignition, journal, chainId });

    const named = { ...(token ? { Token: token } : {}), ...(paymentToken ? { PaymentToken: paymentToken } : {}) };
    const tokens = isDevelopmentChain(chainId) ? await deployTokens(deploy, named) : named;
    const parameters = { Assay: { ...given, ...(tokens.Token === undefined ? {} : { token: tokens.Token }) } };
    const contracts = await deploy(simulatedTee ? AssayOnDevelopmentChain : Assay, parameters);
    await requireCode({ connection, journal, address: contracts.InferenceHub ?? "" });

    const blocks = await creationBlocks({ connection, artifacts, journal });
    return parseDeployment({
        version: 1,
        chainId,
        blockNumber: Math.min(nextBlock, ...blocks.values()),
        contracts: { ...tokens, ...contracts },
        hubFromBlock: blocks.get("InferenceHub") ?? nextBlock,
        ...(simulatedTee ? { SIMULATED: SIMULATED_FAMILIES } : {}),
    });
}

type Module = IgnitionModule<string, string, Record<string, ContractFuture<string>>>;
type Deploy = (module: Module, parameters?: Record<string, Record<string, string | number>>) => Promise<Addresses>;
type Addresses = Record<string, string>;

function deployer({
    ignition,
    journal: { deploymentId },
    chainId,
}: {
    ignition: NetworkConnection["ignition"];
    journal: Journal;
    chainId: number;
}): Deploy {
    const config = isDevelopmentChain(chainId) ? { requiredConfirmations: DEVELOPMENT_CONFIRMATIONS } : {};
    return async (module, parameters = {}) => {
        const contracts = await ignition.deploy(module, {
            parameters,
            deploymentId,
            config,
        });
        const found = Object.entries(contracts).map(async ([name, at]) => [name, await at.getAddress()]);
        return Object.fromEntries(await Promise.all(found));
    };
}

async function deployTokens(
    deploy: Deploy,
    named: { Token?: string; PaymentToken?: string },
): Promise<{ Token?: string; PaymentToken?: string }> {
    const fee = named.Token ?? (await deploy(TestToken)).TestToken;
    const usd = named.PaymentToken ?? (await deploy(TestUsd)).TestUsd;
    return { ...(fee ? { Token: fee } : {}), ...(usd ? { PaymentToken: usd } : {}) };
}
