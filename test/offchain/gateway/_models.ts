import path from "node:path";
import { fileURLToPath } from "node:url";
import { isProtocolError, type JsonObject, toHex } from "@assay/protocol";
import { pino } from "pino";
import { createSession } from "../../../offchain/compiler/index.ts";
import type { Model, Models } from "../../../offchain/gateway/core/model.ts";
import { createModels } from "../../../offchain/gateway/shell/models/createModels.ts";
import type { ModelsDeps } from "../../../offchain/gateway/shell/models/deps.ts";
import type { World } from "../sdk/_world.ts";

/** Folder of the checkout's models. */
export const MODELS = fileURLToPath(new URL("../../../models", import.meta.url));
/** 128 bits that requests of tests are salted with. */
export const SALT = "0x000102030405060708090a0b0c0d0e0f";

/** One file of the checkout's models. */
export function modelFile(name: string): string {
    return path.join(MODELS, name);
}

/** Models on a world's chain, registered by the account that acts there; nothing is proven. */
export function openModels(world: World, deps: Partial<ModelsDeps> = {}): Promise<Models> {
    return createModels({
        engines: {
            createSession,
            createProver: async () => {
                throw new Error("Nothing is proven here.");
            },
        },
        sources: [],
        enclaves: [],
        deployment: world.deployment,
        provider: world.provider,
        signer: world.acting.signer,
        executor: toHex(world.executor.address),
        registersMissing: true,
        log: pino({ level: "silent" }),
        fetch: globalThis.fetch,
        ...deps,
    });
}

/** The model of a name, which has to be there. */
export function modelNamed(models: Models, name: string): Model {
    const model = models.find(name);
    if (model === undefined) throw new Error(`${name} is not served.`);
    return model;
}

/** A conversation of one message. */
export function said(content: string): JsonObject[] {
    return [{ role: "user", content }];
}

/** The code that work throws. */
export function codeOf(work: () => unknown): string {
    try {
        work();
        return "nothing was thrown";
    } catch (error) {
        return codeOfError(error);
    }
}

/** The code of what was thrown, or else what it says. */
export function codeOfError(error: unknown): string {
    return isProtocolError(error) ? error.code : String(error);
}
