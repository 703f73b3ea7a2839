import {
    type Hex,
    keccak256 as hashOf,
    PRESETS,
    SEMANTICS,
    type Statement,
    statementTypedData,
    toHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import {
    buildRequest,
    contractsOf,
    type Deployment,
    type PreparedRequest,
    parseDeployment,
    type RequestWish,
} from "@assay/sdk";
import { type Contract, Wallet } from "ethers";
import { network } from "hardhat";

const FEE_WEI = 10n ** 15n;
const DAY_SECONDS = 86_400n;
const FOREVER = 2n ** 40n - 1n;

type Connection = Awaited<ReturnType<typeof network.create>>;

/** All contracts on a fresh chain, one model that can only be signed, one executor with a registered key. */
export async function createWorld(connection?: Connection) {
    const { ethers, networkHelpers } = connection ?? (await network.create());
    const [deployer, requester, executor] = await ethers.getSigners();
    if (!deployer || !requester || !executor) throw new Error("The simulated network has no accounts.");
    const deployment = await deployAll({ ethers, owner: deployer.address });
    const { provider } = ethers;

    const asDeployer = contractsOf({ deployment, runner: deployer });
    const asExecutor = contractsOf({ deployment, runner: executor });
    const signingKey = Wallet.createRandom();
    await asExecutor.executors.setKey(signingKey.address, 0, FOREVER);
    const spec = {
        artifactDigest: hashOf(Uint8Array.of(1)),
        ioSpec: 0n,
        schemaHash: hashOf(Uint8Array.of(2)),
        semantics: SEMANTICS.FLOAT,
        vkHash: ZERO_BYTES32,
        derivedFrom: ZERO_BYTES32,
    };
    const setup = { kind: 0, transcriptHash: ZERO_BYTES32 };
    const known = { input: "0x", output: "0x", proof: Array(8).fill(0n), c: 0n };
    const modelId = toHex(
        await asDeployer.models.register.staticCall(spec, setup, "0x", known, { uri: "", measurements: [] }),
    );
    await asDeployer.models.register(spec, setup, "0x", known, { uri: "", measurements: [] });

    const chain = { deployment, provider };
    const named = toHex(executor.address);
    return {
        ...chain,
        acting: { ...chain, signer: requester },
        ethers,
        networkHelpers,
        /** The contracts as the executor calls them. */
        asExecutor,
        executor,
        requester,
        modelId,
        signingKey,
        /** A request that names the executor and wants its signature. */
        async aRequest(wish: Partial<RequestWish> = {}): Promise<PreparedRequest> {
            const now = BigInt(await networkHelpers.time.latest());
            return buildRequest(
                {
                    chainId: deployment.chainId,
                    hub: deployment.contracts.InferenceHub,
                    requester: toHex(requester.address),
                },
                {
                    modelId,
                    input: Uint8Array.of(1, 2, 3),
                    policy: PRESETS.SIGNED,
                    executors: [named],
                    deadline: now + DAY_SECONDS,
                    feeWei: FEE_WEI,
                    ...wish,
                },
            );
        },
        /** Delivers an answer signed by the executor's key; returns the statement that was signed. */
        async deliver(request: PreparedRequest, output: Hex): Promise<Statement> {
            const { statement, call } = await this.signedCall(request, output);
            await asExecutor.hub.fulfil(...call);
            return statement;
        },
        /** The arguments of `fulfil` for an answer signed by the executor's key. */
        async signedCall({ requestId, salt, terms, input }: PreparedRequest, output: Hex) {
            const statement: Statement = {
                requestId,
                modelId: terms.modelId,
                configHash: terms.configHash,
                inputHash: terms.inputHash,
                outputHash: toHex(ethers.keccak256(output)),
                contextHash: ZERO_BYTES32,
                executor: named,
                issuedAt: BigInt(await networkHelpers.time.latest()),
                round: 0n,
                resultCode: 0n,
            };
            const { domain, types } = statementTypedData({
                chainId: deployment.chainId,
                gate: deployment.contracts.EvidenceGate,
            });
            const data = await signingKey.signTypedData(domain, types, statement);
            const key = { requester: requester.address, salt, terms: { ...terms, executors: [...terms.executors] } };
            const call: Parameters<typeof asExecutor.hub.fulfil> = [
                key,
                { statement, input, output },
                [{ family: 0, data }],
            ];
            return { statement, call };
        },
    };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

async function deployAll({ ethers, owner }: { ethers: Connection["ethers"]; owner: string }): Promise<Deployment> {
    const deploy = async (name: string, ...args: unknown[]): Promise<Contract> =>
        (await ethers.deployContract(name, args)).waitForDeployment();
    const contracts: Record<string, Contract> = {};
    const add = async (name: string, ...args: unknown[]) => {
        contracts[name] = await deploy(name, ...args);
        return contracts[name];
    };
    const policy = await add("AttestationPolicy", owner);
    const p384 = await add("P384Verifier");
    const sha384 = await add("Sha384");
    await add("NitroVerifier", policy, p384, sha384);
    const verifiers = [
        { family: 0, verifier: await add("SignedVerifier"), gasCap: 100_000 },
        { family: 1, verifier: await add("SimulatedNitroVerifier", policy, p384, sha384), gasCap: 16_777_215 },
        { family: 3, verifier: await add("SimulatedTdxVerifier", policy), gasCap: 16_777_215 },
        { family: 4, verifier: await add("Groth16Verifier"), gasCap: 2_000_000 },
    ];
    const router = await add("VerifierRouter", owner, 172_800, verifiers);
    const models = await add("ModelRegistry", router);
    const executors = await add("ExecutorRegistry");
    const enclaves = await add("TeeRegistry", policy, router);
    const gate = await add("EvidenceGate", models, executors, enclaves, router);
    contracts.Token = await deploy("TestToken");
    await add("InferenceHub", gate, contracts.Token);
    await add("ReceiptLog");
    await add("ConfigRegistry");
    contracts.PaymentToken = await deploy("TestUsd");
    const at = Object.entries(contracts).map(async ([name, contract]) => [name, await contract.getAddress()]);
    return parseDeployment({
        version: 1,
        chainId: 31337,
        blockNumber: 0,
        hubFromBlock: 0,
        contracts: Object.fromEntries(await Promise.all(at)),
        SIMULATED: ["TEE_NITRO", "TEE_TDX"],
    });
}
