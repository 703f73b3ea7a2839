import { type ErrorCode, isProtocolError } from "@assay/protocol";

/** Known to nobody else: the cause of a fault that came from elsewhere is never taken for one of these. */
const PARAM: unique symbol = Symbol("param");
const MOST_CHARACTERS = 100;

/** The member of a request that is at fault, as the cause of a fault carries it. */
export type AtFault = { readonly [PARAM]: string };

/** Faults of which the code says it. */
const BY_CODE: Partial<Record<ErrorCode, string>> = {
    GATEWAY_POLICY_UNAVAILABLE: "verification",
    POLICY_UNKNOWN: "verification",
    POLICY_NOT_CANONICAL: "verification",
};

/** Names the member at fault; undefined = none is. */
export function atFault(param: string | undefined): AtFault | undefined {
    return param === undefined || param === "" ? undefined : { [PARAM]: param.slice(0, MOST_CHARACTERS) };
}

/** The member at fault, such as "messages[0].content"; null where none is. */
export function paramOf(error: unknown): string | null {
    if (!isProtocolError(error)) return null;
    return isAtFault(error.cause) ? error.cause[PARAM] : (BY_CODE[error.code] ?? null);
}

function isAtFault(cause: unknown): cause is AtFault {
    return typeof cause === "object" && cause !== null && PARAM in cause;
}
