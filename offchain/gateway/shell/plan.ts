import type { JsonObject } from "@assay/protocol";
import { type Prices, readPrices } from "../core/prices.ts";
import { requireSeparate } from "./keys.ts";
import { readConfig } from "./openConfig.ts";
import { parseSettings, type Settings } from "./settings.ts";

/** Everything that was given, read and checked as far as nobody has to be asked. */
export type Plan = {
    settings: Settings;
    prices: Prices;
    /** Contents of the configuration to apply. */
    configContent: JsonObject | undefined;
};

/**
 * Reads what a gateway is started with: what is wrong with it is said before anything is done, or paid for. Throws
 * GATEWAY_SETTINGS_INVALID, GATEWAY_KEYS_NOT_SEPARATE, CONFIG_INVALID.
 */
export async function readPlan(given: unknown): Promise<Plan> {
    const settings = parseSettings(given);
    const { relayerKey, receiptKey, payTo, config, isFree } = settings;
    requireSeparate({ relayerKey, receiptKey, payTo });
    const list = readPrices(settings.prices ?? {});
    const prices: Prices = isFree ? { ...list, free: ["infer", "chat"] } : list;
    return { settings, prices, configContent: config === undefined ? undefined : await readConfig(config.file) };
}
