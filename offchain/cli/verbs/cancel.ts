import { cancelRequest } from "@assay/sdk";
import { z } from "zod";
import { actingOptions, actingShape, openActing, sentRows } from "../chain/act.ts";
import { facts } from "../io/text.ts";
import { hash32 } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** `assay cancel`: makes the call that is due. */
export const cancel = defineVerb({
    name: "cancel",
    about: "Cancel your request: the first call announces, the second, 600 s or more later, refunds",
    args: [{ term: "<requestId>", about: "id of the request" }],
    options: actingOptions,
    input: z.object({ requestId: hash32, ...actingShape }),
    run: async ({ shell }, { requestId, ...choice }) => {
        const sent = await cancelRequest(await openActing(shell, choice), requestId);
        const next: [string, string] = sent.refunded
            ? ["done", "refunded; take it out with `assay withdraw`"]
            : ["next", `cancel again from ${timeText(sent.cancelAt)} on; a delivery until then wins`];
        return {
            ok: true,
            value: { requestId, ...sent },
            text: facts([["requestId", requestId], next, ...sentRows(sent)]),
        };
    },
});

/** Unix seconds as people read them. */
function timeText(seconds: bigint): string {
    return `${new Date(Number(seconds) * 1000).toISOString()} (${seconds})`;
}
