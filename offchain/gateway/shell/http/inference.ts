import { createHash } from "node:crypto";
import type { Context } from "hono";
import { jsonBody } from "../../core/jsonBody.ts";
import type { Call } from "../../core/life.ts";
import type { Route } from "../../core/order.ts";
import { baseUrlOf, bytesOf } from "./_request.ts";
import type { AppParts } from "./parts.ts";
import { streamed } from "./streamed.ts";
import { whole } from "./whole.ts";

/** What answering an inference takes. */
export type InferenceParts = Pick<
    AppParts,
    "life" | "bodyHashes" | "limits" | "places" | "publicUrl" | "metrics" | "log"
>;

/** A call that came in over HTTP. */
export type Question = {
    call: Omit<Call, "sink">;
    /** Of the gateway as the caller reaches it. */
    baseUrl: string;
    requestSha256: string;
};

/** POST of an inference: whoever comes while all places are taken is told before anything is read or done. */
export function createInferenceRoute(parts: InferenceParts, route: Route) {
    return async (context: Context): Promise<Response> => {
        const release = parts.places.take();
        try {
            const question = await read(parts, { context, route });
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

async function read(
    { limits, publicUrl }: InferenceParts,
    { context, route }: { context: Context; route: Route },
): Promise<Question> {
    const bytes = await bytesOf({ context, limit: limits.bodyBytes });
    const baseUrl = baseUrlOf({ context, publicUrl });
    return {
        call: {
            route,
            body: jsonBody(bytes),
            url: `${baseUrl}${context.req.path}`,
            payment: context.req.header("payment-signature"),
            signal: context.req.raw.signal,
        },
        baseUrl,
        requestSha256: createHash("sha256").update(bytes).digest("hex"),
    };
}
