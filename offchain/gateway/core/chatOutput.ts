import { canonicalJson, type JsonObject } from "@assay/protocol";
import * as z from "zod";

const json = z.record(z.string(), z.json());
const choice = z.strictObject({ index: z.int().min(0), message: json, finish_reason: z.string() });
const answer = z.strictObject({ choices: z.array(choice).min(1) });

/** One answer of a chat, as OpenAI's completions have it. */
export type Choice = z.output<typeof choice>;

/** Canonical output bytes of a chat: JCS of its choices, each with index, message and finish_reason. */
export function chatOutput(choices: readonly Choice[]): Uint8Array {
    return new TextEncoder().encode(canonicalJson({ choices: choices.map((one) => ({ ...one })) }));
}

/** What a response says of canonical output bytes. */
export function presentChat(output: Uint8Array): JsonObject {
    return { choices: answer.parse(JSON.parse(new TextDecoder().decode(output))).choices };
}
