import { BaseContract, type ContractRunner } from "ethers";
import type {
    IEvidenceGate,
    IExecutorRegistry,
    IInferenceHub,
    IModelRegistry,
    IVerifierRouter,
} from "../../types/typechain/index.ts";
import { evidenceGateAbi, executorRegistryAbi, inferenceHubAbi, modelRegistryAbi, verifierRouterAbi } from "./abi.ts";
import type { Deployment } from "./deployment.ts";

/** A contract with the methods that TypeChain read from its ABI. */
type Typed<T> = BaseContract & Omit<T, keyof BaseContract>;

/** The contracts of one deployment. */
export type Contracts = {
    hub: Typed<IInferenceHub>;
    gate: Typed<IEvidenceGate>;
    models: Typed<IModelRegistry>;
    executors: Typed<IExecutorRegistry>;
    router: Typed<IVerifierRouter>;
};

/** The contracts of a deployment; with a signer as runner they can be written to. */
export function contractsOf({ deployment, runner }: { deployment: Deployment; runner: ContractRunner }): Contracts {
    const { contracts } = deployment;
    return {
        hub: BaseContract.from<IInferenceHub>(contracts.InferenceHub, inferenceHubAbi, runner),
        gate: BaseContract.from<IEvidenceGate>(contracts.EvidenceGate, evidenceGateAbi, runner),
        models: BaseContract.from<IModelRegistry>(contracts.ModelRegistry, modelRegistryAbi, runner),
        executors: BaseContract.from<IExecutorRegistry>(contracts.ExecutorRegistry, executorRegistryAbi, runner),
        router: BaseContract.from<IVerifierRouter>(contracts.VerifierRouter, verifierRouterAbi, runner),
    };
}
