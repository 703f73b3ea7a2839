import { answerOf, createCache } from "@assay/executor/parts";
import type { ServedModel } from "../../core/servedModel.ts";
import type { EnclaveSession, Engines } from "./engines.ts";
import type { OpenedModel } from "./openModel.ts";

/** Models that run inside, and how to free them. */
export type Served = { models: readonly ServedModel[]; close: () => Promise<void> };

/** Serves models, of which `capacity` stay loaded. Each is loaded once now: what cannot run is never attested. */
export async function serveModels({
    opened,
    engines,
    capacity,
}: {
    opened: readonly OpenedModel[];
    engines: Engines;
    capacity: number;
}): Promise<Served> {
    const byKey = new Map(opened.map((model) => [model.key, model]));
    const sessions = createCache<EnclaveSession>({
        capacity,
        open: async (key) => {
            const model = byKey.get(key);
            if (model === undefined) throw new Error(`${key} was never opened.`);
            return engines.createSession(await model.readArtifact());
        },
        close: (session) => session.close(),
    });
    const run = (model: OpenedModel, input: Uint8Array) =>
        sessions.use(model.key, (session) => session.runBytes(input));
    for (const { key } of opened) await sessions.use(key, async () => undefined);
    return {
        models: opened.map((model) => ({
            name: model.name,
            key: model.key,
            repeatable: true,
            specFor: model.specFor,
            answer: ({ input }) => answerOf({ model, input, run: (bytes) => run(model, bytes) }),
        })),
        close: sessions.close,
    };
}
