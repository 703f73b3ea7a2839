import { decodePolicy, describePolicy, FAMILIES, familiesOf, familyName, isHex, ProtocolError } from "@assay/protocol";
import * as z from "zod";
import { issuesText } from "./issues.ts";
import type { Route } from "./order.ts";
import table from "./prices.json" with { type: "json" };

/** What families are charged as; those that are not built yet have no price. */
const CHARGED: ReadonlyMap<number, "SIGNED" | "TEE" | "ZK"> = new Map([
    [FAMILIES.SIGNED, "SIGNED"],
    [FAMILIES.TEE_NITRO, "TEE"],
    [FAMILIES.TEE_SGX, "TEE"],
    [FAMILIES.TEE_TDX, "TEE"],
    [FAMILIES.ZK_GROTH16, "ZK"],
    [FAMILIES.ZK_PLONK, "ZK"],
    [FAMILIES.ZKVM, "ZK"],
]);

/** An amount has to fit uint256 with every factor that it can get here. */
const units = z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,29})$/)
    .transform(BigInt);
const families = z.strictObject({ SIGNED: units, TEE: units, ZK: units });
const modelPrices = z.strictObject({ families: families.partial().optional(), outputToken: units.optional() });

const schema = z.strictObject({
    /** What evidence of each kind costs; a policy that wants several costs their sum. */
    families: families.partial(),
    /** What every output token of a chat may cost in addition, by the most that was asked for. */
    outputToken: units,
    /** By name or modelId: what differs for one model. */
    models: z.record(z.string(), modelPrices),
    /** Routes that nobody pays for. */
    free: z.array(z.enum(["infer", "chat"])),
});

/** Prices in units of the token. */
export type Prices = z.output<typeof schema> & { families: z.output<typeof families> };

/** What is charged when nothing else is said; units of a token with six decimals. */
export const DEFAULT_PRICES: Prices = schema.extend({ families }).parse(table);

/** Reads a price list; what it leaves out is as in the default list. Throws GATEWAY_SETTINGS_INVALID. */
export function readPrices(json: unknown): Prices {
    const parsed = schema.partial().safeParse(json);
    if (!parsed.success) {
        const message = `The price list is wrong: ${issuesText(parsed.error)}.`;
        throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message });
    }
    const { data } = parsed;
    return {
        families: { ...DEFAULT_PRICES.families, ...withoutGaps(data.families) },
        outputToken: data.outputToken ?? DEFAULT_PRICES.outputToken,
        models: data.models ?? DEFAULT_PRICES.models,
        free: data.free ?? DEFAULT_PRICES.free,
    };
}

/** What a price is asked for. */
export type Priced = {
    /** Policy word. */
    policy: bigint;
    route: Route;
    /** Output tokens at most for a chat, 1 for tensors. */
    units: number;
    model: { name: string; modelId: string };
};

/**
 * The price in units of the token, the same for the same question at all times; undefined = free. A policy with several
 * clauses costs as much as its dearest one. Throws GATEWAY_POLICY_UNAVAILABLE for families that have no price.
 */
export function priceOf(prices: Prices, { policy, route, units, model }: Priced): bigint | undefined {
    if (prices.free.includes(route)) return undefined;
    const own = ownPrices(prices, model);
    const perFamily = { ...prices.families, ...withoutGaps(own?.families) };
    const clauses = decodePolicy(policy).clauses.map((clause) => clausePrice(clause, perFamily, policy));
    const evidence = clauses.reduce((most, price) => (price > most ? price : most), 0n);
    const perToken = own?.outputToken ?? prices.outputToken;
    const amount = evidence + (route === "chat" ? perToken * BigInt(units) : 0n);
    return amount === 0n ? undefined : amount;
}

function ownPrices({ models }: Prices, { name, modelId }: Priced["model"]) {
    const byId = Object.entries(models).find(([key]) => isHex(key, 32) && key.toLowerCase() === modelId.toLowerCase());
    return byId?.[1] ?? (Object.hasOwn(models, name) ? models[name] : undefined);
}

/** The sum over all families of a clause; each vendor of enclaves that it names is paid for. */
function clausePrice(clause: number, perFamily: Prices["families"], policy: bigint): bigint {
    return familiesOf(clause).reduce((sum, family) => {
        const kind = CHARGED.get(family);
        if (kind !== undefined) return sum + perFamily[kind];
        const message = `Nothing is charged for ${familyName(family)}, in "${describePolicy(policy)}".`;
        throw new ProtocolError({ code: "GATEWAY_POLICY_UNAVAILABLE", message });
    }, 0n);
}

/** Members that are there: an absent one does not hide what stands in the list. */
function withoutGaps(
    own: { [K in keyof Prices["families"]]?: bigint | undefined } | undefined,
): Partial<Prices["families"]> {
    return Object.fromEntries(Object.entries(own ?? {}).filter(([, price]) => price !== undefined));
}
