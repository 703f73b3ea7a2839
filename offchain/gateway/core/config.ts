import { type GatewayContext, type Hex, type JsonObject, ProtocolError } from "@assay/protocol";
import type { Verification } from "./verification.ts";

/** The version of a named configuration that this gateway applies to chats. */
export type ServedConfig = NonNullable<GatewayContext["config"]> & {
    /** keccak256(JCS(content)). */
    hash: Hex;
    content: JsonObject;
};

/** Throws GATEWAY_CONFIG_OTHER if a request pins a configuration that is not the one in force. */
export function requireConfig(pinned: Verification["config"], served: ServedConfig | undefined): void {
    if (pinned === undefined) return;
    const isServed =
        served !== undefined &&
        pinned.owner === served.owner &&
        pinned.name === served.name &&
        (pinned.version ?? served.version) === served.version;
    if (isServed) return;
    const own = served === undefined ? "none" : `version ${served.version} of "${served.name}" by ${served.owner}`;
    throw new ProtocolError({ code: "GATEWAY_CONFIG_OTHER", message: `In force for this model: ${own}.` });
}
