import type { GatewayContext, Hex, JsonObject, ModelFacts, Statement } from "@assay/protocol";

/** What a body asks of a model, after every default, template and injected text. */
export type Reading = {
    /** Canonical bytes of the effective input. */
    input: Uint8Array;
    /** Parameters in effect, without the contents. */
    effective: JsonObject;
    attachments: GatewayContext["attachments"];
    isStream: boolean;
    /** Output tokens at most for a chat, 1 for tensors. */
    units: number;
};

/** What came of one run. */
export type Outcome = {
    /** 0 ok, else a code of the table of result codes; then `output` is empty. */
    resultCode: number;
    /** Canonical output bytes: tensors, or JCS of `{ choices }`. */
    output: Uint8Array;
    usage: GatewayContext["usage"];
    upstream: GatewayContext["upstream"];
};

/** A piece of a streamed answer, in the shape of an OpenAI chunk's `choices`. */
export type Piece = { choices: JsonObject[] };

/** A model version that this gateway serves. */
export type Model = {
    modelId: Hex;
    /** Unique here; a request names a model by it or by modelId. */
    name: string;
    route: "infer" | "chat";
    /** What the registry says of it. */
    facts: ModelFacts;
    claimClass: "COMPUTE" | "GATEWAY";
    /** FAMILIES numbers that evidence can be made of here. */
    families: readonly number[];
    /** Beside the common members, for GET /v1/models: inputs and outputs, limits, supported parameters. */
    describe: () => JsonObject;
    /** Reads a body. Throws GATEWAY_BODY_INVALID or GATEWAY_PARAMETER_UNSUPPORTED; ignores nothing. */
    read: (body: JsonObject, given: { salt: Hex; config: JsonObject | undefined }) => Reading;
    /** Runs it. What goes wrong with input or model is an outcome; only defects throw. */
    run: (question: {
        input: Uint8Array;
        signal: AbortSignal;
        onPiece?: ((piece: Piece) => void) | undefined;
    }) => Promise<Outcome>;
    /** What a response says beside ids and usage: `{ outputs }` or `{ choices }`. */
    present: (answer: { input: Uint8Array; output: Uint8Array }) => JsonObject;
    /** Evidence of one family over a statement's digest; only for `families` besides SIGNED. */
    prove: (question: EvidenceQuestion) => Promise<Uint8Array>;
};

/** What evidence other than a signature is made of. */
export type EvidenceQuestion = {
    family: number;
    statement: Statement;
    digest: Hex;
    context: GatewayContext;
    input: Uint8Array;
    output: Uint8Array;
    signal: AbortSignal;
};

/** All models of this gateway. */
export type Models = {
    all: () => readonly Model[];
    /** By name or modelId; undefined = unknown. */
    find: (nameOrId: string) => Model | undefined;
    close: () => Promise<void>;
};
