import { ProtocolError } from "@assay/protocol";
import type { Hono } from "hono";
import type { AppParts } from "./parts.ts";

/** Entries of one answer: each has its proof made and checked, which takes a millisecond or two. */
const MOST = 100;

/** What the receipt log holds of this gateway, for everybody: hashes and their proofs, never an id. */
export function addLogRoute(app: Hono, { proofsFrom }: Pick<AppParts, "proofsFrom">): void {
    app.get("/v1/log", async (context) => {
        const from = context.req.query("from") ?? "0";
        if (!/^\d{1,15}$/.test(from)) {
            throw new ProtocolError({ code: "GATEWAY_PARAMETER_UNSUPPORTED", message: '"from" is no sequence.' });
        }
        const data = await proofsFrom({ sequence: Number(from), most: MOST });
        return context.json({ object: "list", data }, 200, { "cache-control": "no-cache" });
    });
}
