import { BaseContract, type ContractRunner } from "ethers";
import type {
    IAttestationPolicy,
    IConfigRegistry,
    IEvidenceGate,
    IExecutorRegistry,
    IInferenceHub,
    IModelRegistry,
    IReceiptLog,
    ITeeRegistry,
    IVerifierRouter,
} from "../../types/typechain/index.ts";
import {
    attestationPolicyAbi,
    configRegistryAbi,
    evidenceGateAbi,
    executorRegistryAbi,
    inferenceHubAbi,
    modelRegistryAbi,
    receiptLogAbi,
    teeRegistryAbi,
    verifierRouterAbi,
} from "./abi.ts";
import type { Deployment } from "./deployment.ts";

/** A contract with the methods that TypeChain read from its ABI. */
type Typed<T> = BaseContract & Omit<T, keyof BaseContract>;

/** The contracts of one deployment. */
export type Contracts = {
    hub: Typed<IInferenceHub>;
    gate: Typed<IEvidenceGate>;
    models: Typed<IModelRegistry>;
    executors: Typed<IExecutorRegistry>;
    enclaves: Typed<ITeeRegistry>;
    attestationPolicy: Typed<IAttestationPolicy>;
    router: Typed<IVerifierRouter>;
    configs: Typed<IConfigRegistry>;
    receipts: Typed<IReceiptLog>;
};

/** The contracts of a deployment; with a signer as runner they can be written to. */
export function contractsOf({ deployment, runner }: { deployment: Deployment; runner: ContractRunner }): Contracts {
    const { contracts } = deployment;
    return {
        hub: BaseContract.from<IInferenceHub>(contracts.InferenceHub, inferenceHubAbi, runner),
        gate: BaseContract.from<IEvidenceGate>(contracts.EvidenceGate, evidenceGateAbi, runner),
        models: BaseContract.from<IModelRegistry>(contracts.ModelRegistry, modelRegistryAbi, runner),
        executors: BaseContract.from<IExecutorRegistry>(contracts.ExecutorRegistry, executorRegistryAbi, runner),
        enclaves: BaseContract.from<ITeeRegistry>(contracts.TeeRegistry, teeRegistryAbi, runner),
        attestationPolicy: BaseContract.from<IAttestationPolicy>(
            contracts.AttestationPolicy,
            attestationPolicyAbi,
            runner,
        ),
        router: BaseContract.from<IVerifierRouter>(contracts.VerifierRouter, verifierRouterAbi, runner),
        configs: BaseContract.from<IConfigRegistry>(contracts.ConfigRegistry, configRegistryAbi, runner),
        receipts: BaseContract.from<IReceiptLog>(contracts.ReceiptLog, receiptLogAbi, runner),
    };
}
