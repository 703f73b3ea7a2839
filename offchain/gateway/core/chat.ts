import { canonicalJson, type Hex, type JsonObject, parseConfiguration } from "@assay/protocol";
import { type Conversation, readMessages } from "./chatMessages.ts";
import { type Abilities, readParameters } from "./chatParameters.ts";
import type { Reading } from "./model.ts";

/** What there is of a chat model, for reading its requests. */
export type ChatModel = Abilities & {
    /** As effective requests name it. */
    model: string;
    readsTextOnly: boolean;
    /** Parameters that depend on the salt, such as a seed that nobody chose. */
    drawn?: ((salt: Hex) => JsonObject) | undefined;
};

/** A chat that was read: what Model.read gives, and the conversation's text. */
export type ChatReading = Reading & { texts: Conversation["texts"] };

/**
 * The effective request of a chat: model, messages after system prompt, trimming and template, every parameter in effect
 * and what is done to the answer; its input is the canonical JSON of that with the salt. Throws GATEWAY_BODY_INVALID,
 * GATEWAY_PARAMETER_UNSUPPORTED.
 */
export function readChat({
    body,
    salt,
    config: given,
    chat,
}: {
    body: JsonObject;
    salt: Hex;
    config: JsonObject | undefined;
    chat: ChatModel;
}): ChatReading {
    const config = given === undefined ? {} : parseConfiguration(given);
    const { parameters, mostTokens, isStream } = readParameters({ body, config, abilities: chat });
    const { messages, texts, attachments } = readMessages({ given: body.messages, config, ...chat });
    const postprocessing = config.postprocessing?.trim === true ? { postprocessing: { trim: true } } : {};
    const effective = { model: chat.model, ...chat.drawn?.(salt), ...parameters, ...postprocessing };
    const input = new TextEncoder().encode(canonicalJson({ ...effective, messages, salt }));
    return { input, effective, attachments, isStream, units: mostTokens, texts };
}
