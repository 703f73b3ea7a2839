import { type GatewayReceipt, type Hex, hexToBytes, plainText } from "@assay/protocol";
import { z } from "zod";

type Row = [name: string, value: string];

/** What only a gateway's receipt tells: what it cost, who answered, what shaped it, and where it was recorded. */
export function gatewayRows({ context, output, erased, refund, settlement }: GatewayReceipt): Row[] {
    return [
        ...(context?.route === "chat" && output !== undefined ? answerRows(output) : []),
        ...row("contents", erased && `deleted; the whole receipt had the hash ${erased.receiptHash}`),
        ...(context === undefined ? [] : contextRows(context)),
        ...row("refund", refund && `${refund.amount} units in ${refund.transaction}: ${oneLine(refund.reason)}`),
        ...row("settled", settlement?.kind === "batch" && `sequence ${settlement.sequence}, root ${settlement.root}`),
    ];
}

const answer = z.looseObject({
    choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string().nullish() }) })),
});

/** What a chat answered as text; bytes that are no answer have no text, whatever the receipt says of them. */
function answerRows(output: Hex): Row[] {
    const text = new TextDecoder().decode(hexToBytes(output));
    const parsed = z.string().transform(jsonOf).pipe(answer).safeParse(text);
    if (!parsed.success) return [];
    return parsed.data.choices.flatMap(({ message: { content } }) => row("answer", content && oneLine(content)));
}

function jsonOf(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/** Names of upstreams and configurations are others' text. */
function contextRows({ claimClass, upstream, config, payment, sequence }: Context): Row[] {
    const ran = claimClass === "COMPUTE" ? "COMPUTE, the model ran there" : "GATEWAY, it only forwarded";
    const asked = upstream === null ? "" : ` to ${oneLine(upstream.model)} at ${oneLine(upstream.host)}`;
    return [
        ...row("claim", `${ran}${asked}`),
        ...row("paid", payment === null ? "nothing" : paymentText(payment)),
        ...row("sequence", `${sequence}`),
        ...row("configuration", config !== null && configText(config)),
    ];
}

type Context = NonNullable<GatewayReceipt["context"]>;

function paymentText({ amount, asset, payer, transaction }: NonNullable<Context["payment"]>): string {
    return `${amount} units of ${asset} by ${payer} in ${transaction}`;
}

function configText({ name, owner, version, inForceFrom }: NonNullable<Context["config"]>): string {
    return `${oneLine(name)} of ${owner}, version ${version}, in force from ${inForceFrom}`;
}

function row(name: string, value: string | false | null | undefined): Row[] {
    return value ? [[name, value]] : [];
}

/** Others' text, with which nobody can begin a row of their own. */
function oneLine(text: string): string {
    return plainText(text).replaceAll(/\s+/g, " ");
}
