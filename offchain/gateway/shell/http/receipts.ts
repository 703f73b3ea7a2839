import { isHex, ProtocolError, toHex } from "@assay/protocol";
import type { Context, Hono } from "hono";
import { idFrom, receiptIdOf } from "../../core/ids.ts";
import type { Standing } from "../../core/life.ts";
import { createEventStream } from "./eventStream.ts";
import type { AppParts } from "./parts.ts";

/** Proxies cut connections that are silent for a minute. */
const KEEP_ALIVE_MS = 20_000;
/** After these nothing follows. */
const LAST: readonly Standing["status"][] = ["settled", "failed", "refunded"];

type ReceiptParts = Pick<AppParts, "life" | "proofOf" | "watchers" | "stopping">;

/** Receipts by id, for whoever holds it; by requestId hashes and verdict, for everybody. */
export function addReceiptRoutes(app: Hono, parts: ReceiptParts): void {
    const { life, proofOf } = parts;
    app.get("/v1/receipts/:id", async (context) => {
        const name = context.req.param("id");
        if (!isHex(name, 32)) return own(standingJson(await standingOf(parts, name)));
        const found = await life.publicStanding(toHex(name, 32));
        if (found === undefined) throw unknown(name);
        return context.json(found, 200, { "cache-control": "no-cache" });
    });
    app.delete("/v1/receipts/:id", async (context) => {
        const { id } = await standingOf(parts, context.req.param("id"));
        if (!(await life.erase(id))) throw unknown(id);
        return own({ id: receiptIdOf(id), isErased: true });
    });
    app.get("/v1/receipts/:id/proof", async (context) => {
        const { id } = await standingOf(parts, context.req.param("id"));
        const proof = await proofOf(id);
        if (proof === undefined) throw unknown(id);
        return own(proof);
    });
    app.get("/v1/receipts/:id/events", (context) => watch(parts, context));
}

/** Where it stands now and at every change, until nothing follows or the reader leaves. */
async function watch(parts: ReceiptParts, context: Context): Promise<Response> {
    const { id } = await standingOf(parts, context.req.param("id") ?? "");
    const release = parts.watchers.take();
    const ended = new AbortController();
    const events = createEventStream({ onGone: () => ended.abort() });
    const signal = AbortSignal.any([ended.signal, context.req.raw.signal, parts.stopping]);
    const alive = setInterval(events.keepAlive, KEEP_ALIVE_MS);
    const onChange = (standing: Standing) => {
        events.send(standingJson(standing));
        if (LAST.includes(standing.status)) ended.abort();
    };
    const close = async () => {
        clearInterval(alive);
        release();
        await events.end();
    };
    parts.life.watch(id, { onChange, signal }).then(close, close);
    return events.response;
}

async function standingOf({ life }: ReceiptParts, name: string): Promise<Standing> {
    const id = idFrom(name);
    const standing = id === undefined ? undefined : await life.standing(id);
    if (standing === undefined) throw unknown(name);
    return standing;
}

/** What is only for whoever holds an id is kept by nobody on the way. */
function own(body: unknown): Response {
    return Response.json(body, { headers: { "cache-control": "private, no-store" } });
}

function standingJson({ id, status, reason, receipt, refund, isErased }: Standing) {
    return {
        id: receiptIdOf(id),
        status,
        reason: reason ?? null,
        refund: refund === undefined ? null : { transaction: refund.transaction ?? null, amount: refund.amount },
        isErased,
        receipt: receipt ?? null,
    };
}

/** As much of a name that is unknown is said back. */
const MOST_NAME_CHARACTERS = 80;

function unknown(name: string): ProtocolError {
    const message = `"${name.slice(0, MOST_NAME_CHARACTERS)}" is no receipt of this gateway.`;
    return new ProtocolError({ code: "GATEWAY_RECEIPT_UNKNOWN", message });
}
