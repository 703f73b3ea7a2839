/** What the registry holds of an enclave, as far as it has to be kept up. Unix seconds. */
export type Life = {
    registeredAt: number;
    /** End of its life. */
    notAfter: number;
    /** End of its life, or of the silence it is allowed. */
    validUntil: number;
    /** 0 = none asked. */
    heartbeatSeconds: number;
};

/** What is due for an enclave. */
export type Chore = "renew" | "heartbeat" | "wait";

/**
 * What is due now: a renewal in the last quarter of its life (or when it is over), a heartbeat when half of the silence
 * it is allowed has passed.
 */
export function choreOf({ life, now }: { life: Life; now: number }): Chore {
    const { registeredAt, notAfter, validUntil, heartbeatSeconds } = life;
    if (now > validUntil || 4 * (notAfter - now) <= notAfter - registeredAt) return "renew";
    // At the end of its life a heartbeat moves nothing.
    const isSilent = heartbeatSeconds > 0 && validUntil < notAfter && 2 * (validUntil - now) <= heartbeatSeconds;
    return isSilent ? "heartbeat" : "wait";
}
