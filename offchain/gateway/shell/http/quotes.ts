import type { Reply } from "../../core/life.ts";
import type { Written } from "./replies.ts";

/** A quote may be this old. Nobody signs faster, and what is paid is held against a new one. */
const FRESH_MS = 1_000;
/** Some kilobytes each. */
const MOST_KEPT = 1_000;

/** What was answered to those who only asked for a price, for those who ask the same again at once. */
export type Quotes = {
    /** undefined: it has to be quoted. */
    find: (key: string) => Response | undefined;
    /** Keeps an answer if it is a quote. */
    keep: (key: string, answer: { reply: Reply; written: Written }) => void;
};

/** Nothing is quoted yet; `now`: milliseconds. */
export function createQuotes({ now = () => performance.now() }: { now?: () => number } = {}): Quotes {
    const kept = new Map<string, { text: string; init: ResponseInit; atMs: number }>();
    return {
        find: (key) => {
            const quote = kept.get(key);
            if (quote === undefined || now() - quote.atMs > FRESH_MS) return undefined;
            return new Response(quote.text, quote.init);
        },
        keep: (key, { reply, written: { status, headers, body } }) => {
            if (reply.status !== "unpaid" || reply.error !== undefined) return;
            const init = { status, headers: { ...headers, "content-type": "application/json" } };
            kept.delete(key);
            kept.set(key, { text: JSON.stringify(body), init, atMs: now() });
            const [oldest] = kept.keys();
            if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
        },
    };
}
