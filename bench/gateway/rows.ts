import { measureOverhead } from "./overhead.ts";
import { measureParallel } from "./parallel.ts";
import { measureQuotes } from "./quotes.ts";
import { measureSettling } from "./settle.ts";
import { measureFirstByte } from "./sse.ts";
import { measureVersusReference } from "./versus.ts";

/** Rows of the gateway suite; each starts servers and a chain in processes of their own. */
const ROWS: Record<string, () => Promise<Record<string, number>>> = {
    overhead: measureOverhead,
    quotes: measureQuotes,
    "parallel-200": measureParallel,
    "paid-vs-reference": measureVersusReference,
    sse: measureFirstByte,
    "settle-100k": measureSettling,
};

/** Rows of the gateway suite, as they are measured. */
export async function* gatewayRows(only: string | undefined) {
    for (const [name, measure] of Object.entries(ROWS)) {
        if (only === undefined || only === name) yield { name, ...(await measure()) };
    }
}
