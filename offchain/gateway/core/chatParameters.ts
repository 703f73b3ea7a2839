import type { Configuration, JsonObject } from "@assay/protocol";
import * as z from "zod";
import { bodyInvalid, memberInvalid, unsupported } from "./_refusal.ts";

const jsonValue = z.json();
const json = z.record(z.string(), jsonValue);
const flag = z.boolean().nullish();
const streamOptions = z.strictObject({ include_usage: flag }).nullish();
const tokens = z.int().min(1).max(1_000_000);

/** Form of every parameter that some model obeys, in OpenAI's names. */
export const FORMS = {
    temperature: z.number().min(0).max(2),
    top_p: z.number().min(0).max(1),
    seed: z.int(),
    max_tokens: tokens,
    max_completion_tokens: tokens,
    stop: z.union([
        z
            .string()
            .min(1)
            .transform((one) => [one]),
        z.array(z.string().min(1)).max(4),
    ]),
    presence_penalty: z.number().min(-2).max(2),
    frequency_penalty: z.number().min(-2).max(2),
    logit_bias: z.record(z.string(), z.number()),
    reasoning_effort: z.string(),
    response_format: json,
    tools: z.array(json).min(1),
    tool_choice: z.union([z.string(), json]),
    parallel_tool_calls: z.boolean(),
    user: z.string(),
} as const;

/** A parameter that a model may obey. */
export type ParameterName = keyof typeof FORMS;

/** All of them. */
export const PARAMETER_NAMES = Object.keys(FORMS).filter(isParameterName);

/** Values that ask for what happens anyway: whoever obeys nothing else obeys these. */
const NEUTRAL: ReadonlyMap<string, string> = new Map([
    ["n", "1"],
    ["logprobs", "false"],
    ["store", "false"],
    ["presence_penalty", "0"],
    ["frequency_penalty", "0"],
    ["logit_bias", "{}"],
    ["response_format", '{"type":"text"}'],
]);

/** Read elsewhere. */
const OTHERS: ReadonlySet<string> = new Set(["model", "messages", "stream", "stream_options", "verification"]);

/** What a model can obey. */
export type Abilities = {
    parameters: readonly ParameterName[];
    /** Of what neither request nor configuration says. */
    defaults: Partial<Record<ParameterName, z.infer<typeof jsonValue>>> & { max_tokens: number };
    /** Tokens of one answer at most. */
    mostTokens: number;
};

/** Parameters in effect, and output tokens at most. */
export type Parameters = { parameters: JsonObject; mostTokens: number; isStream: boolean };

/**
 * All parameters in effect: those of the request, else of the configuration, else of the model. Throws
 * GATEWAY_PARAMETER_UNSUPPORTED for any that the model cannot obey, and GATEWAY_BODY_INVALID for one of another form.
 */
export function readParameters({
    body,
    config,
    abilities,
}: {
    body: JsonObject;
    config: Configuration;
    abilities: Abilities;
}): Parameters {
    const isStream = readStream(body);
    const asked = askedParameters({ body, abilities });
    const configured = { ...config.sampling };
    const { max_tokens: standard, ...defaults } = abilities.defaults;
    const limit = limitOf({ asked, otherwise: configured.max_tokens ?? standard });
    if (limit.tokens > abilities.mostTokens) {
        throw unsupported(`"${limit.name}" is ${limit.tokens}. Ask for at most ${abilities.mostTokens}.`, limit.name);
    }
    const { max_tokens: _a, ...sampling } = configured;
    const known = Object.entries(sampling).filter(([name]) => abilities.parameters.some((one) => one === name));
    if (known.length < Object.keys(sampling).length) throw unsupported("The configuration's sampling goes beyond it.");
    const { max_tokens: _b, max_completion_tokens: _c, ...rest } = asked;
    const parameters = { ...defaults, ...Object.fromEntries(known), ...rest, [limit.name]: limit.tokens };
    return { parameters: json.parse(parameters), mostTokens: limit.tokens, isStream };
}

function askedParameters({ body, abilities }: { body: JsonObject; abilities: Abilities }): JsonObject {
    const asked: JsonObject = {};
    for (const [name, value] of Object.entries(body)) {
        // OpenAI's clients write null for what they leave out.
        if (OTHERS.has(name) || value === null) continue;
        if (isParameterName(name) && abilities.parameters.includes(name)) asked[name] = parsed({ name, value });
        else if (NEUTRAL.get(name) !== JSON.stringify(value))
            throw unsupported(`"${name.slice(0, 100)}" is not obeyed.`, name);
    }
    return asked;
}

function parsed({ name, value }: { name: ParameterName; value: unknown }): JsonObject[string] {
    const result = FORMS[name].safeParse(value);
    if (result.success) return jsonValue.parse(result.data);
    throw memberInvalid(name, result.error);
}

/** Two names of one limit; whoever gives both has to mean the same. */
function limitOf({ asked, otherwise }: { asked: JsonObject; otherwise: number }) {
    const { max_tokens: old, max_completion_tokens: present } = asked;
    if (old !== undefined && present !== undefined && old !== present) {
        throw bodyInvalid("max_tokens and max_completion_tokens differ.", "max_tokens");
    }
    const name = present === undefined ? "max_tokens" : "max_completion_tokens";
    return { name, tokens: tokens.parse(present ?? old ?? otherwise) } as const;
}

function readStream({ stream, stream_options: options }: JsonObject): boolean {
    const isStream = flag.safeParse(stream);
    if (!isStream.success) throw bodyInvalid('"stream" has to be true or false.', "stream");
    const wanted = streamOptions.safeParse(options);
    if (!wanted.success) throw unsupported('"stream_options" has "include_usage" only.', "stream_options");
    if (options !== undefined && options !== null && isStream.data !== true) {
        throw bodyInvalid('"stream_options" is given without "stream".', "stream_options");
    }
    return isStream.data === true;
}

function isParameterName(name: string): name is ParameterName {
    return Object.hasOwn(FORMS, name);
}
