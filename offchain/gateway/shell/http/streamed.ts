import type { JsonObject } from "@assay/protocol";
import { choicesOf } from "../../core/completion.ts";
import type { Head, Reply } from "../../core/life.ts";
import { receiptSummary } from "../../core/receiptSummary.ts";
import { type CompletionStream, createCompletionStream } from "./completionStream.ts";
import { faultOf } from "./faults.ts";
import { type InferenceParts, type Question, quoteKeyOf } from "./inference.ts";
import { headersOf, receiptUrl, writeUnserved } from "./replies.ts";

type Served = Extract<Reply, { status: "served" }>;

/**
 * Answers a call in pieces: the response begins with the first one. What fails before is an ordinary refusal, what fails
 * later is the last event. `onEnd` is called when nothing of the call is under way any more, unless this throws.
 */
export async function streamed(
    parts: InferenceParts,
    { question, onEnd }: { question: Question; onEnd: () => void },
): Promise<Response> {
    const begun = Promise.withResolvers<Response>();
    let stream: CompletionStream | undefined;
    const open = (head: Head): CompletionStream => {
        const { body } = question.call;
        stream = createCompletionStream({ head, headers: headersOf(head), wantsUsage: wantsUsage(body) });
        begun.resolve(stream.response);
        return stream;
    };
    const answer = async () => {
        const sink = {
            start: (head: Head) => void open(head),
            piece: ({ choices }: { choices: readonly JsonObject[] }) => stream?.piece(choices),
        };
        const reply = await parts.life.serve({ ...question.call, sink });
        parts.metrics.ended(reply.status);
        if (reply.status === "served") {
            await complete(parts, { question, reply, stream: stream ?? replay(open(reply), reply) });
            return;
        }
        const written = writeUnserved(reply, question);
        parts.quotes.keep(quoteKeyOf(question), { reply, written });
        const { status, headers, body } = written;
        if (stream === undefined) begun.resolve(Response.json(body, { status, headers }));
        else await stream.fail(body);
    };
    answer()
        .catch(async (error: unknown) => {
            if (stream === undefined) throw error;
            parts.metrics.ended("failed");
            await stream.fail(faultOf({ error, log: parts.log }).body);
        })
        .then(onEnd, begun.reject);
    return begun.promise;
}

/** Whoever comes back for an answer gets it as a stream, too, if it asked for one. */
function replay(stream: CompletionStream, { answer }: Served): CompletionStream {
    for (const choices of choicesOf(answer)) stream.piece(choices);
    return stream;
}

async function complete(
    { bodyHashes }: InferenceParts,
    { question, reply, stream }: { question: Question; reply: Served; stream: CompletionStream },
): Promise<void> {
    const { id, modelName, usage, receipt, stands: status } = reply;
    const { call, baseUrl, requestSha256 } = question;
    const summary = () => receiptSummary({ id, url: receiptUrl({ baseUrl, id }), receipt, status });
    await stream.end({
        usage,
        assay: call.body?.verification === undefined ? undefined : { receipt: summary() },
        before: (responseSha256) => bodyHashes.keep({ id, model: modelName, requestSha256, responseSha256 }),
    });
}

function wantsUsage(body: JsonObject | undefined): boolean {
    const options = body?.stream_options;
    return (
        typeof options === "object" && options !== null && "include_usage" in options && options.include_usage === true
    );
}
