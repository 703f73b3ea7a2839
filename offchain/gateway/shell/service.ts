import { ProtocolError } from "@assay/protocol";
import { listedFor } from "../core/catalogue.ts";
import { createReports } from "./attestation/reports.ts";
import { type Ground, type Opening, openGround } from "./ground.ts";
import { createApp } from "./http/app.ts";
import { createBodyHashes } from "./http/bodyHashes.ts";
import { faultOf, faultResponse } from "./http/faults.ts";
import { type Listening, listen } from "./http/listen.ts";
import { createMetrics } from "./http/metrics.ts";
import type { AppParts } from "./http/parts.ts";
import { createPlaces } from "./http/places.ts";
import { createOperations } from "./operations.ts";
import { readPlan } from "./plan.ts";
import { CHAIN_DEFAULTS, type Settings } from "./settings.ts";
import { createUndo } from "./undo.ts";
import { openWorks, type Works } from "./works.ts";

/** Those who only wait for news cost little; each holds a connection all the same. */
const MOST_WATCHERS = 1_000;
/** Calls that may be read at a time, for every inference that may be under way: most of them only ask for a price. */
const CALLS_PER_INFERENCE = 2;

/** A gateway that runs. */
export type Service = { url: string; close: () => Promise<void> };

/**
 * Opens everything and serves; what was opened is closed again when something cannot be. Settings are checked and the port
 * is taken before anything is sent to the chain or made ready.
 */
export async function openService(opening: Opening): Promise<Service> {
    const undo = createUndo();
    try {
        const plan = await readPlan(opening.settings);
        const { server, serve } = await openDoor(plan.settings, opening);
        undo.push(server.close);
        const ground = await openGround({ opening, plan }, undo);
        const works = await openWorks(ground, undo);
        const stopping = new AbortController();
        serve(createApp(appParts(ground, works, stopping.signal)));
        // Whatever else was opened is closed after the last call.
        undo.push(async () => {
            stopping.abort();
            await server.close();
        });
        ground.log.info({ url: server.url, models: works.models.all().length }, "gateway listens");
        return { url: server.url, close: undo.all };
    } catch (error) {
        await undo.all();
        throw error;
    }
}

type App = ReturnType<typeof createApp>;

/** Listens, and sends everybody away until there is an app that serves. */
async function openDoor(
    { host, port, limits }: Settings,
    { log }: Opening,
): Promise<{ server: Listening; serve: (app: App) => void }> {
    let served: App["fetch"] = () =>
        faultResponse(faultOf({ error: new ProtocolError({ code: "GATEWAY_STARTING" }), log }));
    const app = { fetch: (...call: Parameters<App["fetch"]>) => served(...call) };
    const server = await listen({ app, host, port, headerBytes: limits.headerBytes });
    log.info({ url: server.url }, "gateway starts");
    return {
        server,
        serve: ({ fetch }) => {
            served = fetch;
        },
    };
}

function appParts(ground: Ground, { models, token, settlement, life }: Works, stopping: AbortSignal): AppParts {
    const { opening, settings, prices, config, provider, chainId, deployment, keys, database, isDevelopment, log } =
        ground;
    const { limits, publicUrl, isBehindProxy, enclaves } = settings;
    const operations = createOperations({ database, provider, relayer: keys.relayer.address, log });
    const { ratePerMinute } = CHAIN_DEFAULTS[isDevelopment ? "development" : "real"];
    return {
        ...{ life, models, publicUrl, isBehindProxy, stopping, log },
        market: { chainId, token: token.address, decimals: token.decimals, payTo: keys.payTo },
        offersOf: (model) => listedFor({ prices, hasConfig: config?.routes.includes(model.route) ?? false, model }),
        config,
        proofOf: settlement.proofOf,
        proofsFrom: settlement.proofsFrom,
        bodyHashes: createBodyHashes({ database }),
        signText: keys.receipts.signText,
        attest: createReports({ enclaves, provider, deployment, fetch: opening.fetch ?? globalThis.fetch }),
        limits: { ...limits, ratePerMinute: limits.ratePerMinute ?? ratePerMinute },
        places: createPlaces({ capacity: CALLS_PER_INFERENCE * limits.queue }),
        watchers: createPlaces({ capacity: MOST_WATCHERS }),
        metrics: createMetrics({ underWay: life.underWay, models: () => models.all().length, operations }),
        isJournalling: operations.isJournalling,
    };
}
