import { type ErrorCode, ProtocolError } from "@assay/protocol";
import type { Patience, RequestEvent } from "../../core/events.ts";
import type { Step } from "../../core/state.ts";

/** Faults that say nothing about the request: it waits for the world to get better, until its deadline. */
const OF_THE_WORLD: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
    "EXECUTOR_RPC_UNREACHABLE",
    "EXECUTOR_RPC_INCONSISTENT",
    "EXECUTOR_RPC_INVALID",
    "EXECUTOR_RPC_REFUSED",
    "EXECUTOR_BALANCE_LOW",
    "EXECUTOR_GAS_TOO_DEAR",
]);

/** An enclave that is away may be started, registered or named again while the request waits. */
const OF_AN_ENCLAVE_AWAY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
    "EXECUTOR_ENCLAVE_MISSING",
    "EXECUTOR_ENCLAVE_UNREACHABLE",
]);

/** The event that tells of something a step threw. */
export function faultEvent({ step, error }: { step: Step; error: unknown }): RequestEvent {
    const code = error instanceof ProtocolError ? error.code : "EXECUTOR_STEP_FAILED";
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: "fault", step, code, detail, patience: patienceOf(error) };
}

function patienceOf(error: unknown): Patience {
    if (!(error instanceof ProtocolError)) return "limited";
    if (OF_THE_WORLD.has(error.code)) return "endless";
    if (OF_AN_ENCLAVE_AWAY.has(error.code)) return "deadline";
    // Thrown where a statement has to be dated anew and the chain has no newer block yet: the next one helps.
    if (error.code === "EXECUTOR_STATEMENT_OUTDATED") return "limited";
    return error.retryable ? "limited" : "none";
}
