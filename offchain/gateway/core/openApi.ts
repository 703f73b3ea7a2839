import { type JsonObject, verificationSchema } from "@assay/protocol";
import * as z from "zod";
import { FORMS } from "./chatParameters.ts";
import { faultBody } from "./faultBody.ts";

const name = z.string().describe("One of GET /v1/models, or its modelId.");
const verification = verificationSchema
    .optional()
    .describe("How sure the answer has to be; without it, the policy of the payment counts.");

const inferBody = z.strictObject({
    model: name,
    inputs: z
        .union([z.record(z.string(), z.json()), z.array(z.json())])
        .describe("Tensors by name: nested or flat lists, or { data, shape }; int64 beyond 2^53 as decimal strings."),
    verification,
});
const chatBody = z.strictObject({
    model: name,
    messages: z.array(z.object({ role: z.string(), content: z.json() })).min(1),
    stream: z.boolean().optional(),
    stream_options: z.strictObject({ include_usage: z.boolean() }).optional(),
    /** Which of these a model obeys, GET /v1/models tells. */
    ...z.object(FORMS).partial().shape,
    verification,
});

/** What the document says beside what is always so. */
export type Described = {
    version: string;
    serverUrl: string;
    /** Least and highest amount that is asked for now, by route; undefined = nobody pays there. */
    prices: Partial<Record<"infer" | "chat", { min: string; max: string }>>;
    network: string;
    asset: string;
    payTo: string;
};

/** The OpenAPI 3.1 description of the gateway, with what is paid where. */
export function openApi(described: Described): JsonObject {
    const json = (schema: z.ZodType): JsonObject => toJson(z.toJSONSchema(schema, { io: "input" }));
    return {
        openapi: "3.1.0",
        info: { title: "Assay gateway", version: described.version, description: ABOUT },
        servers: [{ url: described.serverUrl }],
        paths: {
            "/v1/infer": {
                post: paid(described, { route: "infer", summary: "Tensors in, tensors out.", body: json(inferBody) }),
            },
            "/v1/chat/completions": {
                post: paid(described, { route: "chat", summary: "OpenAI's chat completion.", body: json(chatBody) }),
            },
            ...FREE,
        },
        components: { schemas: { Error: ERROR } },
    };
}

const ABOUT =
    "Inference with a receipt that proves what ran. Prices depend on the policy; the 402 response has the quote.";
const REF = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
const ERROR: JsonObject = {
    type: "object",
    properties: {
        error: { type: "object", properties: textMembers(faultBody({ status: 400, code: "", message: "" }).error) },
    },
};

const FREE: JsonObject = {
    "/v1/models": { get: free("Models with their policies and prices.") },
    "/v1/models/{name}": { get: free("One of them.", ["name"]) },
    "/v1/receipts/{id}": {
        get: free("By its id: the receipt and where it stands. By 0x requestId: hashes and verdict.", ["id"]),
        delete: free("Deletes contents; hashes stay.", ["id"]),
    },
    "/v1/receipts/{id}/proof": { get: free("Inclusion in a settled batch.", ["id"]) },
    "/v1/receipts/{id}/events": { get: free("Server-sent events: where it stands, at every change.", ["id"]) },
    "/v1/log": { get: free("What the receipt log holds, from a sequence on.", [], ["from"]) },
    "/v1/signature/{id}": { get: free("Signature over sha256 of both bodies.", ["id"]) },
    "/v1/attestation/report": {
        get: free("Documents of the enclaves behind a model.", [], ["model", "nonce", "signing_address"]),
    },
    "/.well-known/x402": { get: free("What is paid for here.") },
    "/health": { get: free("Whether it serves.") },
    "/metrics": { get: free("Figures for Prometheus.") },
};

function free(summary: string, inPath: readonly string[] = [], inQuery: readonly string[] = []): JsonObject {
    const schema = { type: "string" };
    const parameters = [
        ...inPath.map((of) => ({ name: of, in: "path", required: true, schema })),
        ...inQuery.map((of) => ({ name: of, in: "query", required: false, schema })),
    ];
    return {
        summary,
        parameters,
        responses: { "200": { description: "OK" }, default: { description: "Error", content: REF } },
    };
}

function paid(
    { prices, network, asset, payTo }: Described,
    { route, summary, body }: { route: "infer" | "chat"; summary: string; body: JsonObject },
): JsonObject {
    const price = prices[route];
    return {
        summary,
        requestBody: { required: true, content: { "application/json": { schema: body } } },
        responses: {
            "200": { description: "The answer." },
            ...(price === undefined
                ? {}
                : { "402": { description: "A quote, in the PAYMENT-REQUIRED header.", content: REF } }),
            default: { description: "Error", content: REF },
        },
        ...(price === undefined ? {} : { "x-payment-info": paymentInfo(price) }),
    };

    function paymentInfo({ min, max }: { min: string; max: string }): JsonObject {
        return {
            price: { mode: "dynamic", currency: "USD", min, max },
            protocols: [{ x402: { scheme: "exact", network, asset, payTo } }],
        };
    }
}

function textMembers(example: object): JsonObject {
    return Object.fromEntries(Object.keys(example).map((member) => [member, { type: ["string", "null"] }]));
}

/** A JSON schema is JSON; its type allows members that are undefined, which JSON leaves out. */
function toJson(value: unknown): JsonObject {
    return z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(value)));
}
