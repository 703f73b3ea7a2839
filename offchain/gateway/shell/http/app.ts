import { ProtocolError } from "@assay/protocol";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { matchedRoutes } from "hono/route";
import { addAttestationRoutes } from "./attestation.ts";
import { clientOf, createClientLimit, forwardedClient } from "./clients.ts";
import { addDiscoveryRoutes } from "./discovery.ts";
import { faultOf, faultResponse } from "./faults.ts";
import { createInferenceRoute } from "./inference.ts";
import { addLogRoute } from "./log.ts";
import { addModelRoutes } from "./models.ts";
import type { AppParts } from "./parts.ts";
import { addReceiptRoutes } from "./receipts.ts";

const INFERENCE_PATHS = { "/v1/infer": "infer", "/v1/chat/completions": "chat" } as const;
/** What browsers let a page read of a response. */
const EXPOSED_HEADERS = ["PAYMENT-REQUIRED", "PAYMENT-RESPONSE", "X-Assay-Receipt", "Retry-After"];
/** Nothing that is decoded, folded or resolved before it is compared with a route: a path means what its bytes say. */
const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~:@-]+)+$/;
/** As much of an unknown route is said back. */
const MOST_PATH_CHARACTERS = 80;

/** The gateway's HTTP interface. Every route is named here or below; whatever is not, is not there. */
export function createApp(parts: AppParts): Hono {
    const { log } = parts;
    const app = new Hono();
    app.use(measured(parts));
    app.use(
        cors({ origin: "*", allowMethods: ["GET", "POST", "DELETE"], exposeHeaders: EXPOSED_HEADERS, maxAge: 600 }),
    );
    app.use(plainPaths());
    app.use(limited(parts));
    app.onError((error) => faultResponse(faultOf({ error, log })));
    app.notFound((context) => faultResponse(faultOf({ error: routeUnknown(context), log })));
    for (const [path, route] of Object.entries(INFERENCE_PATHS)) {
        app.post(path, createInferenceRoute(parts, route));
        app.all(path, () => {
            const fault = faultOf({ error: new ProtocolError({ code: "GATEWAY_METHOD_UNKNOWN" }), log });
            return faultResponse({ ...fault, headers: { ...fault.headers, allow: "POST, OPTIONS" } });
        });
    }
    addModelRoutes(app, parts);
    addReceiptRoutes(app, parts);
    addLogRoute(app, parts);
    addAttestationRoutes(app, parts);
    addDiscoveryRoutes(app, parts);
    return app;
}

type Step = (context: Context, next: () => Promise<void>) => Promise<Response | undefined>;

/** Counts and times what is answered, under the route's pattern: what callers make up is no label. */
function measured({ metrics, log }: AppParts): Step {
    return async (context, next) => {
        const begunAt = performance.now();
        await next();
        const seconds = (performance.now() - begunAt) / 1_000;
        const { status } = context.res;
        const route = matchedRoutes(context).at(-1)?.path ?? "";
        metrics.answered({ route, status, seconds });
        log.debug({ method: context.req.method, route, status, seconds }, "answered");
        return undefined;
    };
}

/** Refuses what a proxy in front may have read as another path than the router here does. */
function plainPaths(): Step {
    return async (context, next) => {
        const [path = ""] = targetOf(context).split("?", 1);
        if (path !== context.req.path || !PLAIN_PATH.test(path)) throw routeUnknown(context);
        await next();
        return undefined;
    };
}

/** At most so many requests of one client; whether it lives is told to everybody. */
function limited({ limits, isBehindProxy, log }: AppParts): Step {
    const admit = createClientLimit(limits);
    return async (context, next) => {
        const forwarded = isBehindProxy ? forwardedClient(context.req.header("x-forwarded-for")) : undefined;
        const address = forwarded ?? incomingOf(context)?.socket.remoteAddress ?? "";
        const admission = context.req.path === "/health" ? undefined : await admit(clientOf(address));
        if (admission?.status === "refused") {
            const fault = faultOf({ error: new ProtocolError({ code: "GATEWAY_RATE_LIMITED" }), log });
            return faultResponse({
                ...fault,
                headers: { ...fault.headers, "retry-after": String(admission.retrySeconds) },
            });
        }
        await next();
        return undefined;
    };
}

function routeUnknown(context: Context): ProtocolError {
    const path = context.req.path.slice(0, MOST_PATH_CHARACTERS);
    return new ProtocolError({ code: "GATEWAY_ROUTE_UNKNOWN", message: `${context.req.method} ${path} is not there.` });
}

/** The request's target as it came over the wire; URLs are tidied up when they are parsed. */
function targetOf(context: Context): string {
    return incomingOf(context)?.url ?? context.req.path;
}

/** undefined: a request that did not come over a socket. */
function incomingOf(context: Context): HttpBindings["incoming"] | undefined {
    const { incoming }: Partial<HttpBindings> = context.env ?? {};
    return incoming;
}
