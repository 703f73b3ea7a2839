import {
    type GatewayContext,
    type Hex,
    hashJson,
    isInForce,
    type JsonObject,
    ProtocolError,
    parseConfiguration,
} from "@assay/protocol";
import type { Route } from "./order.ts";
import type { Verification } from "./verification.ts";

/** The version of a named configuration that this gateway applies. */
export type ServedConfig = {
    /** As receipts name it. */
    record: NonNullable<GatewayContext["config"]>;
    content: JsonObject;
    /** keccak256(JCS(content)). */
    hash: Hex;
    /** Routes that it has to do with; it is in force there alone. */
    routes: readonly Route[];
};

/** A published configuration, ready to be applied; throws CONFIG_INVALID. */
export function servedConfig({ record, content }: Pick<ServedConfig, "record" | "content">): ServedConfig {
    const config = parseConfiguration(content);
    const routes = (["infer", "chat"] as const).filter((route) => isInForce({ config, route }));
    return { record, content, hash: hashJson(content), routes };
}

/** Throws GATEWAY_CONFIG_OTHER if a request pins a configuration that is not the one in force. */
export function requireConfig(pinned: Verification["config"], served: ServedConfig | undefined): void {
    if (pinned === undefined) return;
    const own = served?.record;
    const isServed =
        own !== undefined &&
        pinned.owner === own.owner &&
        pinned.name === own.name &&
        (pinned.version ?? own.version) === own.version;
    if (isServed) return;
    const inForce = own === undefined ? "none" : `version ${own.version} of "${own.name}" by ${own.owner}`;
    throw new ProtocolError({ code: "GATEWAY_CONFIG_OTHER", message: `In force for this model: ${inForce}.` });
}
