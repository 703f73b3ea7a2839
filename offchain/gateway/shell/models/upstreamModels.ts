import { failure, readAtMost } from "@assay/executor/parts";
import { canonicalJson, FAMILIES, isProtocolError, ProtocolError } from "@assay/protocol";
import { z } from "zod";
import { type ChatModel, readChat } from "../../core/chat.ts";
import { chatOutput, presentChat } from "../../core/chatOutput.ts";
import { PARAMETER_NAMES } from "../../core/chatParameters.ts";
import type { Model, Outcome } from "../../core/model.ts";
import { remoteChatSpec, upstreamRoutes } from "../../core/remote.ts";
import {
    createStreamReader,
    readCompletion,
    type UpstreamAnswer,
    type UpstreamFault,
} from "../../core/upstreamAnswer.ts";
import { askStream, askWhole, type Upstream } from "./askUpstream.ts";
import type { ModelsDeps, UpstreamSettings } from "./deps.ts";
import type { Registrar } from "./registrar.ts";

const DEFAULT_IDLE_TIMEOUT_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 600_000;
const DEFAULT_TOKENS = 1_024;
const MOST_TOKENS = 32_768;
const MOST_MODELS = 100;
const MOST_LIST_BYTES = 1 << 20;
const LIST_TIMEOUT_MS = 10_000;

const name = z.string().regex(/^[\x21-\x7e]{1,128}$/);
const list = z.object({
    data: z
        .array(z.object({ id: name }))
        .min(1)
        .max(MOST_MODELS),
});
const requestSchema = z.looseObject({
    salt: z.string(),
    messages: z.array(z.json()),
    postprocessing: z.object({ trim: z.literal(true) }).optional(),
});

type Parts = { host: string; model: string; upstream: Upstream; registrar: Registrar };
type Question = Parameters<Model["run"]>[0];

/**
 * The models of an upstream, each a REMOTE version whose claim class is GATEWAY: what it is, nobody here can know. Throws
 * GATEWAY_SETTINGS_INVALID, GATEWAY_UPSTREAM_UNREACHABLE.
 */
export async function upstreamModels(
    { fetch, log, upstream: settings }: ModelsDeps & { upstream: UpstreamSettings },
    { registrar, orLeaveOut }: { registrar: Registrar; orLeaveOut: (work: () => Promise<Model>) => Promise<Model[]> },
): Promise<Model[]> {
    const { host, chat, models: listUrl, isEncrypted } = upstreamRoutes(settings.url);
    if (!isEncrypted) log.warn({ host }, "the upstream is asked without encryption: anybody between can answer for it");
    const { key, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS, timeoutMs = DEFAULT_TIMEOUT_MS } = settings;
    const upstream: Upstream = { url: chat, key, idleTimeoutMs, timeoutMs, fetch };
    const given = z.array(name).safeParse(settings.models);
    if (!given.success)
        throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message: "A name of an upstream's model." });
    const names = given.data.length > 0 ? given.data : await listed({ upstream, listUrl });
    const models: Model[] = [];
    for (const model of names) {
        models.push(...(await orLeaveOut(() => createUpstreamModel({ host, model, upstream, registrar }))));
    }
    return models;
}

async function createUpstreamModel({ host, model, upstream, registrar }: Parts): Promise<Model> {
    const spec = remoteChatSpec({ host, model });
    const registered = await registrar.find({ name: model, spec, compiledDir: undefined });
    const chat: ChatModel = {
        model,
        readsTextOnly: false,
        parameters: PARAMETER_NAMES,
        defaults: { max_tokens: DEFAULT_TOKENS },
        mostTokens: MOST_TOKENS,
    };
    return {
        ...registered,
        name: model,
        route: "chat",
        claimClass: "GATEWAY",
        families: [FAMILIES.SIGNED],
        describe: () => ({
            upstream: host,
            parameters: [...chat.parameters],
            defaults: { ...chat.defaults },
            limits: { outputTokens: MOST_TOKENS },
        }),
        read: (body, given) => {
            const { texts: _, ...reading } = readChat({ body, ...given, chat });
            return reading;
        },
        run: async (question) => outcomeOf({ host, model, answer: await answerOf({ model, upstream, question }) }),
        present: ({ output }) => presentChat(output),
        prove: async () => {
            throw new Error(`${model} has signatures only.`);
        },
    };
}

type Asking = { model: string; upstream: Upstream; question: Question };

async function answerOf({ model, upstream, question }: Asking): Promise<UpstreamAnswer | UpstreamFault> {
    const { input, signal, onPiece } = question;
    const { salt: _, postprocessing, ...sent } = requestSchema.parse(JSON.parse(new TextDecoder().decode(input)));
    const trim = postprocessing !== undefined;
    if (onPiece === undefined) {
        const json = await askWhole({ upstream, body: canonicalJson(sent), signal });
        return json === undefined ? "failed" : readCompletion({ json, model, trim });
    }
    const reader = createStreamReader({ model, trim });
    const body = canonicalJson({ ...sent, stream: true, stream_options: { include_usage: true } });
    let fault: UpstreamFault | undefined;
    const onChunk = (json: unknown): boolean => {
        const choices = reader.chunk(json);
        if (typeof choices === "string") fault = choices;
        else if (choices.length > 0) onPiece({ choices });
        return fault === undefined;
    };
    const isWhole = await askStream({ upstream, body, signal, onChunk });
    return fault ?? (isWhole ? reader.end() : "failed");
}

function outcomeOf({
    host,
    model,
    answer,
}: {
    host: string;
    model: string;
    answer: UpstreamAnswer | UpstreamFault;
}): Outcome {
    if (typeof answer === "string") {
        const upstream = { host, model, id: null, fingerprint: null };
        return {
            ...failure(answer === "failed" ? "MODEL_FAILED" : "OUTPUT_INVALID"),
            usage: null,
            upstream,
        };
    }
    const { choices, usage, id, fingerprint } = answer;
    const upstream = { host, model, id, fingerprint };
    return { resultCode: 0, output: chatOutput(choices), usage, upstream };
}

/** All models that the upstream says it has. */
async function listed({ upstream: { key, fetch }, listUrl }: { upstream: Upstream; listUrl: URL }): Promise<string[]> {
    const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
    try {
        const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
        const response = await fetch(listUrl, { headers, redirect: "error", signal });
        if (!response.ok) {
            await response.body?.cancel();
            throw unlisted(`${listUrl.origin} answers ${response.status} when asked for its models.`);
        }
        const bytes = response.body && (await readAtMost({ body: response.body, limit: MOST_LIST_BYTES }));
        return list.parse(JSON.parse(new TextDecoder().decode(bytes ?? undefined))).data.map(({ id }) => id);
    } catch (cause) {
        if (isProtocolError(cause, "GATEWAY_UPSTREAM_UNREACHABLE")) throw cause;
        throw unlisted(`${listUrl.origin} ${silence(cause)}.`, cause);
    }
}

/** `fetch` throws a TypeError with the system's reason when there was no answer at all. */
function silence(cause: unknown): string {
    if (!(cause instanceof Error)) return "does not list its models";
    if (cause.name === "TimeoutError") return `does not answer within ${LIST_TIMEOUT_MS / 1_000} s`;
    if (!(cause instanceof TypeError)) return "does not list its models as OpenAI does";
    const { cause: reason } = cause;
    const isSystem = reason instanceof Error && "code" in reason && typeof reason.code === "string";
    return isSystem
        ? `cannot be connected to (${reason.code})`
        : "gives no answer: it redirects, or the connection broke";
}

function unlisted(message: string, cause?: unknown): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_UPSTREAM_UNREACHABLE", message, cause });
}
