import { type Hex, toHex } from "@assay/protocol";
import { Wallet } from "ethers";
import type { Rules } from "../core/state.ts";
import { createRegistries, isValidKey } from "./chain/registries.ts";
import { createEnclaveClient } from "./enclaves/client.ts";
import { createEnclaves } from "./enclaves/enclaves.ts";
import { findState } from "./journal/requests.ts";
import { createModels } from "./models/models.ts";
import { openModelStore } from "./models/store.ts";
import { createPace } from "./pace.ts";
import type { Base } from "./service.ts";
import { type Context, newestBlock } from "./steps/context.ts";
import { createLanes, createSteps } from "./steps/steps.ts";
import { createDecisions, type Decisions } from "./work/decisions.ts";
import { createPerformer } from "./work/performer.ts";

/** Starts of a step that fails by itself, before the request is given up. */
const MAX_STARTS = 8;
/** Ends of the process during one step: several deployments may fall into a long proof. */
const MAX_DEATHS = 8;
/** Statements per request: a further one only if the last grew too old. */
const MAX_STATEMENTS = 3;
/** Deliveries that may revert: each costs gas. */
const MAX_REVERTS = 2;
/** Pause after a fault; doubled each time, since an endpoint that limits calls needs longer. */
const RETRY_DELAY_MS = 250;
const MAX_RETRY_DELAY_MS = 30_000;
/** Seconds for a first proof, before one was measured. */
const GUESSED_PROOF_SECONDS = 5;

/** Where requests are decided on and worked for. */
export type Workshop = { decisions: Decisions; models: number; close: () => Promise<void> };

/** Puts models, lanes, steps and decisions together. */
export async function createWorkshop(base: Base): Promise<Workshop> {
    const { settings, database, chain, rpc, operator, crash, bell, log, onDefect, parts } = base;
    const { deployment, parallelRuns, loadedModels: capacity, home, inputHosts, maxFeePerGasWei } = settings;
    const { families, tokens, failureAllowance, feePercent, secondsToDeliver } = settings;
    const executor = toHex(operator.address);
    const store = await openModelStore({ dirs: settings.models });
    const registries = createRegistries({ rpc, chain, deployment, reader: executor });
    const models = createModels({ store, registries, engines: parts.engines, capacity });
    const clients = settings.enclaves.map((url) => createEnclaveClient({ url, fetch }));
    const enclaves = createEnclaves({ clients, registries, operator: executor });
    const lanes = createLanes({ parallelRuns });
    const pace = createPace({ guessSeconds: GUESSED_PROOF_SECONDS });
    const context: Context = {
        database,
        chain,
        registries,
        models,
        enclaves,
        operator,
        signer: new Wallet(settings.signingKey),
        offer: { executor, families, tokens, failureAllowance, feePercent: BigInt(feePercent) },
        secondsToProve: () => (lanes.proofs.size() + 1) * pace.seconds(),
        secondsToDeliver,
        deployment,
        home,
        inputHosts,
        fetch,
        maxFeePerGasWei,
    };
    await warnOfKey({ context, base });
    await warnOfEnclaves({ context, base });
    const performer = createPerformer({
        steps: createSteps({ context, lanes, pace, wake: bell.ring }),
        urgencyOf: async (requestId: Hex) => Number((await findState(database, requestId))?.deadline ?? Infinity),
        decisions: () => decisions,
        crash,
        onDefect: (error) => {
            log.fatal({ err: error }, "the journal failed: the executor stops");
            onDefect(error);
        },
    });
    const rules = rulesOf({ executor, settings });
    const decisions = createDecisions({ database, rules, perform: performer.perform, log });
    return {
        decisions,
        models: store.size,
        close: async () => {
            await performer.stop();
            await models.close();
        },
    };
}

/** A key that is not registered is only said: it may be set while the executor runs, and proofs need none. */
async function warnOfKey({ context, base }: { context: Context; base: Base }): Promise<void> {
    const { signer, registries, offer } = context;
    const record = await registries.executor({ executor: offer.executor, signal: base.signal });
    const { timestamp } = await newestBlock(context, base);
    if (isValidKey({ record, key: toHex(signer.address), at: timestamp })) return;
    base.log.warn({ code: "EXECUTOR_KEY_NOT_VALID", signingKey: signer.address }, "nothing can be signed");
}

/** An enclave may be registered, or come back, while the executor runs; until then requests that need it wait. */
async function warnOfEnclaves({ context, base }: { context: Context; base: Base }): Promise<void> {
    for (const { code, message } of await context.enclaves.faults(base)) {
        base.log.warn({ code, detail: message }, "an enclave attests nothing");
    }
}

function rulesOf({
    executor,
    settings: { requestConfirmations, deliveryConfirmations },
}: {
    executor: Hex;
    settings: Base["settings"];
}): Rules {
    return {
        executor,
        requestConfirmations,
        deliveryConfirmations,
        maxStarts: MAX_STARTS,
        maxDeaths: MAX_DEATHS,
        maxStatements: MAX_STATEMENTS,
        maxReverts: MAX_REVERTS,
        retryDelayMs: RETRY_DELAY_MS,
        maxRetryDelayMs: MAX_RETRY_DELAY_MS,
    };
}
