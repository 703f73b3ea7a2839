import { CLAIM_CLASSES, FAMILIES, familyName, type Hex, toHex, uintToHex } from "@assay/protocol";
import { Interface, type Provider } from "ethers";
import { findEvents } from "./_events.ts";
import { modelRegistryAbi, teeRegistryAbi } from "./abi.ts";
import { ContractRevert, onChain } from "./chainFault.ts";
import { type Contracts, contractsOf } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";

/** An enclave as the registries hold it now. */
export type ListedEnclave = {
    enclaveId: Hex;
    /** FAMILIES name. */
    family: string;
    signer: Hex;
    measurementId: Hex;
    claimClass: "COMPUTE" | "GATEWAY";
    simulated: boolean;
    /** Whether evidence by it counts now. */
    valid: boolean;
    /** "valid", or the name of the contract's error that speaks against it. */
    state: string;
    /** Unix seconds, inclusive. */
    validUntil: number;
    /** Versions whose owner lets its code attest them now. */
    attests: Hex[];
};

/** Code that may attest a version, from `countsFrom` (unix seconds, inclusive) on. */
export type ListedMeasurement = { family: string; measurementId: Hex; countsFrom: number };

type ChainDeps = { provider: Provider; deployment: Deployment };

const TEE_FAMILIES = [FAMILIES.TEE_NITRO, FAMILIES.TEE_SGX, FAMILIES.TEE_TDX] as const;

/**
 * All enclaves that an operator registered, the newest last, each with what it is worth in the newest block.
 * @example
 * const live = (await listEnclaves({ provider, deployment }, { operator })).filter(({ valid }) => valid);
 */
export async function listEnclaves(deps: ChainDeps, { operator }: { operator: Hex }): Promise<ListedEnclave[]> {
    return onChain(async () => {
        const registered = await findEvents(deps, {
            abi: teeRegistryAbi,
            address: deps.deployment.contracts.TeeRegistry,
            topics: [topicOf({ abi: teeRegistryAbi, name: "EnclaveRegistered" }), null, uintToHex(BigInt(operator))],
            ...(await wholeRange(deps)),
        });
        const contracts = contractsOf({ deployment: deps.deployment, runner: deps.provider });
        const ids = registered.map(({ values }) => toHex(String(values.enclaveId), 32));
        return Promise.all(ids.map((enclaveId) => readEnclave(deps, { contracts, enclaveId })));
    });
}

/** The code that a version's owner named, whether it counts already or not. */
export async function listMeasurements(
    { provider, deployment }: ChainDeps,
    { modelId }: { modelId: Hex },
): Promise<ListedMeasurement[]> {
    const { models } = contractsOf({ deployment, runner: provider });
    return onChain(async () => {
        const named = await Promise.all(TEE_FAMILIES.map((family) => models.measurementsOf(modelId, family)));
        return named.flatMap((list, at) =>
            list.map(({ measurementId, countsFrom }) => ({
                family: familyName(TEE_FAMILIES[at] ?? 0),
                measurementId: toHex(measurementId),
                countsFrom: Number(countsFrom),
            })),
        );
    });
}

async function readEnclave(
    deps: ChainDeps,
    { contracts, enclaveId }: { contracts: Contracts; enclaveId: Hex },
): Promise<ListedEnclave> {
    const { family, signer, operator, measurementId, claimClass, simulated, validUntil } =
        await contracts.enclaves.enclave(enclaveId);
    const state = await stateOf(contracts.enclaves.keyOf(enclaveId, family, operator));
    const code = { family: Number(family), measurementId: toHex(measurementId) };
    return {
        enclaveId,
        family: familyName(code.family),
        signer: toHex(signer),
        measurementId: code.measurementId,
        claimClass: Number(claimClass) === CLAIM_CLASSES.COMPUTE ? "COMPUTE" : "GATEWAY",
        simulated,
        valid: state === "valid",
        state,
        validUntil: Number(validUntil),
        attests: await versionsNaming(deps, { contracts, code }),
    };
}

/** Whether the registry lends the key now, or the name of its refusal. */
async function stateOf(asked: Promise<unknown>): Promise<string> {
    try {
        await onChain(() => asked);
        return "valid";
    } catch (fault) {
        if (fault instanceof ContractRevert) return fault.contractError;
        throw fault;
    }
}

/** The versions that ever named code, as far as the name counts now. */
async function versionsNaming(
    deps: ChainDeps,
    {
        contracts,
        code: { family, measurementId },
    }: { contracts: Contracts; code: { family: number; measurementId: Hex } },
): Promise<Hex[]> {
    const named = await findEvents(deps, {
        abi: modelRegistryAbi,
        address: deps.deployment.contracts.ModelRegistry,
        topics: [
            topicOf({ abi: modelRegistryAbi, name: "MeasurementNamed" }),
            null,
            uintToHex(BigInt(family)),
            measurementId,
        ],
        ...(await wholeRange(deps)),
    });
    const ids = [...new Set(named.map(({ values }) => toHex(String(values.modelId), 32)))];
    const counts = await Promise.all(ids.map((modelId) => contracts.models.mayAttest(modelId, family, measurementId)));
    return ids.filter((_, at) => counts[at]);
}

async function wholeRange({ provider, deployment }: ChainDeps): Promise<{ fromBlock: number; toBlock: number }> {
    return { fromBlock: deployment.blockNumber, toBlock: await provider.getBlockNumber() };
}

function topicOf({ abi, name }: { abi: ConstructorParameters<typeof Interface>[0]; name: string }): string | null {
    return new Interface(abi).getEvent(name)?.topicHash ?? null;
}
