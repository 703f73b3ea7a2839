import { CLAIM_CLASSES, type EnclaveClaims, type Hex, hashJson, hashOfText, ZERO_BYTES32 } from "@assay/protocol";

/** A model as the configuration names it: everything that decides its answers. */
export type ModelConfiguration = {
    artifactDigest: Hex;
    ioSpec: Hex;
    schemaHash: Hex;
    semantics: number;
    vkHash: Hex;
    /** By input tensor: how many elements, and the smallest and largest value of one. */
    ranges: { count: number; min: string; max: string }[];
};

/** All that was decided when the program was started and that shapes what it does, without secrets. Plain JSON. */
export type Configuration = {
    version: 1;
    provider: string;
    form: string;
    /** The only operator it serves; null = the first one that has it attested. */
    operator: Hex | null;
    /** Whose versions its models are unless a request says otherwise; null = requests say. */
    owner: Hex | null;
    /** COMPUTE: what runs inside. */
    models: ModelConfiguration[];
    /** GATEWAY: who is asked. */
    upstream: UpstreamConfiguration | null;
};

export type UpstreamConfiguration = {
    /** Where requests go, without user and password. */
    url: string;
    /** Host name in lower case, with a port that is not the scheme's own. */
    host: string;
    /** Names of models that may be asked for; empty = any. */
    models: string[];
    authorised: boolean;
    timeoutMs: number;
};

/** What the enclave says of itself in the attested binding. */
export function claimsOf({
    configuration,
    binaryDigest,
}: {
    configuration: Configuration;
    binaryDigest: Hex;
}): EnclaveClaims {
    const { upstream } = configuration;
    const claimed =
        upstream === null
            ? { claimClass: CLAIM_CLASSES.COMPUTE, upstreamHash: ZERO_BYTES32 }
            : { claimClass: CLAIM_CLASSES.GATEWAY, upstreamHash: hashOfText(upstream.host) };
    return { ...claimed, configHash: hashJson(configuration), binaryDigest };
}
