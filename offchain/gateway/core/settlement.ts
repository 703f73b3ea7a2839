import { type Hex, isHex, keccak256, ZERO_BYTES32 } from "@assay/protocol";

/** When waiting receipts are posted: at whichever of these comes first. */
export type BatchTriggers = {
    /** Receipts of one batch at most, and enough for a batch at once; 1 to 1,000,000. */
    mostReceipts: number;
    /** Milliseconds that the oldest receipt waits at most. */
    ageMs: number;
    /** Milliseconds without another receipt after which those that wait are posted. */
    idleMs: number;
};

/** Receipts that wait for a batch; times by the clock of whoever asks. */
export type Waiting = { count: number; oldestAtMs: number; newestAtMs: number };

/** Milliseconds until waiting receipts are due, 0 = now; undefined when none wait. */
export function dueInMs(waiting: Waiting | undefined, triggers: BatchTriggers, nowMs: number): number | undefined {
    if (waiting === undefined || waiting.count === 0) return undefined;
    if (waiting.count >= triggers.mostReceipts) return 0;
    const dueAtMs = Math.min(waiting.oldestAtMs + triggers.ageMs, waiting.newestAtMs + triggers.idleMs);
    return Math.max(0, dueAtMs - nowMs);
}

/** A leaf as the journal gives it: what should be two hashes may have been damaged since it was written. */
export type LeafRow = { sequence: number; digest: string; receiptHash: string };

/** What a leaf stands for: EIP-712 digest of the statement, hash of the receipt. */
export type LeafEntry = { sequence: number; digest: Hex; receiptHash: Hex };

/** Why an entry stands for no receipt. */
export type LeafFault = { sequence: number; code: "GATEWAY_LEAF_DAMAGED" | "GATEWAY_LEAF_MISSING" };

/** A leaf's entry; undefined if what the journal holds is no pair of hashes. */
export function entryOf({ sequence, digest, receiptHash }: LeafRow): LeafEntry | undefined {
    return isHex(digest, 32) && isHex(receiptHash, 32) ? { sequence, digest, receiptHash } : undefined;
}

/**
 * The entries of a batch that starts with sequence `next`, from rows that ascend from it. A damaged row cannot hold up
 * those behind it: the hash of what is there takes its place, which no receipt leads to. A missing one ends the batch, or
 * with `fillsGaps` is taken by zeros; whoever holds the receipt can show to everybody that the log left it out.
 */
export function entriesFrom({
    next,
    rows,
    most,
    fillsGaps,
}: {
    next: number;
    rows: readonly LeafRow[];
    most: number;
    fillsGaps: boolean;
}): { entries: LeafEntry[]; faults: LeafFault[] } {
    const entries: LeafEntry[] = [];
    const faults: LeafFault[] = [];
    const add = (entry: LeafEntry, code?: LeafFault["code"]) => {
        entries.push(entry);
        if (code !== undefined) faults.push({ sequence: entry.sequence, code });
    };
    for (const row of rows) {
        if (row.sequence > next + entries.length && !fillsGaps) break;
        for (let sequence = next + entries.length; sequence < row.sequence && entries.length < most; sequence++) {
            add({ sequence, digest: ZERO_BYTES32, receiptHash: ZERO_BYTES32 }, "GATEWAY_LEAF_MISSING");
        }
        if (entries.length >= most) break;
        const entry = entryOf(row);
        if (entry !== undefined) add(entry);
        else add(standInFor(row), "GATEWAY_LEAF_DAMAGED");
    }
    return { entries, faults };
}

function standInFor({ sequence, digest, receiptHash }: LeafRow): LeafEntry {
    const hashOf = (text: string) => keccak256(new TextEncoder().encode(text));
    return { sequence, digest: hashOf(digest), receiptHash: hashOf(receiptHash) };
}

/** Where a receipt is in the log, and the way from its leaf to a stored root. */
export type Inclusion = {
    /** ReceiptLog contract, and whose count of receipts it is. */
    log: Hex;
    executor: Hex;
    /** Number of the batch among the executor's. */
    batch: number;
    root: Hex;
    sequence: number;
    /** What the leaf is made of: EIP-712 digest of the statement, hash of the receipt. */
    digest: Hex;
    receiptHash: Hex;
    /** Siblings from the leaf up. */
    proof: Hex[];
    leaf: Hex;
    /** That posted the batch; null if the endpoint no longer tells. */
    transaction: Hex | null;
};

/** Settlement of receipts: batches in the receipt log. */
export type Settlement = {
    /** Tells that a leaf was journalled. */
    wake: () => void;
    /**
     * By the inference's id; undefined = no receipt. Throws GATEWAY_PROOF_PENDING while it is in no batch beyond doubt,
     * GATEWAY_BATCH_FOREIGN if its sequence is taken, GATEWAY_LEAF_DAMAGED if its row changed since it was posted.
     */
    proofOf: (id: string) => Promise<Inclusion | undefined>;
    /**
     * What the log holds from a sequence on, ascending: hashes alone, for everybody. Of `most` receipts those that are
     * settled; one whose row was damaged is left out.
     */
    proofsFrom: (range: { sequence: number; most: number }) => Promise<Inclusion[]>;
    /** All sequences below are recorded in the log. */
    settledUpTo: () => number;
    /** Takes up what was left. Throws GATEWAY_POSTER_NOT_ALLOWED, RPC_UNREACHABLE. */
    start: () => Promise<void>;
    /** Ends after the step that is under way; what was journalled is taken up at the next start. */
    stop: () => Promise<void>;
};
