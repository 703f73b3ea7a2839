import { hash } from "node:crypto";
import type { JsonObject } from "@assay/protocol";
import { completion } from "../../core/completion.ts";
import { receiptIdOf } from "../../core/ids.ts";
import type { Reply } from "../../core/life.ts";
import { receiptSummary } from "../../core/receiptSummary.ts";
import { type InferenceParts, type Question, quoteKeyOf } from "./inference.ts";
import { headersOf, receiptUrl, writeUnserved } from "./replies.ts";

type Served = Extract<Reply, { status: "served" }>;

/** Answers a call in one piece. */
export async function whole(parts: InferenceParts, question: Question): Promise<Response> {
    const reply = await parts.life.serve(question.call);
    parts.metrics.ended(reply.status);
    if (reply.status !== "served") {
        const written = writeUnserved(reply, question);
        parts.quotes.keep(quoteKeyOf(question), { reply, written });
        const { status, headers, body } = written;
        return Response.json(body, { status, headers });
    }
    const text = JSON.stringify(bodyOf(reply, question));
    const { id, modelName } = reply;
    await parts.bodyHashes.keep({
        id,
        model: modelName,
        requestSha256: question.requestSha256,
        responseSha256: hash("sha256", text),
    });
    return new Response(text, { headers: { ...headersOf(reply), "content-type": "application/json" } });
}

function bodyOf(reply: Served, { call, baseUrl }: Question): JsonObject {
    const { id, modelName, createdAt, answer, usage, receipt, stands: status } = reply;
    const summary = receiptSummary({ id, url: receiptUrl({ baseUrl, id }), receipt, status });
    if (call.route === "chat") {
        // OpenAI's body and nothing else, unless somebody asked about evidence.
        const extra = call.body?.verification === undefined ? {} : { verification: { receipt: summary } };
        return { ...completion(reply, { answer, usage }), ...extra };
    }
    return {
        id: receiptIdOf(id),
        object: "inference",
        created: createdAt,
        model: modelName,
        ...answer,
        usage,
        receipt: summary,
    };
}
