import { type Hex, isProtocolError, type JsonObject, ProtocolError, plainText } from "@assay/protocol";
import { pause } from "../pause.ts";
import { faultOf, notAnAnswer, send } from "./_http.ts";
import { readChallenge, refusalIn } from "./_x402.ts";
import type { Setting } from "./options.ts";
import { type SignedPayment, signPayment } from "./wallet.ts";

/** How often one payment is sent before the call is given up; it is never replaced by another. */
const MOST_SENDINGS = 4;
const FIRST_PAUSE_MS = 200;
/** However long a gateway asks to wait. */
const MOST_PAUSE_MS = 10_000;
/** Statuses after which the same payment is sent again: nobody knows yet what became of it. */
const UNDECIDED: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

/** A body and what it is to be given for. */
export type Question = {
    path: string;
    /** Its JSON text is what is sent. */
    body: JsonObject;
    requestHash: Hex;
    /** Equal for equal questions, whatever their salt. */
    key: Hex;
    wanted: { policy: bigint };
    asking: { signal?: AbortSignal };
};

/** A response with status 200, the question that it answers, and the payment for it; none on an unpaid route. */
export type Exchanged<Q> = { response: Response; payment: SignedPayment | undefined; question: Q };

/** Asks gateways, and pays once per call. */
export type Exchange<Q> = (question: Q) => Promise<Exchanged<Q>>;

/**
 * Sends questions and pays for them when asked to. A payment whose outcome nobody knows is kept: the same question again
 * sends the same payment. Throws SDK_GATEWAY_UNREACHABLE, SDK_PAYMENT_REFUSED, SDK_OUTCOME_UNKNOWN, what a gateway
 * refuses with, and what `signPayment` throws.
 */
export function createExchange<Q extends Question>(setting: Setting): Exchange<Q> {
    /** By the key of the question. */
    const undecided = new Map<Hex, { question: Q; payment: SignedPayment }>();
    return async (asked) => {
        const kept = undecided.get(asked.key);
        undecided.delete(asked.key);
        const question = kept === undefined ? asked : { ...kept.question, asking: asked.asking };
        const payment = kept?.payment ?? (await quoted(setting, question));
        if (payment instanceof Response) return { response: payment, payment: undefined, question };
        try {
            return { response: await sendPaid(setting, { question, payment }), payment, question };
        } catch (fault) {
            if (isProtocolError(fault, "SDK_OUTCOME_UNKNOWN")) undecided.set(asked.key, { question, payment });
            throw fault;
        }
    };
}

/** The answer of an unpaid route, or a payment for the price that is asked. */
async function quoted(setting: Setting, question: Question): Promise<Response | SignedPayment> {
    const response = await sendText(setting, { question, headers: {} }).catch((cause: unknown) => {
        if (isProtocolError(cause)) throw cause;
        throw new ProtocolError({ code: "SDK_GATEWAY_UNREACHABLE", cause });
    });
    if (response.status === 200) return response;
    if (response.status !== 402) throw await faultOf(response);
    const challenge = readChallenge(response.headers);
    await response.body?.cancel();
    if (challenge === undefined) throw notAnAnswer("Status 402 without a challenge that can be read.");
    return signPayment(setting, { challenge, requestHash: question.requestHash, policy: question.wanted.policy });
}

type Paid = { question: Question; payment: SignedPayment };

async function sendPaid(setting: Setting, { question, payment }: Paid): Promise<Response> {
    const headers = { "PAYMENT-SIGNATURE": payment.header };
    const { signal } = question.asking;
    let reason: unknown;
    for (let sending = 1; sending <= MOST_SENDINGS && !signal?.aborted; sending++) {
        const response = await sendText(setting, { question, headers }).catch((cause: unknown) => {
            reason = cause;
            return undefined;
        });
        if (response?.status === 200) return response;
        if (response !== undefined) reason = await undecidedFault(response);
        if (sending < MOST_SENDINGS) await pause(pauseMs({ response, sending }), signal);
    }
    const message = `A payment of ${payment.amount} was sent, and there is no answer.`;
    throw new ProtocolError({ code: "SDK_OUTCOME_UNKNOWN", message, cause: reason });
}

/** The fault of a response that decides nothing; a decision is thrown. */
async function undecidedFault(response: Response): Promise<ProtocolError> {
    const { status, headers } = response;
    const refusal = refusalIn(headers);
    const fault = await faultOf(response);
    if (status === 402) {
        const message = `The gateway says: ${plainText((refusal ?? fault.message).slice(0, 300))}.`;
        throw new ProtocolError({ code: "SDK_PAYMENT_REFUSED", message, cause: fault });
    }
    if (!UNDECIDED.includes(status) || fault.code === "GATEWAY_REFUNDING") throw fault;
    return fault;
}

/** What the gateway asks for, else twice as long each time; milliseconds. */
function pauseMs({ response, sending }: { response: Response | undefined; sending: number }): number {
    const asked = Number(response?.headers.get("Retry-After") ?? Number.NaN) * 1000;
    const own = FIRST_PAUSE_MS * 2 ** (sending - 1);
    return Math.min(Number.isFinite(asked) && asked >= 0 ? asked : own, MOST_PAUSE_MS);
}

type Text = { question: Question; headers: Record<string, string> };

function sendText(setting: Setting, { question, headers }: Text): Promise<Response> {
    const { path, body, asking } = question;
    const { signal } = asking;
    return send(setting, { method: "POST", path, body: JSON.stringify(body), headers, signal });
}
