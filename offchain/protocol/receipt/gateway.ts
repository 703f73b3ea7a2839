import { ProtocolError } from "../errors/ProtocolError.ts";
import { type Hex, keccak256, uintToHex, ZERO_ADDRESS, ZERO_BYTES32 } from "../hex.ts";
import { requestIdGateway } from "../ids.ts";
import { hashJson } from "../jcs.ts";
import type { Statement } from "../statement.ts";
import { parseCanonical } from "./_canonical.ts";
import type { GatewayContext, JsonObject } from "./context.ts";
import type { GatewayReceipt } from "./schema.ts";

/** keccak256 of a context's canonical JSON: the contextHash of its statement. */
export function contextHashOf(context: GatewayContext): Hex {
    return hashJson(context);
}

/**
 * The preimage of a gateway's requestId as receipts have it. `payer` is the zero address on an unpaid route, and
 * `paymentNonce` 32 random bytes there.
 *
 * @example
 * gatewayRequestOf({ requested: {}, policy: PRESETS.SIGNED, paymentNonce: ZERO_BYTES32 }).payer === ZERO_ADDRESS; // true
 */
export function gatewayRequestOf({
    requested,
    policy,
    payer = ZERO_ADDRESS,
    paymentNonce,
}: {
    /** The request's body as it was sent. */
    requested: JsonObject;
    policy: bigint;
    payer?: Hex;
    paymentNonce: Hex;
}): GatewayReceipt["request"] {
    return { payer, paymentNonce, requestHash: hashJson(requested), policy: uintToHex(policy) };
}

/** The statement of a gateway about public bytes; a failure (resultCode other than 0) has no output hash. */
export function gatewayStatementOf({
    chainId,
    gate,
    executor,
    request,
    context,
    input,
    output,
    ...said
}: Pick<Statement, "modelId" | "configHash" | "executor" | "issuedAt" | "resultCode"> & {
    chainId: number;
    gate: Hex;
    request: GatewayReceipt["request"];
    context: GatewayContext;
    /** Canonical bytes. */
    input: Uint8Array;
    output: Uint8Array;
}): Statement {
    return {
        ...said,
        requestId: requestIdGateway({ chainId, gate, executor, ...request }),
        inputHash: keccak256(input),
        outputHash: said.resultCode === 0n ? keccak256(output) : ZERO_BYTES32,
        contextHash: contextHashOf(context),
        executor,
        round: 0n,
    };
}

/**
 * Digests of every part of an output, so that one part can be shown without the others. Tensors have one part, their
 * bytes; the canonical JSON of a chat has one for each member of each choice, and for whatever stands beside the
 * choices. A failure has none. Throws JSON_INVALID for a chat that is not the canonical JSON of an object with choices.
 *
 * @example
 * outputPartsOf({ route: "infer", output: Uint8Array.of(1, 2) })[0].path; // "output"
 */
export function outputPartsOf({
    route,
    output,
}: {
    route: GatewayContext["route"];
    output: Uint8Array;
}): GatewayContext["outputParts"] {
    if (output.length === 0) return [];
    if (route === "infer") return [{ path: "output", keccak256: keccak256(output) }];
    const { choices, ...beside } = parseCanonical(output) ?? {};
    if (!Array.isArray(choices)) throw new ProtocolError({ code: "JSON_INVALID", message: "It has no choices." });
    return [...choices.flatMap((choice, i) => partsOf(`choices.${i}.`, choice)), ...partsOf("", beside)];
}

/** Members in the order that canonical JSON has them: by the UTF-16 code units of their names. */
function partsOf(prefix: string, value: unknown): GatewayContext["outputParts"] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new ProtocolError({ code: "JSON_INVALID", message: "A choice is no object." });
    }
    const members = new Map<string, unknown>(Object.entries(value));
    return [...members.keys()].sort().map((name) => ({ path: prefix + name, keccak256: hashJson(members.get(name)) }));
}
