/** A deployment in which every address, block time, id and signature is the same in every run. */
import {
    type Evidence,
    FAMILIES,
    type Hex,
    SETUP_KINDS,
    type Statement,
    statementTypedData,
    toHex,
} from "@assay/protocol";
import { buildRequest, type NamedMeasurement, type PreparedRequest, type RequestWish } from "@assay/sdk";
import { type Contract, type ContractTransactionResponse, keccak256, toUtf8Bytes, Wallet, ZeroHash } from "ethers";
import { network } from "hardhat";
import type { ModelVector } from "./vectors.ts";

const CHAIN_ID = 31337;
/** 2026-01-01T00:00:00Z, in unix seconds. */
const START = 1_767_225_600;
const SECONDS_PER_BLOCK = 12;
const DEADLINE = BigInt(START + 86_400);
const VERIFIER_GAS_CAPS = { signed: 100_000, document: 16_777_215, groth16: 2_000_000 };
const FEE_WEI = 1_000_000_000_000_000n;

type Deployer = Awaited<ReturnType<typeof network.create>>;
type Sending = Promise<ContractTransactionResponse>;

/** Deploys everything with fixed nonces and block times; `act` sends one transaction in the next block. */
export async function createGasWorld() {
    const { ethers, networkHelpers } = await network.create({
        override: { chainId: CHAIN_ID, initialDate: new Date(START * 1000) },
    });
    const [deployer, requester, executor] = await ethers.getSigners();
    if (!deployer || !requester || !executor) throw new Error("The simulated network has no accounts.");
    let blockTime = START;

    /** Gas of one transaction in a block of its own. */
    async function act(send: () => Sending): Promise<number> {
        blockTime += SECONDS_PER_BLOCK;
        await networkHelpers.time.setNextBlockTimestamp(blockTime);
        const receipt = await (await send()).wait();
        if (receipt?.status !== 1) throw new Error("A measured transaction reverted.");
        return Number(receipt.gasUsed);
    }

    const contracts = await deployContracts({ ethers, deployer: deployer.address });
    const signingKey = new Wallet(keccak256(toUtf8Bytes("assay gas signing key")));
    await act(() => contracts.executors.connect(executor).getFunction("setKey")(signingKey.address, 0, 2n ** 40n - 1n));
    const hub = toHex(await contracts.hub.getAddress());
    const gate = toHex(await contracts.gate.getAddress());
    const named = toHex(executor.address.toLowerCase());

    return {
        act,
        contracts,
        requester,
        /** Address of an account that nothing else uses. */
        deployer: toHex(deployer.address.toLowerCase()),
        /** Registers a model under a development setup; its owner is the deployer. */
        async register(model: ModelVector, measurements: NamedMeasurement[] = []): Promise<Hex> {
            const args = [
                model.spec,
                { kind: SETUP_KINDS.dev, transcriptHash: ZeroHash },
                model.key,
                model.knownAnswer,
                { uri: "", measurements },
            ];
            const modelId = await contracts.models.getFunction("register").staticCall(...args);
            await act(() => contracts.models.getFunction("register")(...args));
            return toHex(modelId);
        },
        /** A request that names the executor; `name` makes it another than the rest. */
        prepare(
            name: string,
            wish: Pick<RequestWish, "modelId" | "input" | "policy"> & Partial<RequestWish>,
        ): PreparedRequest {
            const salt = toHex(keccak256(toUtf8Bytes(name)));
            return buildRequest(
                { chainId: CHAIN_ID, hub, requester: toHex(requester.address.toLowerCase()), salt },
                { deadline: DEADLINE, feeWei: FEE_WEI, executors: [named], ...wish },
            );
        },
        /** Opens a request; returns the gas of that. */
        open({ terms, salt, input }: PreparedRequest): Promise<number> {
            const request = contracts.hub.connect(requester).getFunction("request");
            return act(() => request(terms, salt, input, "", { value: terms.feeWei }));
        },
        /** What the executor says of a request; dated at the start, so that it does not depend on what ran before. */
        stateOf({ requestId, terms }: PreparedRequest, output: Hex): Statement {
            return {
                requestId,
                modelId: terms.modelId,
                configHash: terms.configHash,
                inputHash: terms.inputHash,
                outputHash: toHex(keccak256(output)),
                contextHash: toHex(ZeroHash),
                executor: named,
                issuedAt: BigInt(START),
                round: 0n,
                resultCode: 0n,
            };
        },
        gate,
        chainId: CHAIN_ID,
        registry: toHex((await contracts.enclaves.getAddress()).toLowerCase()),
        executor: named,
        /** A contract as the executor calls it. */
        asExecutor: (contract: Contract) => contract.connect(executor),
        /** Has the chain verify and remember certificates of a Nitro document; returns the gas of that. */
        cacheChain(document: Uint8Array, maxSignatures: number): Promise<number> {
            return act(() => contracts.nitro.getFunction("cacheChain")(document, maxSignatures));
        },
        /** Registers an enclave of the executor; returns the gas of that. */
        registerEnclave({
            registration,
            document,
            possession,
        }: {
            registration: object;
            document: Uint8Array;
            possession: string;
        }): Promise<number> {
            const register = contracts.enclaves.connect(executor).getFunction("register");
            return act(() => register(registration, document, "0x", possession));
        },
        /** The executor's signature of a statement, as evidence. */
        async sign(statement: Statement): Promise<Evidence> {
            const { domain, types } = statementTypedData({ chainId: CHAIN_ID, gate });
            return { family: 0, data: toHex(await signingKey.signTypedData(domain, types, statement)) };
        },
        /** Delivers; returns the gas of that. */
        deliver(
            { terms, salt }: PreparedRequest,
            answer: { statement: Statement; input: Hex; output: Hex },
            evidence: Evidence[],
        ): Promise<number> {
            const key = { requester: requester.address, salt, terms };
            return act(() => contracts.hub.connect(executor).getFunction("fulfil")(key, answer, evidence));
        },
        /** Refunds once the deadline has passed. */
        refund({ terms, salt }: PreparedRequest): Promise<number> {
            blockTime = Number(terms.deadline);
            const key = { requester: requester.address, salt, terms };
            return act(() => contracts.hub.connect(requester).getFunction("refund")(key));
        },
    };
}

/** A deployment for measuring gas. */
export type GasWorld = Awaited<ReturnType<typeof createGasWorld>>;

/** Same order, same nonces: the addresses depend on nothing else. */
async function deployContracts({ ethers, deployer }: { ethers: Deployer["ethers"]; deployer: string }) {
    const deploy = async (name: string, ...args: unknown[]): Promise<Contract> => {
        const contract = await ethers.deployContract(name, args);
        return contract.waitForDeployment();
    };
    const policy = await deploy("AttestationPolicy", deployer);
    const p384 = await deploy("P384Verifier");
    const sha384 = await deploy("Sha384");
    const nitro = await deploy("SimulatedNitroVerifier", policy, p384, sha384);
    const signed = await deploy("SignedVerifier");
    const groth16 = await deploy("Groth16Verifier");
    const router = await deploy("VerifierRouter", deployer, 172_800, [
        { family: FAMILIES.SIGNED, verifier: await signed.getAddress(), gasCap: VERIFIER_GAS_CAPS.signed },
        { family: FAMILIES.TEE_NITRO, verifier: await nitro.getAddress(), gasCap: VERIFIER_GAS_CAPS.document },
        { family: FAMILIES.ZK_GROTH16, verifier: await groth16.getAddress(), gasCap: VERIFIER_GAS_CAPS.groth16 },
    ]);
    const models = await deploy("ModelRegistry", router);
    const executors = await deploy("ExecutorRegistry");
    const enclaves = await deploy("TeeRegistry", policy, router);
    const gate = await deploy("EvidenceGate", models, executors, enclaves, router);
    const hub = await deploy("InferenceHub", gate, ethers.ZeroAddress);
    const meter = await deploy("PolicyMeter");
    const consumer = await deploy("SilentConsumer");
    return { policy, models, executors, enclaves, gate, hub, meter, consumer, p384, nitro };
}
