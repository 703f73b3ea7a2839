import type { Hex, ModelSpec } from "@assay/protocol";
import { isVersion, type Registration } from "./registration.ts";

/** What came of one inference: a code of the table of result codes, and the canonical output, empty unless it is 0. */
export type Outcome = { resultCode: number; output: Uint8Array };

/** A model that this enclave answers for. */
export type ServedModel = {
    name: string;
    /** Names what answers, whoever registered it: outcomes are remembered under it. */
    key: string;
    /** Whether equal inputs have equal outcomes, so that one that was forgotten can be computed again. */
    repeatable: boolean;
    /** Its content when it is registered like this; undefined when it cannot be. */
    specFor: (registration: Registration) => ModelSpec | undefined;
    /** Runs or forwards. What goes wrong with the input or the model is an outcome; only defects throw. */
    answer: (question: { input: Uint8Array; signal: AbortSignal }) => Promise<Outcome>;
};

/** The model that is a version, by the registrations that are known or claimed; undefined if none is. */
export function findVersion({
    models,
    registrations,
    modelId,
}: {
    models: readonly ServedModel[];
    registrations: readonly Registration[];
    modelId: Hex;
}): ServedModel | undefined {
    return models.find((model) =>
        registrations.some((registration) => {
            const spec = model.specFor(registration);
            return spec !== undefined && isVersion({ modelId, registration, spec });
        }),
    );
}
