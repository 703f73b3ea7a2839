import { outputPartsOf, ProtocolError, RESULT_CODES } from "@assay/protocol";
import type { Model, Outcome } from "../../core/model.ts";
import type { Answered } from "../journal/inference.ts";
import { saveAnswer } from "../journal/inferences.ts";
import type { PerformStep, StepParts } from "./change.ts";
import type { LifeDeps } from "./deps.ts";
import { isJournalledLate } from "./reserve.ts";

const MODEL_FAILED = 5;

/** The model that an inference was ordered of; throws GATEWAY_MODEL_UNKNOWN if it is served no more. */
export function orderedModel({ models }: Pick<LifeDeps, "models">, modelId: string): Model {
    const model = models.find(modelId);
    if (model !== undefined) return model;
    throw new ProtocolError({ code: "GATEWAY_MODEL_UNKNOWN", message: `${modelId} is not served any more.` });
}

/** Runs the model. What it gives is journalled before anything is signed, or together with that, and never replaced. */
export function runStep(deps: Pick<LifeDeps, "models" | "log">): PerformStep {
    return async (parts) => {
        const { resultCode, output, usage, upstream } = await outcomeOf(deps, parts);
        const isAnswer = resultCode === 0;
        const answered: Answered = {
            resultCode,
            output: isAnswer ? output : new Uint8Array(),
            usage,
            upstream,
        };
        return {
            event: { kind: "ran", resultCode, text: textOf(resultCode) },
            made: { answered },
            save: (session, { id, state }) => saveAnswer(session, { id, state, answered }),
            isSaved: isJournalledLate(parts.one),
        };
    };
}

/** A defect of a model is a result, too: whoever paid gets the money back. */
async function outcomeOf(
    deps: Pick<LifeDeps, "models" | "log">,
    { one, signal, onPiece }: StepParts,
): Promise<Outcome> {
    const { contents, wanted } = one;
    try {
        if (contents === null) throw new ProtocolError({ code: "GATEWAY_CONTENTS_DELETED" });
        const model = orderedModel(deps, wanted.modelId);
        const onEach = wanted.isStream ? onPiece : undefined;
        const outcome = await model.run({ input: contents.input, signal, onPiece: onEach });
        // A chat that has no parts could never be signed; of tensors any bytes can.
        if (outcome.resultCode === 0 && wanted.route === "chat") outputPartsOf({ ...wanted, ...outcome });
        return outcome;
    } catch (error) {
        if (signal.aborted) throw error;
        deps.log.error({ err: error, id: one.id, modelId: wanted.modelId }, "a model has a defect");
        return { resultCode: MODEL_FAILED, output: new Uint8Array(), usage: null, upstream: null };
    }
}

function textOf(resultCode: number): string {
    const known = RESULT_CODES.find(({ code }) => code === resultCode);
    return known === undefined ? `Result code ${resultCode}.` : `${known.name}: ${known.meaning}`;
}
