import { ProtocolError } from "@assay/protocol";
import { z } from "zod";
import type { Shell } from "../io/shell.ts";
import { address, count } from "../values.ts";

/** Set to nothing is as good as not set. */
const absent = (value: unknown) => (value === "" ? undefined : value);
const optional = <S extends z.ZodType>(schema: S) => z.preprocess(absent, schema.optional());
const text = optional(z.string());
const url = optional(z.url({ protocol: /^https?$/, error: "not an http or https URL" }));
const json = z.string().transform((value, context): unknown => {
    try {
        return JSON.parse(value);
    } catch {
        context.addIssue({ code: "custom", message: "not JSON" });
        return z.NEVER;
    }
});

const environment = z.object({
    PORT: optional(count),
    RPC_URL: url,
    ASSAY_RPC_URL: url,
    TOKEN: optional(address),
    PAY_TO: optional(address),
    RELAYER_KEY: text,
    RECEIPT_KEY: text,
    UPSTREAM_URL: url,
    UPSTREAM_KEY: text,
    /** Paths, separated as in PATH. */
    MODELS: text,
    FACILITATOR_URL: url,
    /** The price list itself. */
    PRICES: optional(json),
});

/** What the environment says of a gateway; options of the command line come before it. */
export type GatewayEnvironment = z.output<typeof environment>;

/** Reads the environment; throws GATEWAY_SETTINGS_INVALID, in which no value stands. */
export function gatewayEnvironment({ env }: Pick<Shell, "env">): GatewayEnvironment {
    const parsed = environment.safeParse(env);
    if (parsed.success) return parsed.data;
    const message = `Environment: ${z.prettifyError(parsed.error)}.`;
    throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message });
}
