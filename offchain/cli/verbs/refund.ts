import { refundRequest } from "@assay/sdk";
import { z } from "zod";
import { actingOptions, actingShape, openActing, sentRows } from "../chain/act.ts";
import { facts } from "../io/text.ts";
import { hash32 } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** `assay refund`: after the deadline anybody may give the fee back. */
export const refund = defineVerb({
    name: "refund",
    about: "Refund a request that nobody answered before its deadline; anybody may",
    args: [{ term: "<requestId>", about: "id of the request" }],
    options: actingOptions,
    input: z.object({ requestId: hash32, ...actingShape }),
    run: async ({ shell }, { requestId, ...choice }) => {
        const sent = await refundRequest(await openActing(shell, choice), requestId);
        const rows = facts([["requestId", requestId], ["status", "Refunded"], ...sentRows(sent)]);
        return { ok: true, value: { requestId, status: "Refunded", ...sent }, text: rows };
    },
});
