import { hash } from "node:crypto";
import type { Context } from "hono";
import { jsonBody } from "../../core/jsonBody.ts";
import type { Call } from "../../core/life.ts";
import type { Route } from "../../core/order.ts";
import { baseUrlOf, bytesOf } from "./_request.ts";
import type { AppParts } from "./parts.ts";
import { createQuotes, type Quotes } from "./quotes.ts";
import { streamed } from "./streamed.ts";
import { whole } from "./whole.ts";

/** What answering an inference takes. */
export type InferenceParts = Pick<
    AppParts,
    "life" | "bodyHashes" | "limits" | "places" | "publicUrl" | "metrics" | "log"
> & { quotes: Quotes };

/** A call that came in over HTTP. */
export type Question = {
    call: Omit<Call, "sink">;
    /** Of the gateway as the caller reaches it. */
    baseUrl: string;
    requestSha256: string;
};

/** What a quote depends on beside the gateway's prices: where it was asked for, and the body. */
export function quoteKeyOf({ baseUrl, requestSha256 }: Pick<Question, "baseUrl" | "requestSha256">): string {
    return `${requestSha256} ${baseUrl}`;
}

/** POST of an inference: whoever comes while all places are taken is told before anything is read or done. */
export function createInferenceRoute(given: Omit<InferenceParts, "quotes">, route: Route) {
    const parts = { ...given, quotes: createQuotes() };
    return async (context: Context): Promise<Response> => {
        const release = parts.places.take();
        try {
            const request = await read(parts, context);
            const payment = context.req.header("payment-signature");
            const quote = payment === undefined ? parts.quotes.find(quoteKeyOf(request)) : undefined;
            if (quote !== undefined) {
                parts.metrics.ended("unpaid");
                release();
                return quote;
            }
            const question = questionOf({ context, route, request, payment });
            if (route === "infer" || question.call.body?.stream !== true) {
                const response = await whole(parts, question);
                release();
                return response;
            }
            return await streamed(parts, { question, onEnd: release });
        } catch (error) {
            release();
            parts.metrics.ended("refused");
            throw error;
        }
    };
}

type Request = Omit<Question, "call"> & { bytes: Uint8Array };

async function read({ limits, publicUrl }: InferenceParts, context: Context): Promise<Request> {
    const bytes = await bytesOf({ context, limit: limits.bodyBytes });
    return { bytes, baseUrl: baseUrlOf({ context, publicUrl }), requestSha256: hash("sha256", bytes) };
}

function questionOf({
    context,
    route,
    request: { bytes, baseUrl, requestSha256 },
    payment,
}: {
    context: Context;
    route: Route;
    request: Request;
    payment: string | undefined;
}): Question {
    const url = `${baseUrl}${context.req.path}`;
    const call = { route, body: jsonBody(bytes), url, payment, signal: context.req.raw.signal };
    return { call, baseUrl, requestSha256 };
}
