import { setTimeout as sleep } from "node:timers/promises";
import { ProtocolError, toHex } from "@assay/protocol";
import type { Life } from "../../core/life.ts";
import { findByRequestId, findInference, unfinished } from "../journal/inferences.ts";
import { createAdmission } from "./admission.ts";
import type { LifeDeps } from "./deps.ts";
import { erase, eraseOutlived } from "./keeping.ts";
import { serve } from "./serving.ts";
import { publicStandingOf, standingOf } from "./standing.ts";
import { createSteps } from "./steps.ts";
import { createWatchers } from "./watchers.ts";
import { createWorkshop } from "./workshop.ts";

/** Contents are kept this much longer than asked, at most. */
const RETENTION_INTERVAL_MS = 60_000;

/** Makes the life of a gateway's inferences. Nothing is served before `start`, and it is started once. */
export function createLife(deps: LifeDeps): Life {
    const { database, log } = deps;
    const stopping = new AbortController();
    const watchers = createWatchers();
    const admission = createAdmission(deps.limits);
    const workshop = createWorkshop(deps, { steps: createSteps(deps), onChange: ({ id }) => watchers.changed(id) });
    let keeping = Promise.resolve();

    const standing = async (id: string) => {
        const one = await findInference(database, id);
        return one && standingOf(deps, one);
    };
    const keep = async () => {
        while (!stopping.signal.aborted) {
            await eraseOutlived(deps).catch((error: unknown) => log.error({ err: error }, "contents were not deleted"));
            await sleep(RETENTION_INTERVAL_MS, undefined, { signal: stopping.signal }).catch(() => {});
        }
    };

    return {
        serve: async (call) => {
            if (stopping.signal.aborted) throw new ProtocolError({ code: "GATEWAY_STOPPING" });
            return serve({ ...deps, workshop, admission }, call);
        },
        standing,
        publicStanding: async (requestId) => {
            const one = await findByRequestId(database, toHex(requestId, 32));
            return one && publicStandingOf(deps, one);
        },
        watch: (id, { onChange, signal }) =>
            watchers.watch(id, {
                read: () => standing(id),
                onChange,
                signal: AbortSignal.any([signal, stopping.signal]),
            }),
        erase: async (id) => {
            const isKnown = await erase(deps, id);
            watchers.changed(id);
            return isKnown;
        },
        underWay: () => workshop.size(),
        start: async () => {
            for (const id of await unfinished(database)) await workshop.resume(id);
            keeping = keep();
        },
        stop: async () => {
            stopping.abort();
            await workshop.stop();
            await keeping;
        },
    };
}
