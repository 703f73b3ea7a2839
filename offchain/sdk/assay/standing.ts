import {
    FAMILIES,
    type GatewayReceipt,
    isProtocolError,
    maskOf,
    ProtocolError,
    parseReceipt,
    satisfied,
} from "@assay/protocol";
import { z } from "zod";
import { pause } from "../pause.ts";
import { faultOf, jsonOf, notAnAnswer, send } from "./_http.ts";
import type { Setting } from "./options.ts";

/** Proofs take seconds to minutes; a gateway answers this from its journal. */
const POLLING_INTERVAL_MS = 500;
/** How long one call waits for its evidence unless its signal says less. */
const PATIENCE_MS = 600_000;

const standingSchema = z.object({
    id: z.string(),
    status: z.enum(["accepted", "paying", "running", "served", "proven", "settled", "failed", "refunded"]),
    reason: z.string().nullish(),
    receipt: z.unknown().optional(),
});

/** Where an inference stands, as its gateway says. */
export type GatewayStanding = {
    id: string;
    status: z.infer<typeof standingSchema>["status"];
    reason: string;
    /** Undefined while there is none. */
    receipt: GatewayReceipt | undefined;
};

/** A name of a receipt at a gateway: `rcpt_` or `chatcmpl-` and 32 hex digits. */
const RECEIPT_ID = /^(?:rcpt_|chatcmpl-)[0-9a-f]{32}$/;

/** Whether a text is the id of a receipt at a gateway. */
export function isReceiptId(text: string): boolean {
    return RECEIPT_ID.test(text);
}

/** Asks a gateway where an inference stands; throws SDK_GATEWAY_UNREACHABLE, SDK_GATEWAY_ANSWER_INVALID, what it says. */
export async function readStanding(
    setting: Setting,
    { id, signal }: { id: string; signal?: AbortSignal | undefined },
): Promise<GatewayStanding> {
    const path = `/v1/receipts/${encodeURIComponent(id)}`;
    const response = await send(setting, { method: "GET", path, signal }).catch((cause: unknown) => {
        if (isProtocolError(cause)) throw cause;
        throw new ProtocolError({ code: "SDK_GATEWAY_UNREACHABLE", message: "It gives no receipt now.", cause });
    });
    if (response.status !== 200) throw await faultOf(response);
    const parsed = standingSchema.safeParse(await jsonOf(response));
    if (!parsed.success) throw notAnAnswer("It has no standing of a receipt.", parsed.error);
    const { reason, receipt, ...rest } = parsed.data;
    return { ...rest, reason: reason ?? "", receipt: receipt == null ? undefined : gatewayReceiptOf(receipt) };
}

/**
 * Waits until an inference has a receipt that `isEnough`, which may throw. Throws SDK_INFERENCE_FAILED when it has none
 * and never will, SDK_EVIDENCE_LATE when the signal or ten minutes end the wait.
 */
export async function waitForReceipt(
    setting: Setting,
    {
        id,
        isEnough,
        signal,
    }: { id: string; isEnough: (receipt: GatewayReceipt) => boolean; signal?: AbortSignal | undefined },
): Promise<GatewayReceipt> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const end = signal === undefined ? patience : AbortSignal.any([signal, patience]);
    let last: unknown;
    while (!end.aborted) {
        const standing = await readStanding(setting, { id, signal: end }).catch((fault: unknown) => {
            if (!end.aborted && !isTemporary(fault)) throw fault;
            last = fault;
            return undefined;
        });
        if (standing !== undefined) {
            const { status, reason, receipt } = standing;
            if (status === "failed" || status === "refunded") throw failed({ id, status, reason });
            if (receipt !== undefined && isEnough(receipt)) return receipt;
        }
        await pause(POLLING_INTERVAL_MS, end);
    }
    throw new ProtocolError({ code: "SDK_EVIDENCE_LATE", message: `${id} has not all its evidence.`, cause: last });
}

/** Whether it has what its policy asks for; whether that is worth anything is for verifyReceipt to say. */
export function hasAllEvidence({ evidence, request, statement }: GatewayReceipt): boolean {
    const families: Readonly<Record<string, number>> = FAMILIES;
    const present = maskOf(evidence.map(({ family }) => families[family] ?? 0));
    return statement.resultCode !== 0 || satisfied(BigInt(request.policy), present);
}

function isTemporary(fault: unknown): boolean {
    return isProtocolError(fault) && fault.retryable;
}

function failed({ id, status, reason }: { id: string; status: string; reason: string }): ProtocolError {
    return new ProtocolError({ code: "SDK_INFERENCE_FAILED", message: `${id} is ${status}: ${reason}` });
}

/** A receipt of a gateway; throws SDK_GATEWAY_ANSWER_INVALID, RECEIPT_MALFORMED, RECEIPT_VERSION_UNKNOWN. */
function gatewayReceiptOf(value: unknown): GatewayReceipt {
    const receipt = parseReceipt(value);
    if (receipt.origin === "gateway") return receipt;
    throw notAnAnswer(`It gives a receipt of a ${receipt.origin}.`);
}
