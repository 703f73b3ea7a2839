import type { Hex } from "@assay/protocol";
import { type Deployment, writeDeployment } from "@assay/sdk";
import { BaseContract, ContractFactory, type Signer } from "ethers";
import type { DigitOracle } from "../../../types/typechain/index.ts";
import { readArtifact } from "../checkout.ts";
import type { LocalChain } from "./localChain.ts";

/** The consumer contract, typed. */
export type Oracle = BaseContract & Omit<DigitOracle, keyof BaseContract>;

/** Deploys everything, test tokens included, and writes the deployment file that executor and SDK read. */
export async function deployContracts({
    chain,
    owner,
    root,
}: {
    chain: LocalChain;
    owner: Hex;
    root: string;
}): Promise<{ deployment: Deployment; deploymentFile: string }> {
    const { deployContracts: deployAll } = await import("../../../ignition/deployContracts.ts");
    const deployment = await deployAll(chain, { owner, simulatedTee: true });
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
