import {
    type ErrorCode,
    explainError,
    type Hex,
    isHex,
    ProtocolError,
    plainText,
    type Statement,
} from "@assay/protocol";
import { z } from "zod";
import type { RequestState } from "../../core/state.ts";
import type { Wanted } from "../../core/wanted.ts";

/** JSON has neither bigint nor undefined: integers travel as decimal text, absent values as absent keys. */
const integer = z.codec(z.string().regex(/^\d+$/), z.bigint(), { decode: BigInt, encode: String });
const hex = z.custom<Hex>((value) => isHex(value), "not hex");
const count = z.number().int().nonnegative();
const origin = z.enum(["hub", "pull"]);
const block = z.object({ number: count, hash: hex });
const stage = z.enum([
    "seen",
    "admit",
    "run",
    "date",
    "sign",
    "attest",
    "prove",
    "check",
    "deliver",
    "await",
    "keep",
    "finished",
    "refused",
    "closed",
]);
// Codes come and go between versions; one that this version does not know is still shown.
const code = z.custom<ErrorCode>((value) => typeof value === "string");

const state = z.object({
    requestId: hex,
    origin,
    deadline: integer.optional(),
    included: block.optional(),
    confirmed: z.boolean(),
    stage,
    starts: count,
    begun: z.boolean(),
    deaths: count,
    plan: z.object({ families: z.array(count), mayFail: z.boolean() }).optional(),
    resultCode: count.optional(),
    statements: count,
    reverts: count,
    settlement: z
        .object({
            how: z.enum(["delivered", "errored", "refunded"]),
            block,
            txHash: hex,
            executor: hex.optional(),
            presentMask: count.optional(),
        })
        .optional(),
    outcome: z.object({ code, detail: z.string() }).optional(),
    endedFrom: stage.optional(),
});

const ask = {
    modelId: hex,
    configHash: hex,
    inputHash: hex,
    policy: integer,
    executors: z.array(hex),
    minStakeWei: integer,
};
const terms = z.object({
    ...ask,
    feeWei: integer,
    token: hex,
    deadline: integer,
    callback: hex,
    callbackGas: integer,
    refundee: hex,
});
const wanted = z.discriminatedUnion("origin", [
    z.object({ origin: z.literal("hub"), requester: hex, salt: hex, terms, inputUri: z.string() }),
    z.object({ origin: z.literal("pull"), consumer: hex, salt: hex, ask: z.object(ask) }),
]);

const statement = z.object({
    requestId: hex,
    modelId: hex,
    configHash: hex,
    inputHash: hex,
    outputHash: hex,
    contextHash: hex,
    executor: hex,
    issuedAt: integer,
    round: integer,
    resultCode: integer,
});

const absent = {
    deadline: undefined,
    included: undefined,
    plan: undefined,
    resultCode: undefined,
    settlement: undefined,
    outcome: undefined,
    endedFrom: undefined,
};

/** JSON text of a request's state. What a fault says may come from anywhere: no column takes all of that. */
export function encodeState(value: RequestState): string {
    const { plan, outcome, ...rest } = value;
    const plain = {
        plan: plan && { ...plan, families: [...plan.families] },
        outcome: outcome && { ...outcome, detail: plainText(outcome.detail) },
    };
    return JSON.stringify(z.encode(state, { ...rest, ...plain }));
}

/** The state in a journal row; throws EXECUTOR_JOURNAL_INVALID. */
export function decodeState(json: unknown): RequestState {
    return { ...absent, ...read({ schema: state, json }) };
}

/** JSON text of what a request wants. */
export function encodeWanted(value: Wanted): string {
    return JSON.stringify(z.encode(wanted, withOwnLists(value)));
}

/** What a request wants, from a journal row; throws EXECUTOR_JOURNAL_INVALID. */
export function decodeWanted(json: unknown): Wanted {
    return read({ schema: wanted, json });
}

/** JSON text of a statement. */
export function encodeStatement(value: Statement): string {
    return JSON.stringify(z.encode(statement, value));
}

/** The statement in a journal row; throws EXECUTOR_JOURNAL_INVALID. */
export function decodeStatement(json: unknown): Statement {
    return read({ schema: statement, json });
}

/** Parses rows of the journal; throws EXECUTOR_JOURNAL_INVALID. */
export function read<T>({ schema, json }: { schema: z.ZodType<T>; json: unknown }): T {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const message = `${explainError("EXECUTOR_JOURNAL_INVALID").meaning} ${z.prettifyError(parsed.error)}.`;
    throw new ProtocolError({ code: "EXECUTOR_JOURNAL_INVALID", message });
}

/** Lists are read-only in the domain and plain arrays in JSON. */
function withOwnLists(value: Wanted): z.output<typeof wanted> {
    if (value.origin === "pull") return { ...value, ask: { ...value.ask, executors: [...value.ask.executors] } };
    return { ...value, terms: { ...value.terms, executors: [...value.terms.executors] } };
}
