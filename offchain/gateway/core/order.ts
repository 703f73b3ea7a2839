import type { GatewayContext, Hex, JsonObject } from "@assay/protocol";

/** What is called: tensors in and out, or a chat completion. */
export type Route = "infer" | "chat";

/** One wanted inference: complete and checked before anybody pays, and never changed afterwards. */
export type Order = {
    /** 32 lower-case hex digits nobody can guess: of `rcpt_<id>`, `chatcmpl-<id>`. */
    id: string;
    route: Route;
    modelId: Hex;
    /** The name it was asked for by. */
    modelName: string;
    /** Policy word that the answer's evidence will meet. */
    policy: bigint;
    /** The body as it was sent, parsed. */
    requested: JsonObject;
    /** keccak256(JCS(requested)). */
    requestHash: Hex;
    /** Parameters in effect, defaults included, without the contents (those are in `input`). */
    effective: JsonObject;
    /** Canonical bytes of the effective input: tensors, or JCS of the effective request with its salt. */
    input: Uint8Array;
    attachments: GatewayContext["attachments"];
    /** The version of a named configuration that shapes it; null = none. */
    config: GatewayContext["config"];
    /** keccak256(JCS(configuration)); zero = none. */
    configHash: Hex;
    isStream: boolean;
    /** What it is worth to the price list: output tokens at most, or 1. */
    units: number;
};
