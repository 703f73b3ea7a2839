import { createCache } from "@assay/executor/parts";
import { decodeIoSpec, decodeTensor, isProtocolError, sideBytes, sideDtype } from "@assay/protocol";
import type { Outcome, ServedModel } from "../../core/servedModel.ts";
import { codeOf } from "../../core/statementFault.ts";
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
            answer: ({ input }) => answerOf({ model, input, run: () => run(model, input) }),
        })),
        close: sessions.close,
    };
}

async function answerOf({
    model,
    input,
    run,
}: {
    model: OpenedModel;
    input: Uint8Array;
    run: () => Promise<Uint8Array>;
}): Promise<Outcome> {
    const fault = model.inputFault(input);
    if (fault !== undefined) return failed(fault);
    try {
        const output = await run();
        return isOutputSound({ ioSpec: model.ioSpec, output }) ? { resultCode: 0, output } : failed("OUTPUT_INVALID");
    } catch (error) {
        // Anything else, such as a file that was changed, is no outcome of the model.
        if (isProtocolError(error, "RUNTIME_INPUT_MISMATCH")) return failed("INPUT_SHAPE");
        if (isProtocolError(error, "RUNTIME_FAILED")) return failed("MODEL_FAILED");
        throw error;
    }
}

/** An output of the length that the version declares, in which every float is a number. */
function isOutputSound({ ioSpec, output }: { ioSpec: bigint; output: Uint8Array }): boolean {
    if (ioSpec === 0n) return true;
    const side = decodeIoSpec(ioSpec).output;
    if (output.length !== sideBytes(side)) return false;
    const { name, float } = sideDtype(side);
    return !float || !decodeTensor({ dtype: name, bytes: output }).some(Number.isNaN);
}

function failed(name: string): Outcome {
    return { resultCode: codeOf(name), output: new Uint8Array() };
}
