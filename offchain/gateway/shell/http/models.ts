import { familyName, type JsonObject, ProtocolError, uintToHex } from "@assay/protocol";
import type { Hono } from "hono";
import type { Model } from "../../core/model.ts";
import { policyName } from "../../core/receiptSummary.ts";
import type { AppParts } from "./parts.ts";

type ModelParts = Pick<AppParts, "models" | "offersOf" | "market" | "config">;

/** What is served, in the shape of OpenAI's list, with what each policy costs. */
export function addModelRoutes(app: Hono, parts: ModelParts): void {
    const { models } = parts;
    app.get("/v1/models", (context) =>
        context.json({ object: "list", data: models.all().map((model) => modelJson(parts, model)) }),
    );
    app.get("/v1/models/:name", (context) => {
        const model = models.find(context.req.param("name"));
        if (model === undefined) throw new ProtocolError({ code: "GATEWAY_MODEL_UNKNOWN" });
        return context.json(modelJson(parts, model));
    });
}

function modelJson({ offersOf, market, config }: ModelParts, model: Model): JsonObject {
    const { modelId, name, route, facts, claimClass, families } = model;
    const { chainId, token } = market;
    return {
        ...model.describe(),
        id: name,
        object: "model",
        /** Registries do not say when. */
        created: 0,
        owned_by: facts.owner,
        modelId,
        route: route === "chat" ? "/v1/chat/completions" : "/v1/infer",
        semantics: facts.semantics,
        claimClass,
        families: families.map(familyName),
        config: config?.routes.includes(model.route) ? { ...config.record, configHash: config.hash } : null,
        policies: offersOf(model).map(({ policy, amount, outputTokenAmount, flow }) => ({
            policy: policyName(policy),
            word: uintToHex(policy),
            flow,
            price: {
                amount: String(amount),
                outputTokenAmount: String(outputTokenAmount),
                asset: token,
                network: `eip155:${chainId}`,
            },
        })),
    };
}
