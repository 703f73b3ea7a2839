import { contextHashOf, type GatewayContext, type Hex, ZERO_BYTES32 } from "@assay/protocol";
import { readRequest } from "./upstream.ts";

/** What the enclave is, as a context may say it. */
export type OwnClaim = {
    claimClass: "COMPUTE" | "GATEWAY";
    /** GATEWAY: host of the upstream; COMPUTE: null. */
    host: string | null;
};

/**
 * What a context says that is not so, as far as code in here can know: whether the model ran inside, and who was asked
 * instead. Price, payment and usage nobody in here has seen; for them whoever signs beside the enclave answers.
 */
export function contextFault({
    contextHash,
    context,
    input,
    own,
}: {
    contextHash: Hex;
    /** As it was brought; undefined = none was. */
    context: GatewayContext | undefined;
    input: Uint8Array;
    own: OwnClaim;
}): string | undefined {
    if (context === undefined) {
        return contextHash === ZERO_BYTES32 ? undefined : "It has a context, which was not brought.";
    }
    const actual = contextHashOf(context);
    if (actual !== contextHash) return `The context hashes to ${actual}, not to ${contextHash}.`;
    const { claimClass, upstream } = context;
    if (claimClass !== own.claimClass) return `The context says ${claimClass}, and this is ${own.claimClass}.`;
    if (upstream === null) return undefined;
    if (own.host === null) return `Nobody is asked from here, and the context names ${upstream.host}.`;
    if (upstream.host !== own.host) return `The context names ${upstream.host}, and asked is ${own.host}.`;
    if (upstream.model === readRequest(input)?.model) return undefined;
    return `The context names model ${upstream.model}, and the input another one.`;
}
