import { ProtocolError } from "@assay/protocol";
import type { Hono } from "hono";
import { z } from "zod";
import { atFault } from "../../core/atFault.ts";
import { idFrom } from "../../core/ids.ts";
import { issuesText, memberAt } from "../../core/issues.ts";
import type { AppParts } from "./parts.ts";

type AttestationParts = Pick<AppParts, "models" | "bodyHashes" | "signText" | "attest">;

const signatureQuery = z.object({ model: z.string().optional(), signing_algo: z.literal("ecdsa").default("ecdsa") });
const reportQuery = z.object({
    model: z.string(),
    nonce: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/)
        .optional(),
    signing_address: z
        .string()
        .regex(/^0x[0-9a-fA-F]{40}$/)
        .optional(),
    signing_algo: z.literal("ecdsa").default("ecdsa"),
});

/** What verifiers of Phala and NEAR AI ask for: a signature over both bodies, and reports of the enclaves behind a model. */
export function addAttestationRoutes(app: Hono, { models, bodyHashes, signText, attest }: AttestationParts): void {
    app.get("/v1/signature/:id", async (context) => {
        const id = idFrom(context.req.param("id"));
        const query = signatureQuery.safeParse(context.req.query());
        const exchange = id === undefined || !query.success ? undefined : await bodyHashes.find(id);
        const isAsked = exchange !== undefined && [undefined, exchange.model].includes(query.data?.model);
        if (!isAsked) throw new ProtocolError({ code: "GATEWAY_SIGNATURE_UNKNOWN" });
        const text = [exchange.model, exchange.requestSha256, exchange.responseSha256].join(":");
        const { signature, address } = await signText(text);
        return context.json({ text, signature, signing_address: address, signing_algo: "ecdsa" });
    });
    app.get("/v1/attestation/report", async (context) => {
        const query = reportQuery.safeParse(context.req.query());
        if (!query.success) {
            const [message, cause] = [`${issuesText(query.error)}.`, atFault(memberAt(query.error))];
            throw new ProtocolError({ code: "GATEWAY_BODY_INVALID", message, cause });
        }
        const { model: name, nonce, signing_address: signer } = query.data;
        const model = models.find(name);
        if (model === undefined) throw new ProtocolError({ code: "GATEWAY_MODEL_UNKNOWN" });
        const report = await attest({ model, nonce: nonce?.toLowerCase(), signer: signer?.toLowerCase() });
        return context.json(report, 200, { "cache-control": "no-store" });
    });
}
