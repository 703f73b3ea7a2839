import type { Database } from "@assay/executor/journal";
import {
    bytesToHex,
    contentHash,
    type EnclaveFacts,
    FAMILIES,
    type GatewayReceipt,
    type Hex,
    isTeeFamily,
    type JsonObject,
    keccak256,
    type ModelFacts,
    modelIdOf,
    modelSpecOf,
    ProtocolError,
    uintToHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { computeAddress, SigningKey } from "ethers";
import { migrate, openMemory } from "../../../offchain/executor/journal.ts";
import type { Call, Life, Reply, Standing } from "../../../offchain/gateway/core/life.ts";
import type { Model, Outcome, Piece } from "../../../offchain/gateway/core/model.ts";
import { DEFAULT_PRICES, type Prices } from "../../../offchain/gateway/core/prices.ts";
import { LIFE_MIGRATIONS } from "../../../offchain/gateway/shell/journal/migrations.ts";
import type { ChainFacts } from "../../../offchain/gateway/shell/life/chainFacts.ts";
import { createLife } from "../../../offchain/gateway/shell/life/createLife.ts";
import { DEFAULT_LIFE_LIMITS, type LifeDeps, type LifeLimits } from "../../../offchain/gateway/shell/life/deps.ts";
import { account, word } from "../executor/_builders.ts";
import { createTestLog } from "../executor/_log.ts";
import { fakePayments } from "./_fakePayments.ts";

export const CHAIN_ID = 31337;
export const GATE = account(0x6a7e);
export const EXECUTOR = account(0xe8ec);
const KEY = new SigningKey(keccak256(Uint8Array.of(1)));
export const SIGNER: Hex = `0x${computeAddress(KEY).slice(2).toLowerCase()}`;

/** Prices under which nothing costs anything. */
export const FREE: Prices = { ...DEFAULT_PRICES, free: ["infer", "chat"] };

const FACTS: ModelFacts = {
    owner: account(0x0e),
    artifactDigest: word(1),
    ioSpec: uintToHex(0n),
    schemaHash: word(2),
    semantics: "FLOAT",
    vkHash: ZERO_BYTES32,
    derivedFrom: ZERO_BYTES32,
    setupKind: "none",
    transcriptHash: ZERO_BYTES32,
    broken: false,
};

/** A model whose runs are counted; it echoes the text of a body, or does what the test scripts. */
export type FakeModel = Model & {
    runs: number;
    /** Called within a run; by default it answers at once. */
    script: (question: Parameters<Model["run"]>[0]) => Promise<Outcome>;
    proof: Model["prove"];
};

export function aModel({
    name = "echo",
    route = "infer",
    facts = {},
    families = [FAMILIES.SIGNED],
}: {
    name?: string;
    route?: Model["route"];
    facts?: Partial<ModelFacts>;
    families?: number[];
} = {}): FakeModel {
    const registered = { ...FACTS, ...facts, artifactDigest: keccak256(new TextEncoder().encode(name)) };
    const model: FakeModel = {
        runs: 0,
        modelId: modelIdOf({ owner: registered.owner, contentHash: contentHash(modelSpecOf(registered)) }),
        name,
        route,
        facts: registered,
        claimClass: "COMPUTE",
        families,
        describe: () => ({}),
        read: (body, { salt }) => readBody(model, body, salt),
        script: async ({ input }) => answered(model, input),
        run: (question) => {
            model.runs += 1;
            return model.script(question);
        },
        present: ({ output }) =>
            route === "chat" ? JSON.parse(new TextDecoder().decode(output)) : { outputs: { bytes: [...output] } },
        proof: async () => {
            throw new Error("nothing to prove with");
        },
        prove: (question) => model.proof(question),
    };
    return model;
}

/** The outcome of a model that says what it was asked. */
export function answered(model: Pick<Model, "route">, input: Uint8Array): Outcome {
    const output = model.route === "infer" ? input : new TextEncoder().encode(CHAT_ANSWER);
    const usage = model.route === "infer" ? null : { promptTokens: 1, completionTokens: 2, totalTokens: 3 };
    return { resultCode: 0, output, usage, upstream: null };
}

/** Something that nobody passes until it is opened. */
export type Door = { open: () => void; pass: () => Promise<void>; reached: Promise<void> };

/** A door that is closed. */
export function aClosedDoor(): Door {
    const [inside, outside] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const pass = () => {
        inside.resolve();
        return outside.promise;
    };
    return { open: outside.resolve, pass, reached: inside.promise };
}

/** Keeps a model from answering until the door is opened. */
export function aDoor(model: FakeModel): Door {
    const door = aClosedDoor();
    model.script = async ({ input }) => {
        await door.pass();
        return answered(model, input);
    };
    return door;
}

/** The outcome of a model that cannot. */
export function failed(resultCode: number): Outcome {
    return { resultCode, output: new Uint8Array(), usage: null, upstream: null };
}

const CHAT_ANSWER = '{"choices":[{"finish_reason":"stop","index":0,"message":{"content":"hi","role":"assistant"}}]}';

function readBody(model: FakeModel, body: JsonObject, salt: Hex): ReturnType<Model["read"]> {
    const { model: _, verification: __, stream = false, text, ...unknown } = body;
    const [first] = Object.keys(unknown);
    if (first !== undefined) throw new ProtocolError({ code: "GATEWAY_PARAMETER_UNSUPPORTED", message: `"${first}".` });
    if (typeof text !== "string") throw new ProtocolError({ code: "GATEWAY_BODY_INVALID", message: "No text." });
    const isChat = model.route === "chat";
    const effective: JsonObject = { model: model.name };
    const chat = `{"messages":${JSON.stringify([{ content: text, role: "user" }])},"model":"${model.name}","salt":"${salt}"}`;
    return {
        input: new TextEncoder().encode(isChat ? chat : text),
        effective,
        attachments: [],
        isStream: stream === true,
        units: isChat ? 16 : 1,
    };
}

/** A chain that stands still. */
export function fakeChain({ next = 0 }: { next?: number } = {}) {
    const enclaves: EnclaveFacts[] = [];
    const state = { next, isAway: false, keyState: "active" as "active" | "retired", enclaves, newestVersion: 1 };
    const guard = () => {
        if (state.isAway) throw new ProtocolError({ code: "RPC_UNREACHABLE" });
    };
    const chain: ChainFacts = {
        newest: async () => ({ number: 7, hash: word(7), timestamp: 1_700_000_000 }),
        facts: async ({ model, items }) => {
            guard();
            const ids = items
                .filter(({ family }) => isTeeFamily(family))
                .map(({ data }) => bytesToHex(data).slice(0, 66));
            const named = state.enclaves.filter(({ enclaveId }) => ids.includes(enclaveId));
            return {
                registry: {
                    blockNumber: 7,
                    blockHash: word(7),
                    blockTimestamp: 1_700_000_000,
                    model,
                    executor: {
                        signingKey: SIGNER,
                        notBefore: 0,
                        notAfter: 2 ** 40 - 1,
                        state: state.keyState,
                        stakeWei: "0",
                    },
                    ...(named.length === 0 ? {} : { enclaves: named }),
                },
                attestation: [],
            };
        },
        isInForce: async ({ version }) => version === state.newestVersion,
        nextSequence: async () => {
            guard();
            return state.next;
        },
    };
    return { chain, state };
}

/** What happens when the first statement of a kind was recorded, before anybody is told so. */
type Meanwhile = { statement: RegExp; act: () => void };

/** A database that a dead process can no longer write. */
function mortal(database: Database, meanwhile: Meanwhile | undefined) {
    const state = { isDead: false, isDue: true };
    const guard = () => {
        if (state.isDead) throw new Error("the process is dead");
    };
    const alive: Database = {
        query: async (sql, parameters) => {
            guard();
            const rows = await database.query(sql, parameters);
            if (state.isDue && meanwhile?.statement.test(sql)) {
                state.isDue = false;
                meanwhile.act();
            }
            return rows;
        },
        transaction: async (work) => {
            guard();
            return database.transaction(async (session) => {
                const result = await work(session);
                guard();
                return result;
            });
        },
        close: async () => {},
    };
    return { alive, state };
}

type WorldOptions = { models?: readonly FakeModel[]; prices?: Prices; limits?: Partial<LifeLimits> } & Partial<
    Pick<LifeDeps, "config">
>;

/** An empty journal. Opening one takes seconds: worlds that follow each other share it. */
export async function openJournal(): Promise<Database> {
    const database = await openMemory();
    await migrate({ database, migrations: LIFE_MIGRATIONS });
    return database;
}

/** Opens a journal for a suite, and gives each of its tests a world of its own over it. */
export function lifeWorldPerTest(give: (world: LifeWorld) => void): void {
    let database: Database;
    let world: LifeWorld;
    before(async () => {
        database = await openJournal();
    });
    beforeEach(async () => {
        world = await createLifeWorld(database);
        give(world);
    });
    afterEach(() => world.close());
    after(() => database.close());
}

/** A life over fakes; its journal outlives it. */
async function createLifeWorld(database: Database) {
    await database.query("TRUNCATE inferences, evidence, leaves, payments");
    const { payments, state: money } = fakePayments();
    const { chain, state: node } = fakeChain();
    const settlement = { woken: 0, upTo: 0 };
    const opened = new Set<Life>();

    const start = async (
        { models = [aModel()], prices = DEFAULT_PRICES, limits = {}, config }: WorldOptions = {},
        { crashAt, meanwhile }: { crashAt?: string; meanwhile?: Meanwhile } = {},
    ) => {
        const { log, lines, seen } = createTestLog();
        const { alive, state: process } = mortal(database, meanwhile);
        const died = Promise.withResolvers<void>();
        const life = createLife({
            models: {
                all: () => models,
                find: (name) => models.find((model) => model.name === name || model.modelId === name),
                close: async () => {},
            },
            payments,
            prices,
            database: alive,
            deployment: { chainId: CHAIN_ID, contracts: deploymentContracts() },
            executor: EXECUTOR,
            signer: { address: SIGNER, sign: async (digest) => `0x${KEY.sign(digest).serialized.slice(2)}` },
            chain,
            config,
            settlement: {
                wake: () => {
                    settlement.woken += 1;
                },
                settledUpTo: () => settlement.upTo,
                proofOf: async () => undefined,
            },
            limits: { ...DEFAULT_LIFE_LIMITS, retryMs: 5, maxRetryMs: 20, ...limits },
            crash: (point) => {
                if (process.isDead) throw new Error("the process is dead");
                if (point !== crashAt) return;
                process.isDead = true;
                died.resolve();
                throw new Error(`killed at ${point}`);
            },
            log,
        });
        await life.start();
        opened.add(life);
        return { life, lines, seen, died: died.promise };
    };
    return {
        database,
        money,
        node,
        settlement,
        start,
        close: async () => {
            for (const life of opened) await life.stop();
        },
    };
}
export type LifeWorld = Awaited<ReturnType<typeof createLifeWorld>>;

/** A call of the tensor route that nobody gives up. */
export function aCall(call: Partial<Call> = {}): Call {
    return {
        route: "infer",
        body: { model: "echo", text: "hello" },
        url: "http://gateway.test/v1/infer",
        payment: undefined,
        signal: new AbortController().signal,
        ...call,
    };
}

/** The id of what a reply is about. */
export function idIn(reply: Reply): string {
    if ("id" in reply) return reply.id;
    throw new Error(`Nothing is under way: ${reply.status}.`);
}

/** Where an inference stands once it is there. */
export async function reaches(life: Life, id: string, wanted: Standing["status"]): Promise<Standing> {
    const found = Promise.withResolvers<Standing>();
    const ended = new AbortController();
    const watching = life.watch(id, {
        onChange: (standing) => {
            if (standing.status === wanted) found.resolve(standing);
        },
        signal: ended.signal,
    });
    const standing = await found.promise;
    ended.abort();
    await watching;
    return standing;
}

/** The receipt of a served reply. */
export function receiptIn(reply: Reply): GatewayReceipt {
    if (reply.status === "served" && reply.receipt.origin === "gateway") return reply.receipt;
    throw new Error(`Not served but ${reply.status}.`);
}

/** Pieces that a model streams. */
export function somePieces(...texts: string[]): Piece[] {
    return texts.map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }));
}

function deploymentContracts(): LifeDeps["deployment"]["contracts"] {
    const at = account(0xd0);
    return {
        ModelRegistry: at,
        ExecutorRegistry: at,
        VerifierRouter: at,
        SignedVerifier: at,
        Groth16Verifier: at,
        EvidenceGate: GATE,
        InferenceHub: at,
        AttestationPolicy: at,
        TeeRegistry: at,
        P384Verifier: at,
        Sha384: at,
        NitroVerifier: at,
        ReceiptLog: at,
        ConfigRegistry: at,
    };
}
