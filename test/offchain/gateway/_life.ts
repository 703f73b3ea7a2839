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
import type { Call, Life } from "../../../offchain/gateway/core/life.ts";
import type { Model, Outcome, Piece } from "../../../offchain/gateway/core/model.ts";
import type { Payment, Payments, Settling } from "../../../offchain/gateway/core/payment.ts";
import { PaymentRefused, REASONS } from "../../../offchain/gateway/core/paymentRefused.ts";
import { DEFAULT_PRICES, type Prices } from "../../../offchain/gateway/core/prices.ts";
import { LIFE_MIGRATIONS } from "../../../offchain/gateway/shell/journal/migrations.ts";
import type { ChainFacts } from "../../../offchain/gateway/shell/life/chainFacts.ts";
import { createLife } from "../../../offchain/gateway/shell/life/createLife.ts";
import { DEFAULT_LIFE_LIMITS, type LifeDeps, type LifeLimits } from "../../../offchain/gateway/shell/life/deps.ts";
import { account, word } from "../executor/_builders.ts";
import { createTestLog } from "../executor/_log.ts";

export const CHAIN_ID = 31337;
export const GATE = account(0x6a7e);
export const EXECUTOR = account(0xe8ec);
export const PAYER = account(0xb0b);
const ASSET = account(0x05d);
const PAY_TO = account(0xca54);
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

/** Payments that keep the contract and no chain: a ledger of nonces, and a switch for everything that may go wrong. */
export function fakePayments() {
    const used = new Map<string, Hex>();
    const refunds = new Map<string, { to: Hex; amount: bigint; transaction: Hex }>();
    const state = {
        used,
        refunds,
        /** Transfers that were really made. */
        transfers: 0,
        /** Whether the time of every payment ran out. */
        isLate: false,
        released: 0,
        settleCalls: 0,
        verify: async (_: Payment): Promise<Awaited<ReturnType<Payments["verify"]>>> => ({ status: "valid" }),
        beforeSettle: async (_: Payment): Promise<Settling | undefined> => undefined,
        beforeReconcile: async (_: Payment): Promise<Settling | undefined> => undefined,
        beforeRefund: async () => {},
        response: [] as string[],
    };
    const key = ({ payer, nonce }: Payment) => `${payer}${nonce}`;
    const settledBy = (payment: Payment): Settling => {
        const transaction = used.get(key(payment));
        return transaction === undefined
            ? { status: "unknown", transaction: undefined }
            : { status: "settled", transaction };
    };
    const payments: Payments = {
        challenge: async (wanted, error) => ({
            headers: {},
            x402: {
                offers: wanted.offers.map(({ policy, amount, flow }) => [uintToHex(policy), String(amount), flow]),
                error,
            },
        }),
        read: async (header, wanted, { isRepetition = false }) => {
            const { nonce, payer = PAYER, policy, amount, identifier, signature = "good" } = headerOf(header);
            if (state.isLate && !isRepetition) throw new PaymentRefused({ reason: REASONS.validBefore });
            const offer = wanted.offers.find(
                (one) =>
                    (policy === undefined || one.policy === BigInt(policy)) &&
                    (amount === undefined || String(one.amount) === amount),
            );
            if (offer === undefined) throw new PaymentRefused({ reason: "No matching payment requirements" });
            const requirements: Payment["requirements"] = {
                scheme: "exact",
                network: "eip155:31337",
                amount: String(offer.amount),
                asset: ASSET,
                payTo: PAY_TO,
                maxTimeoutSeconds: 60,
                extra: {},
            };
            return {
                offer,
                payer,
                nonce,
                validBefore: 2n ** 40n,
                requirements,
                payload: { x402Version: 2, accepted: requirements, payload: { signature, nonce } },
                record: {
                    scheme: "exact",
                    flow: offer.flow,
                    network: "eip155:31337",
                    asset: ASSET,
                    payTo: PAY_TO,
                    amount: String(offer.amount),
                    payer,
                    nonce,
                },
                identifier,
            };
        },
        verify: async (payment) => {
            if (used.has(key(payment))) return { status: "invalid", reason: "invalid_exact_evm_nonce_already_used" };
            return state.verify(payment);
        },
        settle: async (payment) => {
            state.settleCalls += 1;
            const early = await state.beforeSettle(payment);
            if (early !== undefined) return early;
            if (!used.has(key(payment))) {
                state.transfers += 1;
                used.set(key(payment), keccak256(new TextEncoder().encode(key(payment))));
            }
            return settledBy(payment);
        },
        release: () => {
            state.released += 1;
        },
        reconcile: async (payment) => (await state.beforeReconcile(payment)) ?? settledBy(payment),
        refund: async ({ key: name, to, amount }) => {
            await state.beforeRefund();
            const known = refunds.get(name) ?? { to, amount, transaction: keccak256(new TextEncoder().encode(name)) };
            refunds.set(name, known);
            return { transaction: known.transaction };
        },
        response: (payment, settling) => `${payment.nonce}:${settling.status}`,
        close: async () => {},
    };
    return { payments, state };
}
export type FakePayments = ReturnType<typeof fakePayments>;

type FakeHeader = {
    nonce: Hex;
    payer?: Hex;
    policy?: string;
    amount?: string;
    identifier?: string;
    signature?: string;
};

/** A payment header of the fake. */
export function aPayment(header: Partial<FakeHeader> = {}): string {
    return JSON.stringify({ nonce: word(1), ...header });
}

function headerOf(text: string): FakeHeader {
    return JSON.parse(text);
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

/** A database that a dead process can no longer write. */
function mortal(database: Database) {
    const state = { isDead: false };
    const guard = () => {
        if (state.isDead) throw new Error("the process is dead");
    };
    const alive: Database = {
        query: async (sql, parameters) => {
            guard();
            return database.query(sql, parameters);
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

/** A life over fakes; its journal outlives it. */
export async function createLifeWorld(database: Database) {
    await database.query("TRUNCATE inferences, evidence, leaves, payments");
    const { payments, state: money } = fakePayments();
    const { chain, state: node } = fakeChain();
    const settlement = { woken: 0, upTo: 0 };
    const opened = new Set<Life>();

    const start = async (
        { models = [aModel()], prices = DEFAULT_PRICES, limits = {}, config }: WorldOptions = {},
        { crashAt }: { crashAt?: string } = {},
    ) => {
        const { log, lines, seen } = createTestLog();
        const { alive, state: process } = mortal(database);
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

/** The receipt of a served reply. */
export function receiptIn(reply: Awaited<ReturnType<Life["serve"]>>): GatewayReceipt {
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
