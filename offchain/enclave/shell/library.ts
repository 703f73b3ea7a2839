import type { Configuration, UpstreamConfiguration } from "../core/claims.ts";
import { findVersion, type ServedModel } from "../core/servedModel.ts";
import { type FindModel, registrationsOf } from "./answering.ts";
import type { Engines } from "./models/engines.ts";
import { openModel } from "./models/openModel.ts";
import { serveModels } from "./models/serveModels.ts";
import type { Settings } from "./settings.ts";
import { modelAskedFor, remoteModel, type Upstream } from "./upstream/forward.ts";

/** What the enclave answers with: models that run inside, or somebody else's. */
export type Library = {
    configuration: Pick<Configuration, "models" | "upstream">;
    /** Those that are known before anybody asks. */
    models: readonly ServedModel[];
    find: FindModel;
    close: () => Promise<void>;
};

type Opening = { settings: Settings; engines: Engines; fetch: typeof globalThis.fetch };

/** Path of an API whose base is a bare host. */
const DEFAULT_BASE = "/v1";
const ROUTE = "/chat/completions";

/** Opens the models, or the way to the upstream. */
export async function openLibrary({ settings, engines, fetch }: Opening): Promise<Library> {
    const { upstream } = settings;
    return upstream === undefined ? openInside({ settings, engines }) : openUpstream({ settings, upstream, fetch });
}

async function openInside({ settings, engines }: Omit<Opening, "fetch">): Promise<Library> {
    const { models: files, loadedModels, owner } = settings;
    const opened = await Promise.all(files.map((file) => openModel({ file, engines })));
    const { models, close } = await serveModels({ opened, engines, capacity: loadedModels });
    return {
        configuration: { models: opened.map(({ configuration }) => configuration), upstream: null },
        models,
        find: ({ modelId, registration: claimed }) =>
            findVersion({ models, registrations: registrationsOf({ claimed, owner }), modelId }),
        close,
    };
}

function openUpstream({
    settings: { owner },
    upstream: given,
    fetch,
}: {
    settings: Settings;
    upstream: NonNullable<Settings["upstream"]>;
    fetch: typeof globalThis.fetch;
}): Library {
    const { key, models: names, timeoutMs } = given;
    const url = routeOf(given.url);
    const upstream: Upstream = { url, key, models: names, timeoutMs, fetch };
    const configuration: UpstreamConfiguration = {
        url: url.href,
        host: url.host,
        models: names,
        authorised: key !== undefined,
        timeoutMs,
    };
    return {
        configuration: { models: [], upstream: configuration },
        models: names.map((model) => remoteModel({ upstream, model })),
        find: ({ modelId, input, registration: claimed }) => {
            const asked = modelAskedFor({ upstream, input });
            const registrations = registrationsOf({ claimed, owner });
            return asked === undefined ? undefined : findVersion({ models: [asked], registrations, modelId });
        },
        close: async () => {},
    };
}

function routeOf(base: string): URL {
    const url = new URL(base);
    const path = url.pathname.replace(/\/+$/, "");
    url.pathname = `${path === "" ? DEFAULT_BASE : path}${ROUTE}`;
    return url;
}
