import type { ErrorCode, Hex } from "@assay/protocol";

/** One block of the chain as the executor saw it; a number alone says nothing, since blocks are replaced. */
export type BlockRef = { number: number; hash: Hex };

/** The newest block. Its timestamp (unix seconds) is the only clock that statements are dated by. */
export type Head = BlockRef & { timestamp: bigint };

/**
 * Where a request stands here. Each of `ACTING` names the step that is due; the others wait for the chain or are ends.
 *
 * seen → admit → run → date → [sign] → [attest] → [prove] → check → deliver → await → keep → finished
 * pull requests go from check to keep: whoever asked brings the evidence himself.
 */
export type Stage = Step | "seen" | "await" | End;

/** Steps that the shell performs, each journalled before it is acted on. */
export type Step = "admit" | "run" | "date" | "sign" | "attest" | "prove" | "check" | "deliver" | "keep";

/** finished: a receipt is kept. refused: never started, for a coded reason. closed: given up or overtaken. */
export type End = "finished" | "refused" | "closed";

/** What will be brought: the families, and whether a failure may be signed for it (we are named, and can sign). */
export type Plan = { families: readonly number[]; mayFail: boolean };

/** How the hub closed a request, as an event in a block that can still be replaced. */
export type Settlement = {
    how: "delivered" | "errored" | "refunded";
    block: BlockRef;
    txHash: Hex;
    /** Executor of the statement; undefined for a refund. */
    executor?: Hex | undefined;
    /** Families that the gate saw, and its two loud bits; undefined for a refund. */
    presentMask?: number | undefined;
};

/** Why a request ended without a receipt. */
export type Outcome = { code: ErrorCode; detail: string };

/** Everything `decide` knows of one request. Plain data: it is the journal's row. */
export type RequestState = {
    requestId: Hex;
    origin: "hub" | "pull";
    /** Unix seconds, inclusive; undefined for pull requests, which have none. */
    deadline: bigint | undefined;
    /** Block of the request's event; undefined while a reorganisation has removed it. */
    included: BlockRef | undefined;
    /** Whether that block is deep enough; nothing is done for a request before it is. */
    confirmed: boolean;
    stage: Stage;
    /** How often the step of this stage was started. */
    starts: number;
    /** Whether this step, if it is a heavy one, is being performed: it has left its queue and told of no end. */
    begun: boolean;
    /** How often the process ended during it: a step that kills the process must not be tried for ever. */
    deaths: number;
    plan: Plan | undefined;
    /** 0 or a code of result-codes.json, once the model ran. */
    resultCode: number | undefined;
    /** Statements made: more than one only if the evidence had grown too old. */
    statements: number;
    /** Deliveries that were mined and reverted. */
    reverts: number;
    settlement: Settlement | undefined;
    outcome: Outcome | undefined;
    /** Stage to go back to when a reorganisation removes what ended the request. */
    endedFrom: Stage | undefined;
};

/** Limits that `decide` applies. */
export type Rules = {
    /** Address that answers and is paid. */
    executor: Hex;
    /** Blocks on top of a request before it is served, and of a delivery before its receipt is kept; 0 = the block itself. */
    requestConfirmations: number;
    deliveryConfirmations: number;
    /** Starts of a step that fails by itself. */
    maxStarts: number;
    /** Ends of the process during one heavy step. */
    maxDeaths: number;
    maxStatements: number;
    maxReverts: number;
    /** Pause before the second start of a step; doubled for each further one. */
    retryDelayMs: number;
    maxRetryDelayMs: number;
};

const STEPS: ReadonlySet<Stage> = new Set<Step>([
    "admit",
    "run",
    "date",
    "sign",
    "attest",
    "prove",
    "check",
    "deliver",
    "keep",
]);
const ENDS: ReadonlySet<Stage> = new Set<End>(["finished", "refused", "closed"]);

/** Whether the shell has something to do in this stage. */
export function isStep(stage: Stage): stage is Step {
    return STEPS.has(stage);
}

/** Whether nothing more happens unless the chain is reorganised. */
export function isEnd(stage: Stage): stage is End {
    return ENDS.has(stage);
}
