import { z } from "zod";
import { jsonOf, notAnAnswer, send } from "./_http.ts";
import { type Answered, type Asker, type Asking, prepare, receiptIdIn, verified } from "./ask.ts";
import type { Setting } from "./options.ts";
import { expectInput, type InputsGiven, jsonTensors, outputsOf, schemaOf, type Tensor } from "./tensors.ts";

/** A question to a model of tensors. */
export type Inference = Asking & {
    /** By name, each nested in its shape, flat, or with data and shape; of a model with one input also by itself. */
    inputs: InputsGiven;
};

/** A verified answer of a model of tensors. */
export type InferenceAnswer = Answered & { outputs: Record<string, Tensor> };

const answerSchema = z.object({ outputs: z.unknown() });
const modelSchema = z.object({ schema: z.unknown() });

/**
 * Asks a model of tensors, pays for it, and verifies that this model gave these outputs for these inputs. Throws what an
 * exchange, a receipt and its claims can throw.
 */
export async function infer(asker: Asker, { inputs, ...asking }: Inference): Promise<InferenceAnswer> {
    const { setting, exchange } = asker;
    const prepared = prepare(setting, { route: "infer", asking, members: { inputs: jsonTensors(inputs) } });
    const exchanged = await exchange(prepared);
    const { question, response } = exchanged;
    const answer = answerSchema.safeParse(await jsonOf(response));
    if (!answer.success) throw notAnAnswer("It has no outputs.", answer.error);
    const answered = await verified(asker, { question, exchanged, id: receiptIdIn(response) });
    const { receipt } = answered;
    const model = schemaOf({
        given: await schemaGiven(setting, { modelId: receipt.statement.modelId, signal: asking.signal }),
        receipt,
    });
    expectInput({ receipt, inputs, model, content: asking.config?.content });
    return { ...answered, outputs: outputsOf({ receipt, answer: answer.data.outputs, model }) };
}

/** The schema of a model, as its gateway says; its version's hash judges it. */
async function schemaGiven(
    setting: Setting,
    { modelId, signal }: { modelId: string; signal: AbortSignal | undefined },
): Promise<unknown> {
    const response = await send(setting, { method: "GET", path: `/v1/models/${modelId}`, signal });
    const parsed = modelSchema.safeParse(response.status === 200 ? await jsonOf(response) : undefined);
    return parsed.data?.schema;
}
