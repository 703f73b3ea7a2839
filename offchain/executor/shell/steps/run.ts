import { type Hex, keccak256, RESULT_CODES, ZERO_BYTES32 } from "@assay/protocol";
import { askOf } from "../../core/wanted.ts";
import { insertOutput } from "../journal/evidence.ts";
import { saveInput } from "../journal/requests.ts";
import { inputFault } from "../models/store.ts";
import type { PerformStep, StepResult } from "../work/performer.ts";
import { inputOf } from "./_input.ts";
import { type Context, requestOf } from "./context.ts";

type ResultName =
    | "OK"
    | "INPUT_SHAPE"
    | "INPUT_RANGE"
    | "INPUT_UNAVAILABLE"
    | "CONFIG_UNAVAILABLE"
    | "MODEL_UNAVAILABLE";

/** Runs the model. The output is journalled with the event; nothing is signed before it is. */
export function runStep(context: Context): PerformStep {
    return async ({ requestId, signal }) => {
        const request = await requestOf(context, requestId);
        const { modelId, configHash } = askOf(request.wanted);
        const model = await context.models.resolve({ modelId, signal });
        if (model === undefined) return ended({ requestId, name: "MODEL_UNAVAILABLE" });
        if (configHash !== ZERO_BYTES32) return ended({ requestId, name: "CONFIG_UNAVAILABLE" });

        const input = await inputOf({ context, request, model, signal });
        if (input === undefined) return ended({ requestId, name: "INPUT_UNAVAILABLE" });
        const fault = inputFault({ model, input });
        if (fault !== undefined) return ended({ requestId, name: fault });

        return ended({ requestId, name: "OK", input, output: await context.models.run({ model, input }) });
    };
}

function ended({
    requestId,
    name,
    input,
    output = new Uint8Array(),
}: {
    requestId: Hex;
    name: ResultName;
    input?: Uint8Array;
    output?: Uint8Array;
}): StepResult {
    const resultCode = RESULT_CODES.find((row) => row.name === name)?.code;
    if (resultCode === undefined) throw new Error(`${name} is not in the table of result codes.`);
    const outputHash = resultCode === 0 ? keccak256(output) : ZERO_BYTES32;
    return {
        event: { kind: "ran", resultCode, resultName: name },
        write: async (session) => {
            if (input !== undefined) await saveInput(session, { requestId, input });
            await insertOutput(session, { requestId, output: { resultCode, output, outputHash } });
        },
    };
}
