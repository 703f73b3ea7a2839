import { ProtocolError } from "@assay/protocol";
import { z } from "zod";
import { postJson } from "./_postJson.ts";

/** An Ethereum JSON-RPC endpoint, one method at a time. */
export interface Rpc {
    /**
     * The result of a call, not yet parsed. Throws EXECUTOR_RPC_UNREACHABLE when there is no answer (what was asked may
     * have been done all the same), and RpcRefusal when the endpoint answers with an error.
     */
    request(call: { method: string; params: readonly unknown[]; signal?: AbortSignal | undefined }): Promise<unknown>;
}

/** The endpoint answered with an error. `data` is what a reverted call returned, if it was one. */
export class RpcRefusal extends ProtocolError {
    readonly rpcCode: number;
    readonly rpcMessage: string;
    readonly data: string | undefined;

    constructor({ method, error }: { method: string; error: z.infer<typeof errorSchema> }) {
        super({ code: "EXECUTOR_RPC_REFUSED", message: `${method}: ${error.message} (${error.code}).` });
        this.rpcCode = error.code;
        this.rpcMessage = error.message;
        this.data = revertData(error.data);
    }
}

/** An endpoint that is silent for this long is taken as unreachable. */
const ANSWER_TIMEOUT_MS = 20_000;

const errorSchema = z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() });
const answerSchema = z.union([z.object({ error: errorSchema }), z.object({ result: z.unknown() })]);
const nestedData = z.object({ data: z.string() });

/** An endpoint over HTTP. It never tries again by itself: whoever asks knows what a repetition means. */
export function createHttpRpc({ url, timeoutMs = ANSWER_TIMEOUT_MS }: { url: string; timeoutMs?: number }): Rpc {
    let id = 0;
    return {
        request: async ({ method, params, signal }) => {
            id += 1;
            const body = JSON.stringify({ jsonrpc: "2.0", id, method, params });
            const timeout = AbortSignal.timeout(timeoutMs);
            const answer = await post({
                url,
                body,
                method,
                signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
            });
            return resultOf({ method, answer });
        },
    };
}

/** The result in an answer of JSON-RPC, or the error it names. */
export function resultOf({ method, answer }: { method: string; answer: unknown }): unknown {
    const parsed = answerSchema.safeParse(answer);
    if (!parsed.success) throw new ProtocolError({ code: "EXECUTOR_RPC_INVALID", message: `${method}: no result.` });
    if ("error" in parsed.data) throw new RpcRefusal({ method, error: parsed.data.error });
    return parsed.data.result;
}

async function post({
    url,
    body,
    method,
    signal,
}: {
    url: string;
    body: string;
    method: string;
    signal: AbortSignal;
}): Promise<unknown> {
    try {
        return await postJson({ url, body, signal });
    } catch (cause) {
        throw new ProtocolError({ code: "EXECUTOR_RPC_UNREACHABLE", message: `${method}: no answer.`, cause });
    }
}

/** Nodes put the data of a revert into `data` itself, or one level below. */
function revertData(data: unknown): string | undefined {
    if (typeof data === "string") return data.startsWith("0x") ? data : undefined;
    const nested = nestedData.safeParse(data);
    return nested.success ? nested.data.data : undefined;
}
