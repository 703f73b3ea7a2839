import { ProtocolError } from "@assay/protocol";
import { receiptIdOf } from "../../core/ids.ts";
import { isEnd } from "../../core/stages.ts";
import type { Inference } from "../journal/inference.ts";
import { eraseContents, findInference, outlived } from "../journal/inferences.ts";
import type { LifeDeps } from "./deps.ts";
import { receiptNow, verdictOf } from "./standing.ts";

/** So many at a time: whoever waits for the journal meanwhile does not wait long. */
const ERASED_AT_ONCE = 100;
const MS_PER_SECOND = 1_000;

type Deps = Pick<LifeDeps, "database" | "deployment" | "settlement" | "limits" | "log">;

/** Deletes contents; false = unknown. Throws GATEWAY_UNFINISHED while they are still needed. */
export async function erase(deps: Deps, id: string): Promise<boolean> {
    const one = await findInference(deps.database, id);
    if (one === undefined) return false;
    if (one.contents === null) return true;
    if (!isEnd(one.state)) {
        throw new ProtocolError({ code: "GATEWAY_UNFINISHED", message: `${receiptIdOf(id)} is ${one.state.stage}.` });
    }
    await eraseEnded(deps, one);
    return true;
}

/** Deletes the contents of all that ended longer ago than they are to be kept. */
export async function eraseOutlived(deps: Deps): Promise<void> {
    const before = Math.floor(Date.now() / MS_PER_SECOND) - deps.limits.retentionSeconds;
    for (;;) {
        const ids = await outlived(deps.database, { before, most: ERASED_AT_ONCE });
        for (const id of ids) {
            const one = await findInference(deps.database, id);
            if (one !== undefined) await eraseEnded(deps, one);
        }
        if (ids.length > 0) deps.log.info({ count: ids.length }, "contents deleted");
        if (ids.length < ERASED_AT_ONCE) return;
    }
}

/** Without contents nobody can check the receipt as a whole again: what it was worth is kept. */
async function eraseEnded(deps: Deps, one: Inference): Promise<void> {
    const receipt = await receiptNow(deps, one);
    const verdict = receipt === undefined ? undefined : (one.verdict ?? verdictOf(receipt));
    await eraseContents(deps.database, { ...one, verdict });
}
