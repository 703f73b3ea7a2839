import { readFile } from "node:fs/promises";
import { hashJson, type JsonObject, ProtocolError, parseConfiguration } from "@assay/protocol";
import { configVersion, type Deployment } from "@assay/sdk";
import type { Provider } from "ethers";
import { z } from "zod";
import { type ServedConfig, servedConfig } from "../core/config.ts";
import type { Settings } from "./settings.ts";

const jsonObject = z.record(z.string(), z.json());

/**
 * The configuration that is applied: the newest published version of its name, whose contents a file brought. Throws
 * GATEWAY_SETTINGS_INVALID for a file of another version, CONTRACT_REVERTED for a name without versions.
 */
export async function openConfig(
    chain: { provider: Provider; deployment: Deployment },
    { wanted, content }: { wanted: NonNullable<Settings["config"]>; content: JsonObject },
): Promise<ServedConfig> {
    const { file, owner, name } = wanted;
    const { version, configHash, inForceFrom } = await configVersion(chain, { owner, name });
    const own = hashJson(content);
    if (own !== configHash) {
        const message = `${file} hashes to ${own}; version ${version} of "${name}", which is in force, is ${configHash}.`;
        throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message });
    }
    return servedConfig({ record: { owner, name, version, inForceFrom }, content });
}

/** Contents of a configuration's file; throws GATEWAY_SETTINGS_INVALID for what is no JSON object, CONFIG_INVALID. */
export async function readConfig(file: string): Promise<JsonObject> {
    const content = await readObject(file);
    parseConfiguration(content);
    return content;
}

async function readObject(file: string): Promise<JsonObject> {
    try {
        return jsonObject.parse(JSON.parse(await readFile(file, "utf8")));
    } catch (cause) {
        const message = `${file} is no configuration's JSON.`;
        throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message, cause });
    }
}
