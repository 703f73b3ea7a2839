import { readFile } from "node:fs/promises";
import { type OpenedModel, openModel } from "@assay/executor/parts";
import { type ErrorCode, isProtocolError, ProtocolError, schemaHashOf, ZERO_BYTES32 } from "@assay/protocol";
import type { Model, Models } from "../../core/model.ts";
import { parseVocabulary } from "../../core/vocabulary.ts";
import type { ModelsDeps } from "./deps.ts";
import { type Attesting, createAttesting } from "./enclaves.ts";
import { createRegistrar, type Registrar } from "./registrar.ts";
import { findSources, type Source } from "./sources.ts";
import { createTensorModel } from "./tensorModel.ts";
import { createTextModel } from "./textModel.ts";
import { upstreamModels } from "./upstreamModels.ts";
import { createWorkshop, type Workshop } from "./workshop.ts";

type Making = ModelsDeps & { registrar: Registrar; workshop: Workshop; attesting: Attesting };

/** Faults of one model that keep it, and no other, from being served. */
const LEFT_OUT: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["GATEWAY_MODEL_UNREGISTERED", "GATEWAY_MODEL_UNSERVABLE"]);

/**
 * Opens all models, finds or registers their versions, and loads each once. One that is not registered and may not be,
 * or that cannot be served, is left out with a warning. Throws GATEWAY_SETTINGS_INVALID when two have one name or none
 * is left, and what is wrong with a model's files.
 */
export async function createModels(deps: ModelsDeps): Promise<Models> {
    const workshop = createWorkshop(deps);
    const attesting = createAttesting(deps);
    const close = async () => {
        await attesting.close();
        await workshop.close();
    };
    try {
        const sources = await findSources(deps.sources);
        const registrar = await createRegistrar(deps, { measurements: await attesting.measurements() });
        const making = { ...deps, registrar, workshop, attesting };
        const models: Model[] = [];
        // One after the other: registering takes transactions of one account.
        for (const source of sources) models.push(...(await unlessLeftOut(making, () => make(making, source))));
        models.push(...(await forwarded(making)));
        const byName = indexed(models);
        await attesting.follow(
            models.filter(({ claimClass }) => claimClass === "COMPUTE").map(({ modelId }) => modelId),
        );
        return { all: () => models, find: (nameOrId) => byName.get(nameOrId), close };
    } catch (error) {
        await close();
        throw error;
    }
}

async function make(making: Making, source: Source): Promise<Model> {
    const { engines, registrar } = making;
    const opened = await openModel({ file: source.file, engines });
    if (source.kind === "chat") return makeText(making, { opened, file: source.chatFile });
    const registered = await registrar.find(opened);
    return createTensorModel({ ...making, opened, registered });
}

/** A version that takes and gives text: its ioSpec is none, and its schema is the vocabulary. */
async function makeText(
    { registrar, workshop }: Making,
    { opened, file }: { opened: OpenedModel; file: string },
): Promise<Model> {
    const vocabulary = parseVocabulary({ json: await readJson(file), file });
    const schemaHash = schemaHashOf(vocabulary);
    const spec = opened.specFor({ derivedFrom: ZERO_BYTES32, schemaHash, ioSpec: 0n });
    if (spec === undefined) throw new Error(`${file} stands beside a compiled model.`);
    const registered = await registrar.find({ ...opened, spec });
    return createTextModel({ opened, vocabulary, registered, workshop });
}

async function readJson(file: string): Promise<unknown> {
    try {
        return JSON.parse(await readFile(file, "utf8"));
    } catch (cause) {
        throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message: `${file} is no JSON.`, cause });
    }
}

function forwarded(making: Making): Promise<Model[]> | Model[] {
    const { upstream } = making;
    const orLeaveOut = (work: () => Promise<Model>) => unlessLeftOut(making, work);
    return upstream === undefined ? [] : upstreamModels({ ...making, upstream }, { ...making, orLeaveOut });
}

async function unlessLeftOut({ log }: Making, work: () => Promise<Model>): Promise<Model[]> {
    try {
        return [await work()];
    } catch (error) {
        const isLeftOut = isProtocolError(error) && LEFT_OUT.has(error.code);
        if (!isLeftOut) throw error;
        log.warn({ code: error.code, detail: error.message }, "a model is left out");
        return [];
    }
}

function indexed(models: readonly Model[]): Map<string, Model> {
    if (models.length === 0) throw invalid("No model can be served.");
    const byName = new Map<string, Model>();
    for (const model of models) {
        for (const key of [model.name, model.modelId]) {
            if (byName.has(key)) throw invalid(`Two models are called ${key}.`);
            byName.set(key, model);
        }
    }
    return byName;
}

function invalid(message: string): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message });
}
