import { ProtocolError } from "@assay/protocol";
import { type Logger, pino } from "pino";
import { unmeasuredOf } from "../core/surroundings.ts";
import type { Engines } from "./models/engines.ts";
import { openService, type Service } from "./service.ts";
import { parseSettings, type SettingsInput } from "./settings.ts";

/** The program inside a TEE. */
export type Enclave = {
    /** Opens everything, makes the key and listens; where it listens. Throws what makes that impossible. Once. */
    start: () => Promise<{ url: string }>;
    /** Ends what is under way, and with the process's memory the key. */
    stop: () => Promise<void>;
};

/** What an enclave is made of beside its settings. */
export type EnclaveParts = {
    settings: SettingsInput;
    /** How models are loaded. */
    engines: Engines;
    /** Folders of the packages that the program runs from; they and what they depend on are its binaryDigest. */
    packages: readonly string[];
    /** Of the process: what could change the program without being measured. */
    env: Readonly<Record<string, string | undefined>>;
    execArgv: readonly string[];
    log?: Logger | undefined;
    /** Unix seconds; for documents only. */
    now?: () => number;
    fetch?: typeof globalThis.fetch;
};

/**
 * Makes an enclave. It does nothing until it is started, and nothing of its configuration can change after that.
 * @example
 * const enclave = createEnclave({ settings, engines: { createSession }, packages, env: process.env, execArgv: process.execArgv });
 * const { url } = await enclave.start();
 */
export function createEnclave(parts: EnclaveParts): Enclave {
    let service: Promise<Service> | undefined;
    return {
        start: async () => {
            service ??= open(parts);
            const { url } = await service;
            return { url };
        },
        stop: async () => {
            const opened = await service?.catch(() => undefined);
            await opened?.close();
        },
    };
}

async function open(parts: EnclaveParts): Promise<Service> {
    const settings = parseSettings(parts.settings);
    const log = parts.log ?? pino({ name: "enclave", level: "silent" });
    const unmeasured = unmeasuredOf(parts);
    const isSimulated = settings.provider.name === "dev";
    if (isSimulated) log.warn("SIMULATED: everybody has the key that this enclave's documents are signed under");
    if (unmeasured.length > 0) {
        const message = `Not covered by any attestation: ${unmeasured.join(", ")}.`;
        // A stand-in attests nothing, so that nothing of it is measured anyway.
        if (!isSimulated) throw new ProtocolError({ code: "ENCLAVE_UNMEASURED", message });
        log.warn(message);
    }
    const { engines, packages, now = unixSeconds, fetch = globalThis.fetch } = parts;
    return openService({ settings, engines, packages, log, now, fetch });
}

function unixSeconds(): number {
    return Math.floor(Date.now() / 1000);
}
