import { type CrashPoint, createBell, type Database } from "@assay/executor/journal";
import { type Hex, ProtocolError } from "@assay/protocol";
import type { Contracts } from "@assay/sdk";
import type { Provider } from "ethers";
import type { Logger } from "pino";
import { type BatchTriggers, dueInMs, type Settlement, type Waiting } from "../../core/settlement.ts";
import type { Relayer } from "../relayer.ts";
import { countFrom } from "./leaves.ts";
import { createLogChain } from "./logChain.ts";
import { createProofs } from "./proofs.ts";
import { createRound, type RoundEnd } from "./round.ts";
import { work } from "./work.ts";

/** How long a missing sequence may hold up those behind it: a transaction that still writes it takes milliseconds. */
const GAP_PATIENCE_MS = 60_000;
/** What settlement is made of. */
export type SettlementParts = {
    /** With the table `leaves`, and SETTLEMENT_MIGRATIONS applied. */
    database: Database;
    provider: Provider;
    receipts: Contracts["receipts"];
    /** Address of `receipts`. */
    address: Hex;
    executor: Hex;
    /** Its account posts for the executor: it is the executor, or was named by it. */
    relayer: Pick<Relayer, "address" | "send">;
    triggers: BatchTriggers;
    /** Blocks on top after which a batch counts as settled; 0 = at once, for development chains only. */
    confirmations: number;
    /** How often the chain is asked while a batch is under way. */
    pollMs: number;
    /** How long a sequence without a leaf may hold up those behind it. */
    gapPatienceMs?: number;
    /** URI of a batch's leaves, as it is posted; none unless given. */
    dataUri?: (firstSequence: number) => string;
    /** Told whenever more of the log is beyond doubt. */
    onSettled?: (settledUpTo: number) => void;
    crash: CrashPoint;
    log: Logger;
};

/** Makes the settlement of one executor's receipts. It does nothing until it is started, and is started once. */
export function createSettlement(parts: SettlementParts): Settlement {
    const { database, address, executor, relayer, triggers, log } = parts;
    const chain = createLogChain(parts);
    const round = createRound({
        ...parts,
        chain,
        mostReceipts: triggers.mostReceipts,
        gapPatienceMs: parts.gapPatienceMs ?? GAP_PATIENCE_MS,
        dataUri: parts.dataUri ?? (() => ""),
    });
    const proofs = createProofs({ database, log: address, executor });
    const bell = createBell();
    const controller = new AbortController();
    const { signal } = controller;
    let waiting: Waiting | undefined;
    let end: RoundEnd = { settledUpTo: 0, unbatchedFrom: 0, isOpen: true };
    let working = Promise.resolve();

    const wait = (count: number, sinceMs = performance.now()) => {
        const newestAtMs = performance.now();
        waiting = { count: (waiting?.count ?? 0) + count, oldestAtMs: waiting?.oldestAtMs ?? sinceMs, newestAtMs };
        return waiting.count;
    };
    const untilDueMs = () => dueInMs(waiting, triggers, performance.now());
    /** One round, and what it changes in here. */
    const step = async (): Promise<RoundEnd> => {
        const isDue = untilDueMs() === 0;
        const before = end.settledUpTo;
        end = await round({ isDue });
        if (isDue) {
            // Leaves that come while these are counted may count twice, which is better than not at all.
            waiting = undefined;
            const left = await countFrom(database, end.unbatchedFrom);
            if (left > 0) wait(left);
        }
        if (end.settledUpTo > before) parts.onSettled?.(end.settledUpTo);
        return end;
    };

    return {
        wake: () => {
            const count = wait(1);
            if (count === 1 || count === triggers.mostReceipts) bell.ring();
        },
        proofOf: (id) => proofs.proofOf(id, end.settledUpTo),
        proofsFrom: proofs.proofsFrom,
        settledUpTo: () => end.settledUpTo,
        start: async () => {
            if (!(await chain.mayPost(relayer.address))) {
                const message = `${executor} does not let ${relayer.address} post for it.`;
                throw new ProtocolError({ code: "GATEWAY_POSTER_NOT_ALLOWED", message });
            }
            // What was left has waited long enough.
            wait(1, Number.NEGATIVE_INFINITY);
            working = work({ step, dueInMs: untilDueMs, pollMs: parts.pollMs, bell, log, signal });
        },
        stop: async () => {
            controller.abort();
            await working;
        },
    };
}
