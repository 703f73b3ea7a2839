import table from "./table.json" with { type: "json" };

/** A stable code of the error table. */
export type ErrorCode = keyof typeof table.codes;

/** Stable code of what is wrong with an attestation document; the Solidity error for the same fault has this name. */
export type AttestationCode = keyof typeof table.attestation;

/** What the table says of one error. */
export interface ErrorEntry {
    meaning: string;
    fix: string;
}

/** The one error class of all packages; `code` is stable, `message` says what happened and how to fix it. */
export class ProtocolError extends Error {
    override readonly name = "ProtocolError";
    readonly code: ErrorCode;
    readonly retryable: boolean;

    /** `message` is what happened this time (the table's meaning unless told); the table's fix is appended. */
    constructor({ code, message, cause }: { code: ErrorCode; message?: string | undefined; cause?: unknown }) {
        const entry = explainError(code);
        super(`${message ?? entry.meaning} ${entry.fix}`.trim(), cause === undefined ? undefined : { cause });
        this.code = code;
        this.retryable = entry.retryable;
    }
}

/** Looks a code up in the error table. */
export function explainError(code: ErrorCode): ErrorEntry & { retryable: boolean } {
    return table.codes[code] ?? { meaning: `Error ${code}.`, fix: "", retryable: false };
}

/** Whether a text, which anybody may have written, is a code of the table. */
export function isErrorCode(text: string): text is ErrorCode {
    return Object.hasOwn(table.codes, text);
}

/** Looks the name of a Solidity error up in the error table. */
export function explainContractError(name: string): ErrorEntry | undefined {
    return new Map(Object.entries({ ...table.attestation, ...table.contracts })).get(name);
}

/** What the error table says of what is wrong with an attestation document; contracts may give the name another sense. */
export function explainAttestation(code: AttestationCode): ErrorEntry {
    return table.attestation[code];
}

/** Whether something caught is a ProtocolError, optionally with this code. */
export function isProtocolError(error: unknown, code?: ErrorCode): error is ProtocolError {
    return error instanceof ProtocolError && (code === undefined || error.code === code);
}
