import type { Hono } from "hono";
import { openApi } from "../../core/openApi.ts";
import type { Route } from "../../core/order.ts";
import manifest from "../../package.json" with { type: "json" };
import { baseUrlOf } from "./_request.ts";
import type { AppParts } from "./parts.ts";

type DiscoveryParts = Pick<
    AppParts,
    "models" | "offersOf" | "market" | "publicUrl" | "metrics" | "life" | "isJournalling" | "stopping"
>;

const PATHS: Record<Route, string> = { infer: "/v1/infer", chat: "/v1/chat/completions" };

/** What machines read before they pay, and what operators watch. */
export function addDiscoveryRoutes(app: Hono, parts: DiscoveryParts): void {
    const { market, publicUrl, metrics, life, isJournalling, stopping } = parts;
    const { chainId, token, payTo } = market;
    app.get("/.well-known/x402", (context) => {
        const baseUrl = baseUrlOf({ context, publicUrl });
        const paid = Object.keys(pricesOf(parts)).map(
            (route) => `${baseUrl}${PATHS[route === "chat" ? "chat" : "infer"]}`,
        );
        return context.json({ version: 1, resources: paid });
    });
    app.get("/openapi.json", (context) =>
        context.json(
            openApi({
                version: manifest.version,
                serverUrl: baseUrlOf({ context, publicUrl }),
                prices: pricesOf(parts),
                network: `eip155:${chainId}`,
                asset: token,
                payTo,
            }),
        ),
    );
    app.get("/health", async (context) => {
        const ok = !stopping.aborted && (await isJournalling());
        return context.json({ ok, underWay: life.underWay() }, ok ? 200 : 503, { "cache-control": "no-store" });
    });
    app.get("/metrics", async (context) =>
        context.body(await metrics.text(), 200, { "content-type": metrics.contentType }),
    );
}

/** The dearest quote that is told of: answers of so many tokens. */
const DEAR_TOKENS = 4_096n;

/** Least and highest amount of each route that somebody pays for, in whole units of the token. */
function pricesOf({ models, offersOf, market }: DiscoveryParts): Partial<Record<Route, { min: string; max: string }>> {
    const entries = (["infer", "chat"] as const).flatMap((route) => {
        const listed = models.all().flatMap((model) => (model.route === route ? offersOf(model) : []));
        const least = listed.map(({ amount, outputTokenAmount }) => amount + outputTokenAmount);
        const most = listed.map(({ amount, outputTokenAmount }) => amount + DEAR_TOKENS * outputTokenAmount);
        const max = most.reduce((a, b) => (a > b ? a : b), 0n);
        if (max === 0n) return [];
        const min = least.reduce((a, b) => (a < b ? a : b));
        return [[route, { min: decimalOf(min, market.decimals), max: decimalOf(max, market.decimals) }] as const];
    });
    return Object.fromEntries(entries);
}

function decimalOf(amount: bigint, decimals: number): string {
    const digits = String(amount).padStart(decimals + 1, "0");
    const whole = digits.slice(0, digits.length - decimals);
    const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
    return fraction === "" ? whole : `${whole}.${fraction}`;
}
