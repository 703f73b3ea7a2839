import { canonicalJson, type GatewayReceipt, hexToBytes, type JsonObject } from "@assay/protocol";
import { z } from "zod";
import { mismatch } from "./claims.ts";

/** One message of a chat. */
export type Message = { role: string; content: string; [member: string]: unknown };

/** One finished answer of a chat. */
export type Choice = { index: number; message: Message; finish_reason: string };

const message = z.looseObject({ role: z.string(), content: z.string() });
const effectiveSchema = z.looseObject({ messages: z.array(message), salt: z.string() });
const outputSchema = z.strictObject({
    choices: z.array(z.looseObject({ index: z.int(), message, finish_reason: z.string() })),
});

/** Members of a request that say how to answer, not what. */
const ASIDE: readonly string[] = ["model", "messages", "stream", "stream_options", "verification", "user", "metadata"];
/** OpenAI's two names of one parameter. */
const OTHER_NAME: Readonly<Record<string, string>> = { max_completion_tokens: "max_tokens" };

/**
 * What ran is what was asked: every message in order, and nothing else but what a configuration put there, which is
 * given back; every parameter as it was sent, unless a configuration sets it. Throws SDK_ANSWER_MISMATCH.
 */
export function expectChat({
    receipt,
    body,
    isShaped,
}: {
    receipt: GatewayReceipt;
    body: JsonObject;
    /** Whether a configuration that was asked for shaped it. */
    isShaped: boolean;
}): Message[] {
    const effective = effectiveSchema.safeParse(jsonIn(receipt.input));
    if (!effective.success) throw mismatch("The input of the receipt is no chat.");
    if (effective.data.salt !== receipt.context?.salt) throw mismatch("Input and context have different salts.");
    const effectiveBody: Record<string, unknown> = effective.data;
    for (const [name, value] of Object.entries(body)) {
        if (ASIDE.includes(name) || isShaped) continue;
        const ran = [name, OTHER_NAME[name] ?? name].map((member) => effectiveBody[member]);
        if (!ran.some((found) => found !== undefined && canonicalJson(found) === canonicalJson(value))) {
            throw mismatch(`It did not run with the ${name} that was sent.`);
        }
    }
    const others = injected({ asked: z.array(message).parse(body.messages), ran: effective.data.messages });
    if (others.length > 0 && !isShaped) throw mismatch(`It ran with ${others.length} messages that were not sent.`);
    return others;
}

/** Messages that ran besides those that were asked, which must all have run, in order. */
function injected({ asked, ran }: { asked: readonly Message[]; ran: readonly Message[] }): Message[] {
    let at = 0;
    const others = ran.filter((one) => {
        const isAsked = asked[at] !== undefined && canonicalJson(asked[at]) === canonicalJson(one);
        if (isAsked) at += 1;
        return !isAsked;
    });
    if (at < asked.length) throw mismatch(`Message ${at} did not reach the model as it was sent.`);
    return others;
}

/** The choices of a receipt, read from the bytes that its statement commits to; throws SDK_ANSWER_MISMATCH. */
export function choicesOf(receipt: GatewayReceipt): Choice[] {
    const output = outputSchema.safeParse(jsonIn(receipt.output));
    if (output.success) return output.data.choices;
    throw mismatch("The output of the receipt is no chat.");
}

/** What was shown is what the receipt holds; throws SDK_ANSWER_MISMATCH. */
export function expectShown({ shown, choices }: { shown: unknown; choices: readonly Choice[] }): void {
    const isSame = isJson(shown) && canonicalJson(shown) === canonicalJson(choices);
    if (!isSame) throw mismatch("The answer that was shown is not the one that was signed.");
}

function isJson(value: unknown): boolean {
    return z.json().safeParse(value).success;
}

function jsonIn(hex: string | undefined): unknown {
    try {
        return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(hexToBytes(hex ?? "0x")));
    } catch {
        return undefined;
    }
}
