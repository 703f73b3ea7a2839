import type { Prover } from "@assay/executor";
import type { SessionEngine } from "@assay/executor/parts";
import type { Hex } from "@assay/protocol";
import type { Deployment } from "@assay/sdk";
import type { Provider, Signer } from "ethers";
import type { Logger } from "pino";

/** How models are loaded and proven: given, so that the gateway has neither runtime nor prover in its tree. */
export type ModelEngines = SessionEngine & { createProver: (parts: { modelDir: string }) => Promise<Prover> };

/** An OpenAI-compatible API that answers in place of a model of this machine. */
export type UpstreamSettings = {
    /** Base, such as https://api.example.com/v1. */
    url: string;
    /** Sent as a bearer token; undefined = none. */
    key?: string | undefined;
    /** Models that are offered, as it calls them; empty = all that it lists. */
    models: readonly string[];
    /** From the request to the first byte of the answer, and between any two of its pieces. */
    idleTimeoutMs?: number | undefined;
    /** For a whole answer. */
    timeoutMs?: number | undefined;
};

/** What the models of a gateway are made of. */
export type ModelsDeps = {
    engines: ModelEngines;
    /** Compiled models' directories, plain ONNX files, and folders of both. */
    sources: readonly string[];
    upstream?: UpstreamSettings | undefined;
    /** Enclaves that `executor` operates, by their URLs. */
    enclaves: readonly string[];
    deployment: Deployment;
    provider: Provider;
    /** Registers versions that are missing, if any is to be registered. */
    signer: Signer;
    /** Who answers for statements, and operates the enclaves. */
    executor: Hex;
    /** Whose versions are served; the signer's unless told. */
    owner?: Hex | undefined;
    /** Whether versions that are missing are registered; otherwise their models are left out, loudly. */
    registersMissing: boolean;
    /** Models that stay loaded when nobody uses them, 1 to 10,000; 64 unless told. */
    capacity?: number | undefined;
    log: Logger;
    fetch: typeof globalThis.fetch;
};
