import { createServer, type Server } from "node:http";
import type { Hex } from "@assay/protocol";
import { getRequestListener } from "@hono/node-server";
import type { Logger } from "pino";
import { createAnswerBook } from "../core/answerBook.ts";
import { type Configuration, claimsOf } from "../core/claims.ts";
import type { OwnClaim } from "../core/contextFault.ts";
import type { AttestationProvider } from "../core/provider.ts";
import { createAnswering } from "./answering.ts";
import { createAttester } from "./attester.ts";
import { binaryDigestOf } from "./binaryDigest.ts";
import { describeEnclave } from "./describe.ts";
import { createDoor, type Door } from "./door.ts";
import { createApp } from "./http/app.ts";
import { createKeyring } from "./keyring.ts";
import { type Library, openLibrary } from "./library.ts";
import type { Engines } from "./models/engines.ts";
import { createProvider } from "./providers/createProvider.ts";
import type { Settings } from "./settings.ts";

/** A request must have arrived whole within this; running it may take longer. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;

/** An enclave that runs. */
export type Service = { url: string; close: () => Promise<void> };

type Opening = {
    settings: Settings;
    engines: Engines;
    packages: readonly string[];
    log: Logger;
    now: () => number;
    fetch: typeof globalThis.fetch;
};

/** Measures the program, opens what answers, makes the key, and listens. */
export async function openService(opening: Opening): Promise<Service> {
    const { settings, packages, log, now } = opening;
    const library = await openLibrary(opening);
    try {
        const binaryDigest = await binaryDigestOf({ folders: packages });
        const provider = createProvider({ settings, binaryDigest, now });
        const door = createDoor({ capacity: settings.parallelRuns });
        const app = assemble({ ...opening, library, provider, binaryDigest, door });
        const { server, port } = await listen({ fetch: app.fetch, settings });
        await provider.ready?.({ signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }).catch(async (error: unknown) => {
            await closeServer(server);
            throw error;
        });
        const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
        const url = `http://${host}:${port}`;
        log.info({ url, binaryDigest, provider: settings.provider.name, form: settings.form }, "enclave listens");
        return {
            url,
            close: async () => {
                await closeServer(server);
                // A model that is freed while it runs takes the process with it.
                await door.empty();
                await library.close();
            },
        };
    } catch (error) {
        await library.close();
        throw error;
    }
}

function assemble({
    settings,
    log,
    now,
    library,
    provider,
    binaryDigest,
    door,
}: Opening & { library: Library; provider: AttestationProvider; binaryDigest: Hex; door: Door }) {
    const { owner, operator, form, keptAnswers } = settings;
    const configuration: Configuration = {
        version: 1,
        provider: settings.provider.name,
        form,
        operator: operator ?? null,
        owner: owner ?? null,
        ...library.configuration,
    };
    const claims = claimsOf({ configuration, binaryDigest });
    const keyring = createKeyring();
    const attester = createAttester({ provider, keyring, claims, operator, now });
    const book = createAnswerBook({ capacity: keptAnswers });
    const { models, configuration: given } = library;
    const own: OwnClaim = {
        claimClass: given.upstream === null ? "COMPUTE" : "GATEWAY",
        host: given.upstream?.host ?? null,
    };
    const answering = createAnswering({ find: library.find, book, attester, keyring, own });
    const describe = () =>
        describeEnclave({
            provider,
            signer: keyring.current().signer,
            measurementId: attester.newest()?.measurementId,
            claims,
            configuration,
            models,
            owner,
        });
    return createApp({ describe, answering, attester, door, log });
}

function listen({
    fetch,
    settings: { host, port },
}: {
    fetch: (request: Request) => Response | Promise<Response>;
    settings: Pick<Settings, "host" | "port">;
}): Promise<{ server: Server; port: number }> {
    const options = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS };
    const server = createServer(options, getRequestListener(fetch));
    return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host, port }, () => {
            const address = server.address();
            resolve({ server, port: typeof address === "object" ? (address?.port ?? port) : port });
        });
    });
}

/** Nobody waits for an enclave that ends: connections that are idle or busy are cut, and asked again elsewhere. */
function closeServer(server: Server): Promise<void> {
    return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
    });
}
