/** Amounts that were promised and not yet moved; units of the token, times in unix seconds. */
export type Outstanding = {
    hold: (key: string, held: { payer: string; amount: bigint; until: bigint }) => void;
    release: (key: string) => void;
    /** What one payer has promised in all. */
    totalOf: (payer: string, nowSeconds: bigint) => bigint;
};

/**
 * Keeps count of authorizations that were found good, so that a balance is not counted on twice. What is neither settled
 * nor released counts until it can no longer be used.
 */
export function createOutstanding(): Outstanding {
    const byPayer = new Map<string, Map<string, { amount: bigint; until: bigint }>>();
    const payerOf = new Map<string, string>();
    const release = (key: string) => {
        const payer = payerOf.get(key);
        if (payer === undefined) return;
        payerOf.delete(key);
        const held = byPayer.get(payer);
        held?.delete(key);
        if (held?.size === 0) byPayer.delete(payer);
    };
    return {
        release,
        hold: (key, { payer, amount, until }) => {
            const held = byPayer.get(payer) ?? new Map();
            byPayer.set(payer, held.set(key, { amount, until }));
            payerOf.set(key, payer);
        },
        totalOf: (payer, nowSeconds) => {
            const held = [...(byPayer.get(payer) ?? [])];
            for (const [key, { until }] of held) if (until <= nowSeconds) release(key);
            return held.reduce((sum, [, { amount, until }]) => (until <= nowSeconds ? sum : sum + amount), 0n);
        },
    };
}
