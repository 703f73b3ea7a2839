import type { Hex } from "../hex.ts";
import { verificationSchema } from "../verification.ts";
import type { Case } from "./_case.ts";
import type { ChainState, RecordedDelivery } from "./chainState.ts";
import type { Receipt } from "./schema.ts";
import { merge, type Report, refuse } from "./verdict.ts";

/** What was ordered before a configuration was replaced may be stated this long after it, seconds: an inference takes minutes. */
const MAX_LAG_SECONDS = 900;

type Examined = { receipt: Receipt; chain: ChainState; present: number };

/** What the receipt says was read is what the caller's own node says. */
export function checkChain({ receipt, chain }: Case, present: number): Report {
    if (chain === undefined) return {};
    if (chain.chainId !== receipt.chainId) return refuse("RECEIPT_CHAIN_MISMATCH", `The node is on ${chain.chainId}.`);
    return merge(reports({ receipt, chain, present }));
}

function* reports(examined: Examined): Generator<Report> {
    yield checkBlock(examined);
    yield checkModelFacts(examined);
    yield checkExecutorFacts(examined);
    yield checkEnclaveFacts(examined);
    yield checkRecord(examined);
    yield checkConfig(examined);
}

function checkBlock({ receipt, chain }: Examined): Report {
    if (chain.block === undefined) return {};
    const { blockNumber, blockHash, blockTimestamp } = receipt.registry;
    const { number, hash, timestamp } = chain.block;
    if (number !== blockNumber || hash !== blockHash || timestamp !== blockTimestamp) {
        return refuse("RECEIPT_BLOCK_MISMATCH", `The node's block ${number} of ${timestamp} is ${hash}.`);
    }
    const members = ["blockNumber", "blockHash", "blockTimestamp"];
    return read(members.map((member) => `registry.${member}`));
}

function checkModelFacts({ receipt, chain }: Examined): Report {
    if (chain.model === undefined) return {};
    // A canary only ever goes from whole to broken; one broken since is for the proof's check, not a lie.
    const { broken, verifyingKey, ...fixed } = chain.model;
    const differs =
        firstDifference(receipt.registry.model, fixed) ?? (receipt.registry.model.broken && !broken ? "broken" : "");
    if (differs !== "")
        return refuse("RECEIPT_MODEL_FACTS_MISMATCH", `registry.model.${differs} is otherwise on chain.`);
    return read(["registry.model"]);
}

function checkExecutorFacts({ receipt, chain }: Examined): Report {
    if (chain.executor === undefined || receipt.registry.executor === undefined) return {};
    const differs = firstDifference(receipt.registry.executor, chain.executor);
    if (differs === undefined) return read(["registry.executor"]);
    return refuse("RECEIPT_EXECUTOR_FACTS_MISMATCH", `registry.executor.${differs} is otherwise on chain.`);
}

function checkEnclaveFacts({ receipt, chain }: Examined): Report {
    const subjects: string[] = [];
    for (const [index, told] of (receipt.registry.enclaves ?? []).entries()) {
        const enclave = chain.enclaves?.find(({ enclaveId }) => enclaveId === told.enclaveId);
        if (enclave === undefined) continue;
        const subject = `registry.enclaves.${index}`;
        const differs = firstDifference(told, enclave);
        if (differs !== undefined) {
            return refuse("RECEIPT_ENCLAVE_FACTS_MISMATCH", `${subject}.${differs} is otherwise on chain.`);
        }
        subjects.push(subject);
    }
    return read(subjects);
}

/** The hub's record of the request is this answer. */
function checkRecord({ receipt, chain, present }: Examined): Report {
    const { delivery } = chain;
    if (delivery === undefined) return {};
    if (delivery === null) {
        if (receipt.settlement?.kind !== "delivery") return {};
        return refuse("RECEIPT_DELIVERY_MISMATCH", "The hub recorded no answer.");
    }
    const differs =
        firstDifference({ ...receipt.statement, presentMask: present }, answerOf(delivery)) ??
        (receipt.settlement?.kind === "delivery" ? firstDifference(receipt.settlement, where(delivery)) : undefined);
    if (differs !== undefined) return refuse("RECEIPT_DELIVERY_MISMATCH", `The hub recorded another ${differs}.`);
    return read(["settlement"]);
}

/** The configuration that a context names was published as this version, and has been in force since then. */
function checkConfig({ receipt, chain }: Examined): Report {
    const told = receipt.origin === "gateway" ? receipt.context?.config : undefined;
    if (!told || chain.config === undefined) return {};
    if (chain.config === null) return refuse("RECEIPT_CONFIG_FACTS_MISMATCH", "The registry has no such version.");
    const { configHash, issuedAt } = receipt.statement;
    const { inForceFrom } = told;
    const { supersededAt, ...recorded } = chain.config;
    const differs = firstDifference({ configHash, inForceFrom }, recorded);
    if (differs !== undefined) {
        return refuse("RECEIPT_CONFIG_FACTS_MISMATCH", `context.config: the registry has another ${differs}.`);
    }
    const isOld = supersededAt !== undefined && supersededAt + MAX_LAG_SECONDS < issuedAt;
    if (!isOld || isVersionPinned(receipt)) return read(["context.config"]);
    return refuse("RECEIPT_CONFIG_NOT_ASKED", `Version ${told.version} was in force until ${supersededAt} only.`);
}

/** Whoever asks for a name gets the version that is in force, unless the body says a number. */
function isVersionPinned(receipt: Receipt): boolean {
    const requested = receipt.origin === "gateway" ? receipt.context?.requested : undefined;
    const asked = verificationSchema.safeParse(requested?.verification);
    return asked.data?.config?.version !== undefined;
}

/** What the record says of the statement and its evidence. */
function answerOf({ transaction, blockNumber, blockHash, ...answer }: RecordedDelivery) {
    return answer;
}

function where({ transaction, blockNumber, blockHash, presentMask }: RecordedDelivery) {
    return { transaction, blockNumber, blockHash, presentMask };
}

function read(subjects: string[]): Report {
    return { proven: subjects.map((subject) => ({ subject, by: "chain", text: "The chain says exactly this." })) };
}

/** First member of `expected` that `actual` has otherwise or not at all. */
function firstDifference(
    actual: Record<string, unknown>,
    expected: Record<string, string | number | boolean | Hex>,
): string | undefined {
    return Object.keys(expected).find((member) => actual[member] !== expected[member]);
}
