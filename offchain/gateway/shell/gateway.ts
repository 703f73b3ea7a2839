import type { CrashPoint, Database } from "@assay/executor/journal";
import { type Logger, pino } from "pino";
import type { ModelEngines } from "./models/deps.ts";
import { openService, type Service } from "./service.ts";
import type { SettingsInput } from "./settings.ts";

/** The HTTP front of an executor. */
export type Gateway = {
    /** Opens everything, takes up what was left, and listens; where it listens. Throws what makes that impossible. Once. */
    start: () => Promise<{ url: string }>;
    /** Takes no more requests, ends what is under way where it stands, and closes everything. */
    stop: () => Promise<void>;
    /** Settles when it has stopped. */
    stopped: Promise<void>;
};

/** What a gateway is made of beside its settings; all but the engines have a natural default. */
export type GatewayParts = {
    settings: SettingsInput;
    /** How models are loaded and proven. */
    engines: ModelEngines;
    log?: Logger;
    /** Told what a start does that takes long. */
    progress?: (line: string) => void;
    /** Makes models that are served beside those of the settings, once all that was given is known to be in order. */
    prepareModels?: () => Promise<readonly string[]>;
    database?: (parts: { directory: string }) => Promise<Database>;
    crash?: CrashPoint;
    fetch?: typeof globalThis.fetch;
};

/**
 * Makes a gateway. It does nothing until it is started, and is started once.
 * @example
 * const gateway = createGateway({ settings, engines: { createSession, createProver } });
 * const { url } = await gateway.start();
 */
export function createGateway(parts: GatewayParts): Gateway {
    const { promise: stopped, resolve, reject } = Promise.withResolvers<void>();
    // Nobody has to listen: a start that fails throws.
    stopped.catch(() => {});
    let service: Promise<Service> | undefined;
    let ending: Promise<void> | undefined;
    const end = async () => {
        const opened = await service?.catch(() => undefined);
        await opened?.close();
    };
    return {
        start: async () => {
            service ??= openService({ ...parts, log: parts.log ?? pino({ name: "gateway", level: "silent" }) });
            const { url } = await service;
            return { url };
        },
        stop: () => {
            ending ??= end().then(resolve, reject);
            return ending;
        },
        stopped,
    };
}
