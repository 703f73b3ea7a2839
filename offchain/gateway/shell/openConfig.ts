import { readFile } from "node:fs/promises";
import { hashJson, type JsonObject, ProtocolError } from "@assay/protocol";
import { configVersion, type Deployment } from "@assay/sdk";
import type { Provider } from "ethers";
import { z } from "zod";
import { type ServedConfig, servedConfig } from "../core/config.ts";
import type { Settings } from "./settings.ts";

const jsonObject = z.record(z.string(), z.json());

/**
 * The configuration that is applied: the newest published version of its name, whose contents a file brings. Throws
 * GATEWAY_SETTINGS_INVALID for a file of another version, CONFIG_INVALID, CONTRACT_REVERTED for a name without versions.
 */
export async function openConfig(
    chain: { provider: Provider; deployment: Deployment },
    wanted: NonNullable<Settings["config"]>,
): Promise<ServedConfig> {
    const { file, owner, name } = wanted;
    const content = await readContent(file);
    const { version, configHash, inForceFrom } = await configVersion(chain, { owner, name });
    const own = hashJson(content);
    if (own !== configHash) {
        const message = `${file} hashes to ${own}; version ${version} of "${name}", which is in force, is ${configHash}.`;
        throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message });
    }
    return servedConfig({ record: { owner, name, version, inForceFrom }, content });
}

async function readContent(file: string): Promise<JsonObject> {
    try {
        return jsonObject.parse(JSON.parse(await readFile(file, "utf8")));
    } catch (cause) {
        const message = `${file} is no configuration's JSON.`;
        throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message, cause });
    }
}
