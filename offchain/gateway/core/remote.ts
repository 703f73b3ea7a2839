import { type ModelSpec, ProtocolError, remoteDigestOf, SEMANTICS, schemaHashOf, ZERO_BYTES32 } from "@assay/protocol";

/** Path of an API whose base is a bare host. */
const DEFAULT_BASE = "/v1";

/** The schema of a REMOTE version that a gateway serves. */
export const REMOTE_CHAT_SCHEMA = {
    input: "canonical JSON of an effective chat request, with a random salt",
    output: "canonical JSON of its choices",
} as const;

/** The content of a REMOTE version: its artifact is what names host and model, and nothing of it runs here. */
export function remoteChatSpec({ host, model }: { host: string; model: string }): ModelSpec {
    return {
        artifactDigest: remoteDigestOf({ host, model }),
        ioSpec: 0n,
        schemaHash: schemaHashOf(REMOTE_CHAT_SCHEMA),
        semantics: SEMANTICS.REMOTE,
        vkHash: ZERO_BYTES32,
        derivedFrom: ZERO_BYTES32,
    };
}

/** URLs of an upstream's routes. Throws GATEWAY_SETTINGS_INVALID for what is no plain http or https URL. */
export function upstreamRoutes(base: string): { host: string; chat: URL; models: URL; isEncrypted: boolean } {
    if (!URL.canParse(base)) throw invalid("The upstream's URL is none.");
    const url = new URL(base);
    const isPlain = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
    if (!["http:", "https:"].includes(url.protocol) || !isPlain) {
        throw invalid(
            "The upstream's URL has to be http or https, without user, query and fragment; its key is a setting.",
        );
    }
    const path = url.pathname.replace(/\/+$/, "");
    const route = (name: string) => new URL(`${path === "" ? DEFAULT_BASE : path}/${name}`, url);
    const isEncrypted = url.protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
    return { host: url.host, chat: route("chat/completions"), models: route("models"), isEncrypted };
}

function invalid(message: string): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message });
}
