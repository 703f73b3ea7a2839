import type { Logger } from "pino";
import type { Rpc } from "./chain/rpc.ts";
import type { CrashPoint } from "./crash.ts";
import type { Database } from "./journal/database.ts";
import type { Engines } from "./models/models.ts";
import { openService } from "./service.ts";
import type { SettingsInput } from "./settings.ts";

/** A service that watches one hub and answers its requests. */
export type Executor = {
    /** Opens the journal, takes up what was left, and follows the chain from then on. Throws what makes that impossible. */
    start: () => Promise<void>;
    /** Ends all work where it stands; what was journalled is taken up at the next start. */
    stop: () => Promise<void>;
    /** Settles when the executor has stopped; rejects if its journal failed, since nothing can be relied on then. */
    stopped: Promise<void>;
};

/** What an executor is made of beside its settings; all but the engines have a natural default. */
export type ExecutorParts = {
    settings: SettingsInput;
    engines: Engines;
    log?: Logger;
    rpc?: Rpc;
    database?: (parts: { directory: string }) => Promise<Database>;
    crash?: CrashPoint;
};

/**
 * Makes an executor. It does nothing until it is started, and is started once.
 * @example
 * const executor = createExecutor({ settings, engines: { createSession, createProver } });
 * await executor.start();
 */
export function createExecutor(parts: ExecutorParts): Executor {
    const controller = new AbortController();
    const { promise: stopped, resolve, reject } = Promise.withResolvers<void>();
    // Nobody has to listen: a start that fails throws, and a defect is logged.
    stopped.catch(() => {});
    let service: Promise<{ end: () => Promise<void> }> | undefined;
    let ending: Promise<void> | undefined;

    const end = async () => {
        controller.abort();
        const opened = await service?.catch(() => undefined);
        await opened?.end();
    };
    const stop = () => {
        ending ??= end().then(resolve, reject);
        return ending;
    };
    const onDefect = (error: unknown) => {
        reject(error);
        void stop();
    };

    return {
        start: async () => {
            service ??= openService({ parts, signal: controller.signal, onDefect });
            await service;
        },
        stop,
        stopped,
    };
}
