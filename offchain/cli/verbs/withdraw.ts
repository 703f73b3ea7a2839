import { toHex } from "@assay/protocol";
import { withdrawCredit } from "@assay/sdk";
import { z } from "zod";
import { actingOptions, actingShape, openActing, sentRows } from "../chain/act.ts";
import { facts } from "../io/text.ts";
import { address, token } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** `assay withdraw`: fees earned and refunds, paid out. */
export const withdraw = defineVerb({
    name: "withdraw",
    about: "Pay out what the hub owes you: fees earned as an executor, refunds as a requester",
    options: [
        { flags: "--to <address>", about: "who is paid (default: the key's own address)" },
        { flags: "--token <address>", about: "token to pay out (default: native)" },
        ...actingOptions,
    ],
    input: z.object({ to: address.optional(), token, ...actingShape }),
    run: async ({ shell }, { to, token, ...choice }) => {
        const acting = await openActing(shell, choice);
        const payee = to ?? toHex(await acting.signer.getAddress());
        const sent = await withdrawCredit(acting, { token, to: payee });
        const rows = facts([["to", payee], ["amount", `${sent.amountWei} wei`], ...sentRows(sent)]);
        return { ok: true, value: { to: payee, token, ...sent }, text: rows };
    },
});
