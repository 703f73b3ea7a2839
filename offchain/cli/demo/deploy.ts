import type { Hex } from "@assay/protocol";
import { type Deployment, parseDeployment, writeDeployment } from "@assay/sdk";
import { BaseContract, ContractFactory, type Signer } from "ethers";
import type { DigitOracle } from "../../../types/typechain/index.ts";
import { readArtifact } from "../checkout.ts";
import type { LocalChain } from "./localChain.ts";

/** The consumer contract, typed. */
export type Oracle = BaseContract & Omit<DigitOracle, keyof BaseContract>;

/** Deploys everything by the Ignition module and writes the deployment file that executor and SDK read. */
export async function deployContracts({
    chain,
    owner,
    root,
}: {
    chain: LocalChain;
    owner: Hex;
    root: string;
}): Promise<{ deployment: Deployment; deploymentFile: string }> {
    const { AssayOnDevelopmentChain, SIMULATED_FAMILIES } = await import("../../../ignition/modules/Assay.ts");
    const deployed = await chain.connection.ignition.deploy(AssayOnDevelopmentChain, {
        parameters: { Assay: { owner } },
    });
    const addresses = await Promise.all(
        Object.entries(deployed).map(async ([name, contract]) => [name, await contract.getAddress()]),
    );
    // The chain is new: its first block is as good a place to start reading as the block of the first contract.
    const deployment = parseDeployment({
        version: 1,
        chainId: chain.connection.networkConfig.chainId,
        blockNumber: 0,
        contracts: Object.fromEntries(addresses),
        hubFromBlock: 0,
        SIMULATED: SIMULATED_FAMILIES,
    });
    return { deployment, deploymentFile: await writeDeployment({ root, deployment }) };
}

/** Deploys the consumer: it believes development evidence, since nothing here is worth anything. */
export async function deployOracle({
    deployer,
    asker,
    hub,
    modelId,
    acceptedPolicy,
}: {
    deployer: Signer;
    /** Who calls it through what is returned. */
    asker: Signer;
    hub: Hex;
    modelId: Hex;
    acceptedPolicy: bigint;
}): Promise<Oracle> {
    const { abi, bytecode } = await readArtifact({
        source: "contracts/client/examples/DigitOracle.sol",
        name: "DigitOracle",
    });
    const contract = await new ContractFactory(abi, bytecode, deployer).deploy(hub, modelId, acceptedPolicy, true);
    await contract.waitForDeployment();
    return BaseContract.from<DigitOracle>(await contract.getAddress(), abi, asker);
}
