import { type Hex, toHex } from "@assay/protocol";
import type { Registries } from "../chain/registries.ts";
import { createCache } from "./cache.ts";
import { type LocalModel, type ModelStore, readArtifact } from "./store.ts";

/** A model loaded into a runtime: canonical input bytes to canonical output bytes. */
export type Session = { runBytes: (input: Uint8Array) => Promise<Uint8Array>; close: () => Promise<void> };

/** A model whose proving key is loaded. */
export type Prover = {
    prove: (parts: { input: Uint8Array; bind: bigint }) => Promise<{
        proof: readonly bigint[];
        c?: bigint | undefined;
        output: Uint8Array;
    }>;
    close: () => Promise<void>;
};

/**
 * How models are loaded: `createSession` of the compiler and `createProver` of the prover. They are given, so that whoever
 * only watches and delivers has neither in its tree.
 */
export type Engines = {
    createSession: (artifact: Uint8Array) => Promise<Session>;
    createProver: (parts: { modelDir: string }) => Promise<Prover>;
};

/** The registered models that can be served from here. */
export type Models = ReturnType<typeof createModels>;

/** Finds, runs and proves models. At most `capacity` are loaded at a time, of each kind. */
export function createModels({
    store,
    registries,
    engines,
    capacity,
}: {
    store: ModelStore;
    registries: Registries;
    engines: Engines;
    capacity: number;
}) {
    const resolved = new Map<Hex, LocalModel>();
    const byDir = new Map<string, LocalModel>();
    const sessions = createCache<Session>({
        capacity,
        open: async (dir) => engines.createSession(await readArtifact(known(dir))),
        close: (session) => session.close(),
    });
    const provers = createCache<Prover>({
        capacity,
        open: (dir) => engines.createProver({ modelDir: dir }),
        close: (prover) => prover.close(),
    });
    const known = (dir: string): LocalModel => {
        const model = byDir.get(dir);
        if (model === undefined) throw new Error(`${dir} was never resolved.`);
        return model;
    };

    return {
        /** The model of this machine that is registered under a modelId; undefined if there is none. */
        resolve: async ({
            modelId,
            signal,
        }: {
            modelId: Hex;
            signal: AbortSignal;
        }): Promise<LocalModel | undefined> => {
            const before = resolved.get(modelId);
            if (before !== undefined) return before;
            const record = await registries.record({ modelId, signal });
            if (record === undefined || !store.has(record)) return undefined;
            const { owner, derivedFrom } = await registries.modelFacts({ modelId, signal });
            const found = store.find({ modelId, registration: { owner: toHex(owner), derivedFrom } });
            if (found === undefined) return undefined;
            resolved.set(modelId, found);
            byDir.set(found.dir, found);
            return found;
        },

        run: ({ model, input }: { model: LocalModel; input: Uint8Array }): Promise<Uint8Array> =>
            sessions.use(model.dir, (session) => session.runBytes(input)),

        prove: ({ model, ...question }: { model: LocalModel; input: Uint8Array; bind: bigint }) =>
            provers.use(model.dir, (prover) => prover.prove(question)),

        close: async (): Promise<void> => {
            await sessions.close();
            await provers.close();
        },
    };
}
