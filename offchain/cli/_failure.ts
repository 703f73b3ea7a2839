import { explainError, ProtocolError } from "@assay/protocol";
import { ContractRevert, chainFault } from "@assay/sdk";

/** A fault as the user sees it. */
export type Failure = {
    /** Of the error table; for a contract's refusal the name of its error. */
    code: string;
    message: string;
    fix: string;
    arguments?: Readonly<Record<string, string>>;
};

/** Reads anything thrown as a failure with a code, a message and a way out. */
export function failureOf(thrown: unknown): Failure {
    const fault = chainFault(thrown);
    if (fault instanceof ContractRevert) return revertFailure(fault);
    if (fault instanceof ProtocolError) {
        const { fix } = explainError(fault.code);
        return { code: fault.code, message: fault.message.slice(0, fault.message.length - fix.length).trim(), fix };
    }
    if (isAbort(fault)) return tableFailure("INTERRUPTED");
    return tableFailure("UNEXPECTED", fault instanceof Error ? fault.message : String(fault));
}

/** A failure as text: code and message, the way out, and with --verbose where it comes from. */
export function failureText({
    failure,
    fault,
    verbose,
}: {
    failure: Failure;
    fault: unknown;
    verbose: boolean;
}): string {
    const head = `${failure.code}: ${failure.message}\n  fix: ${failure.fix}\n`;
    return verbose ? `${head}${tracesOf(fault).join("\n")}\n` : head;
}

function revertFailure({ contractError, arguments: args, fix, code, message }: ContractRevert): Failure {
    const list = Object.entries(args).map(([name, value]) => `${name}: ${value}`);
    return {
        code: contractError,
        message: list.length === 0 ? "the contract refused the call." : list.join(", "),
        fix: fix ?? (explainError(code).fix || message),
        arguments: args,
    };
}

function tableFailure(code: "INTERRUPTED" | "UNEXPECTED", detail?: string): Failure {
    const { meaning, fix } = explainError(code);
    return { code, message: detail === undefined ? meaning : detail, fix };
}

function isAbort(fault: unknown): boolean {
    return fault instanceof Error && (fault.name === "AbortError" || fault.name === "TimeoutError");
}

/** The stack of a fault and of everything that caused it. */
function tracesOf(fault: unknown): string[] {
    if (!(fault instanceof Error)) return [];
    return [fault.stack ?? fault.message, ...(fault.cause === undefined ? [] : tracesOf(fault.cause))];
}
