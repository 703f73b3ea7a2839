import { createHash, timingSafeEqual } from "node:crypto";
import { isProtocolError } from "@assay/protocol";
import type { SettleResponse, VerifyResponse } from "@x402/core/types";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { Logger } from "pino";
import { RateLimiterMemory } from "rate-limiter-flexible";
import * as z from "zod";
import { issuesText } from "../../core/issues.ts";
import { parsePayment, parseRequirements } from "../../core/paymentHeader.ts";
import { PaymentRefused } from "../../core/paymentRefused.ts";
import type { Facilitator } from "./facilitator.ts";

/** Who may use a facilitator over HTTP, and how much. */
export type FacilitatorDoor = {
    /** Bearer tokens of those who may settle; settling costs gas, and nobody else may ask for it. */
    bearers: readonly string[];
    /** Calls of everybody together in a minute; verifying asks the chain, and needs no token. */
    callsPerMinute: number;
};

const MOST_BODY_BYTES = 65_536;
const SECONDS_PER_MINUTE = 60;
/** One for everybody: it protects the node, and cannot be got around with other addresses. */
const EVERYBODY = "calls";

const callSchema = z.object({
    x402Version: z.literal(2),
    paymentPayload: z.unknown(),
    paymentRequirements: z.unknown(),
});

/**
 * A facilitator over HTTP, as the official clients speak it: POST /verify, POST /settle, GET /supported. Refusals of
 * payments are answers with status 200; 400 malformed, 401 no token, 429 too often, 503 the chain does not answer, after
 * which it is open whether something was sent.
 */
export function createFacilitatorApp({
    facilitator,
    door,
    log,
}: {
    facilitator: Facilitator;
    door: FacilitatorDoor;
    log: Logger;
}): Hono {
    const pace = new RateLimiterMemory({ points: door.callsPerMinute, duration: SECONDS_PER_MINUTE });
    const app = new Hono();
    app.use("*", bodyLimit({ maxSize: MOST_BODY_BYTES, onError: () => fault(413, "The body is too long.") }));
    app.use("*", async (_context, next) => {
        await pace.consume(EVERYBODY).catch(() => fault(429, "Too many calls."));
        await next();
    });
    app.use("/settle", async ({ req }, next) => {
        if (!isKnown(door.bearers, req.header("authorization"))) fault(401, "A bearer token is needed to settle.");
        await next();
    });
    app.get("/supported", async (context) => context.json(await facilitator.getSupported()));
    app.post("/verify", async (context) => {
        const call = await readCall(context.req.raw);
        return context.json<VerifyResponse>(await facilitator.verify(call.payload, call.requirements));
    });
    app.post("/settle", async (context) => {
        const call = await readCall(context.req.raw);
        return context.json<SettleResponse>(await facilitator.settle(call.payload, call.requirements));
    });
    app.notFound((context) => context.json({ error: "not_found" }, 404));
    app.onError((error, context) => {
        if (error instanceof HTTPException) return context.json({ error: error.message }, error.status);
        const code = isProtocolError(error) ? error.code : undefined;
        log.error({ err: error, code }, "the facilitator could not answer");
        return context.json({ error: "The chain does not answer." }, 503);
    });
    return app;
}

async function readCall(request: Request) {
    const json: unknown = await request.json().catch(() => fault(400, "The body is no JSON."));
    const parsed = callSchema.safeParse(json);
    if (!parsed.success) return fault(400, `${issuesText(parsed.error)}.`);
    try {
        const { paymentPayload, paymentRequirements } = parsed.data;
        return { payload: parsePayment(paymentPayload), requirements: parseRequirements(paymentRequirements) };
    } catch (error) {
        if (error instanceof PaymentRefused) return fault(400, error.reason);
        throw error;
    }
}

/** Compares digests, so that neither content nor length of a token shows in the time it takes. */
function isKnown(bearers: readonly string[], header: string | undefined): boolean {
    const digest = (text: string) => createHash("sha256").update(text).digest();
    const given = digest(header ?? "");
    return bearers.map((bearer) => timingSafeEqual(digest(`Bearer ${bearer}`), given)).includes(true);
}

function fault(status: 400 | 401 | 413 | 429, message: string): never {
    throw new HTTPException(status, { message });
}
