/** The real contracts, deployed through the Ignition module, with two models and one executor that can sign. */
import {
    type Evidence,
    type Hex,
    keccak256,
    PRESETS,
    type Statement,
    statementTypedData,
    type Terms,
    toHex,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import { id, Wallet } from "ethers";
import { network } from "hardhat";
import { afterEach, before } from "mocha";
import { AssayOnDevelopmentChain } from "../../ignition/modules/Assay.ts";
import TestToken from "../../ignition/modules/TestToken.ts";
import { classBytes, type ForgedModel, forgedModel } from "../support/forgedModel.ts";

export const CHAIN_ID = 31337;
export const FEE_WEI = 10n ** 15n;
const FOREVER = 2n ** 40n - 1n;
/** 64 pixels; which digit they show is whatever the test's proof says. */
export const IMAGE = Uint8Array.from({ length: 64 }, (_, i) => (i * 7) % 17);

/** A request as later calls bring it. */
export type OpenRequest = { requestId: Hex; key: { requester: string; salt: Hex; terms: Plain<Terms> } };
/** TypeChain wants arrays that can be written to. */
type Plain<T> = { [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

type LogLike = { topics: readonly string[]; data: string };

export async function createWorld() {
    const { ethers, ignition, networkHelpers } = await network.create();
    const [owner, requester, executor, stranger, payee] = await ethers.getSigners();
    if (!owner || !requester || !executor || !stranger || !payee) throw new Error("The network has too few accounts.");
    const { TestToken: tokenAt } = await ignition.deploy(TestToken);
    const token = await ethers.getContractAt("TestToken", await tokenAt.getAddress());
    const parameters = { Assay: { owner: owner.address, token: await token.getAddress() } };
    const at = await ignition.deploy(AssayOnDevelopmentChain, { parameters });
    const hub = await ethers.getContractAt("InferenceHub", await at.InferenceHub.getAddress());
    const gate = await ethers.getContractAt("EvidenceGate", await at.EvidenceGate.getAddress());
    const models = await ethers.getContractAt("ModelRegistry", await at.ModelRegistry.getAddress());
    const executors = await ethers.getContractAt("ExecutorRegistry", await at.ExecutorRegistry.getAddress());

    const signingKey = new Wallet(id("signing key"));
    await executors.connect(executor).setKey(signingKey.address, 0, FOREVER);
    const addresses = { hub: await addressOf(hub), gate: await addressOf(gate), token: await addressOf(token) };

    async function register(shape: { seed: number; inputs: number }): Promise<{ modelId: Hex; model: ForgedModel }> {
        const model = forgedModel(shape);
        await models.register(model.spec, model.setup, model.key, model.known, { uri: "", measurements: [] });
        return { modelId: model.modelIdFor(toHex(owner?.address ?? "")), model };
    }
    const digits = await register({ seed: 1, inputs: 64 });
    const decision = await register({ seed: 2, inputs: 8 });

    async function aTerms(wish: Partial<Terms> = {}): Promise<Plain<Terms>> {
        const { executors: named, ...rest } = wish;
        return {
            modelId: digits.modelId,
            configHash: ZERO_BYTES32,
            inputHash: keccak256(IMAGE),
            policy: PRESETS.SIGNED,
            executors: [...(named ?? [toHex(executor?.address ?? "")])],
            minStakeWei: 0n,
            feeWei: FEE_WEI,
            token: ZERO_ADDRESS,
            deadline: BigInt(await networkHelpers.time.latest()) + 3_600n,
            callback: ZERO_ADDRESS,
            callbackGas: 0n,
            refundee: toHex(requester?.address ?? ""),
            ...rest,
        };
    }

    return {
        ethers,
        networkHelpers,
        ...{ owner, requester, executor, stranger, payee, signingKey },
        ...{ hub, gate, models, executors, token, addresses },
        ...{ digits, decision, aTerms },
        /** Opens a request as the requester. */
        async open(wish: Partial<Terms> = {}, salt = toHex(id("salt"))): Promise<OpenRequest> {
            const terms = await aTerms(wish);
            const value = terms.token === ZERO_ADDRESS ? terms.feeWei : 0n;
            await hub.connect(requester).request(terms, salt, IMAGE, "", { value });
            const key = { requester: requester.address, salt, terms };
            return { key, requestId: toHex(await hub.requestIdOf(key)) };
        },
        /** What the executor says: this output, or with a result code that there is none. */
        async stateOf(
            asked: Pick<Statement, "requestId"> & Partial<Statement>,
            output: Uint8Array = classBytes(7),
        ): Promise<Statement> {
            const failed = (asked.resultCode ?? 0n) !== 0n;
            return {
                modelId: digits.modelId,
                configHash: ZERO_BYTES32,
                inputHash: keccak256(IMAGE),
                outputHash: failed ? ZERO_BYTES32 : keccak256(output),
                contextHash: ZERO_BYTES32,
                executor: toHex(executor.address),
                issuedAt: BigInt(await networkHelpers.time.latest()),
                round: 0n,
                resultCode: 0n,
                ...asked,
            };
        },
        /** The executor's signature, as evidence. */
        async sign(statement: Statement, signer: Wallet = signingKey): Promise<Evidence> {
            const { domain, types } = statementTypedData({ chainId: CHAIN_ID, gate: addresses.gate });
            return { family: 0, data: toHex(await signer.signTypedData(domain, types, statement)) };
        },
        /** Brings an answer with its evidence, as a stranger; the input only if given. */
        async fulfil(
            { key }: OpenRequest,
            {
                statement,
                output = classBytes(7),
                input = new Uint8Array(),
                evidence,
            }: { statement: Statement; output?: Uint8Array; input?: Uint8Array; evidence: Evidence[] },
        ) {
            return hub.connect(stranger).fulfil(key, { statement, input, output }, evidence);
        },
        /** The request that a consumer's transaction opened, read from the hub's event. */
        async opened(sent: { wait(): Promise<{ logs: readonly LogLike[] } | null> }): Promise<OpenRequest> {
            for (const log of (await sent.wait())?.logs ?? []) {
                const event = hub.interface.parseLog(log);
                if (event?.name !== "Requested") continue;
                const { requestId, requester: by, salt, terms } = event.args;
                const asked = { ...terms.toObject(), executors: [...terms.executors] };
                return { requestId, key: { requester: by, salt, terms: asked } };
            }
            throw new Error("The transaction opened no request.");
        },
        /** A proof of the digits model, as evidence. */
        prove(statement: Statement, output: Uint8Array = classBytes(7)): Evidence {
            return digits.model.prove({ chainId: CHAIN_ID, gate: addresses.gate, statement, input: IMAGE, output });
        },
    };
}

/** One world for all tests of a describe block, put back into its first state after each of them. */
export function sharedWorld(): () => World {
    let world: World | undefined;
    let reset: (() => Promise<void>) | undefined;
    before(async () => {
        world = await createWorld();
        const snapshot = await world.networkHelpers.takeSnapshot();
        reset = () => snapshot.restore();
    });
    afterEach(async () => reset?.());
    return () => {
        if (world === undefined) throw new Error("The world exists only while tests run.");
        return world;
    };
}

/** The deployed contracts and everything around them. */
export type World = Awaited<ReturnType<typeof createWorld>>;

async function addressOf(contract: { getAddress(): Promise<string> }): Promise<Hex> {
    return toHex(await contract.getAddress());
}
