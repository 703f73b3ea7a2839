/** Where a request stands: the names of IInferenceHub's `Status`, by value. */
export const STATUS = [
    "None",
    "Open",
    "Locked",
    "Proposed",
    "Challenged",
    "Final",
    "Refuted",
    "Errored",
    "Refunded",
    "Voided",
] as const;
export type StatusName = (typeof STATUS)[number];

/** What became of a callback: IInferenceHub's `CallbackState`. */
export const CALLBACK_STATE = ["None", "Pending", "Done", "Failed"] as const;

/** Where a signing key stands: IExecutorRegistry's `KeyState`. */
export const KEY_STATE = ["None", "Active", "Retired", "Compromised"] as const;
export type KeyStateName = (typeof KEY_STATE)[number];
/** The same in the words of receipts. */
export const KEY_STATE_FACT = ["none", "active", "retired", "compromised"] as const;

/** The fields of a statement: Statement.sol's `StatementField`. */
export const STATEMENT_FIELD = [
    "requestId",
    "modelId",
    "configHash",
    "inputHash",
    "outputHash",
    "contextHash",
    "executor",
    "issuedAt",
    "round",
    "resultCode",
] as const;

/** Name of an enum value read from a chain; a value that this version does not know keeps its number. */
export function nameIn<T extends string>(names: readonly T[], value: bigint): T | `unknown ${bigint}` {
    return names[Number(value)] ?? `unknown ${value}`;
}
