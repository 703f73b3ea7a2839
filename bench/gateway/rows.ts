import { measureSettling } from "./settle.ts";

/** Rows of the gateway suite, each with servers and a chain of its own. */
const ROWS: Record<string, () => Promise<Record<string, number>>> = {
    "settle-100k": measureSettling,
};

/** Rows of the gateway suite, as they are measured. */
export async function* gatewayRows(only: string | undefined) {
    for (const [name, measure] of Object.entries(ROWS)) {
        if (only === undefined || only === name) yield { name, ...(await measure()) };
    }
}
