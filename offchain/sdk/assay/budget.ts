/** One payment as a budget counts it. */
export type Expense = {
    /** Unique for each payment. */
    key: string;
    /** Units of the token. */
    amount: bigint;
    /** Unix seconds. */
    at: number;
};

/** Keeps what was spent, also for several programs at once where its store can. */
export type Budget = {
    /**
     * Counts an expense, unless it and all others after `since` (unix seconds) were more than `limit`; whether it was
     * counted. Two calls at once never both get what is there for one.
     */
    reserve: (expense: Expense, bounds: { limit: bigint; since: number }) => Promise<boolean>;
    /** Forgets an expense: the payment was never signed. */
    release: (key: string) => Promise<void>;
};

/**
 * A budget that forgets when the program ends.
 * @example
 * const isCounted = await createMemoryBudget().reserve({ key: "a", amount: 5n, at: 100 }, { limit: 9n, since: 0 });
 */
export function createMemoryBudget(): Budget {
    const expenses = new Map<string, Expense>();
    return {
        reserve: async (expense, { limit, since }) => {
            for (const { key, at } of expenses.values()) if (at <= since) expenses.delete(key);
            const spent = [...expenses.values()].reduce((sum, { amount }) => sum + amount, 0n);
            if (expenses.has(expense.key) || spent + expense.amount > limit) return false;
            expenses.set(expense.key, expense);
            return true;
        },
        release: async (key) => {
            expenses.delete(key);
        },
    };
}
