import { setImmediate } from "node:timers/promises";
import { ProtocolError } from "@assay/protocol";
import { atFault } from "../../core/atFault.ts";
import type { Call, Reply } from "../../core/life.ts";
import type { Payment, Wanted } from "../../core/payment.ts";
import { PaymentRefused, REASONS } from "../../core/paymentRefused.ts";
import { isEnd } from "../../core/stages.ts";
import { verificationOf } from "../../core/verification.ts";
import type { Inference } from "../journal/inference.ts";
import { findInference } from "../journal/inferences.ts";
import type { Admission } from "./admission.ts";
import type { LifeDeps } from "./deps.ts";
import type { Caller, Job } from "./job.ts";
import { headOf, replyOf } from "./replies.ts";
import { reserve, usedFor } from "./reserve.ts";
import { defaultWanted, modelOf, type Option, readWish, type Wish } from "./wish.ts";
import type { Workshop } from "./workshop.ts";

/** Whoever was faster with the same payment may go away and give it back; who was slower tries this often. */
const MOST_RACES = 5;
/** As much of a name that is unknown is said back. */
const MOST_NAME_CHARACTERS = 80;

type Deps = LifeDeps & { workshop: Workshop; admission: Admission };
type Ordered = { wish: Wish; option: Option; payment: Payment | undefined };

/** Answers a call; throws what is wrong with it, and what it failed by. */
export async function serve(deps: Deps, call: Call): Promise<Reply> {
    const model = modelOf(deps, call);
    if (call.body === undefined || model === undefined) return quoteRoute(deps, call);
    const wish = readWish(deps, { model, body: call.body, url: call.url });
    const free = wish.options.find(({ amount }) => amount === undefined);
    if (free !== undefined && (call.payment === undefined || wish.wanted.offers.length === 0)) {
        return answer(deps, call, { wish, option: free, payment: undefined });
    }
    if (call.payment === undefined) return unpaid(deps, wish.wanted);
    try {
        const payment = await readPayment(deps, { header: call.payment, wish });
        const option = wish.options.find(({ policy }) => policy === payment.offer.policy);
        if (option === undefined) throw new PaymentRefused({ reason: REASONS.noMatch });
        return await answer(deps, call, { wish, option, payment });
    } catch (error) {
        if (error instanceof PaymentRefused) return unpaid(deps, wish.wanted, error.reason);
        throw error;
    }
}

/** A payment that ran out in the meantime still finds what it paid for, and nothing else. */
async function readPayment(deps: Deps, { header, wish }: { header: string; wish: Wish }): Promise<Payment> {
    const { wanted, requestHash } = wish;
    try {
        return await deps.payments.read(header, wanted, { requestHash });
    } catch (error) {
        if (!(error instanceof PaymentRefused) || error.reason !== REASONS.validBefore) throw error;
        const payment = await deps.payments.read(header, wanted, { requestHash, isRepetition: true });
        if ((await usedFor(deps, { wish, payment })) === undefined) throw error;
        return payment;
    }
}

async function unpaid({ payments }: Deps, wanted: Wanted, error?: string): Promise<Reply> {
    return { status: "unpaid", challenge: await payments.challenge(wanted, error), error };
}

/** Whoever names no model has nothing to pay for, but is told the price of the route; a wrong name has no price. */
async function quoteRoute(deps: Deps, call: Call): Promise<Reply> {
    const name = call.body?.model;
    if (typeof name === "string" && name !== "") {
        throw modelUnknown(`"${name.slice(0, MOST_NAME_CHARACTERS)}" is no model of route ${call.route}.`);
    }
    const wanted = defaultWanted(deps, call);
    if (call.payment === undefined && wanted.offers.length > 0) return unpaid(deps, wanted);
    if (call.body !== undefined) throw modelUnknown(`No model of route ${call.route} is named.`);
    throw new ProtocolError({ code: "GATEWAY_BODY_INVALID", message: "The body is no JSON object." });
}

function modelUnknown(message: string): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_MODEL_UNKNOWN", message, cause: atFault("model") });
}

async function answer(deps: Deps, call: Call, ordered: Ordered): Promise<Reply> {
    for (let race = 0; race < MOST_RACES; race++) {
        const found = await jobFor(deps, ordered);
        const one = "wait" in found ? await found.wait(callerOf(call, found)) : found;
        const code = one.state.stage === "failed" ? one.state.reason?.code : undefined;
        if (code === "GATEWAY_PAYMENT_INVALID") throw new PaymentRefused({ reason: one.state.reason?.text ?? "" });
        // Somebody who asked for the same went away: the reservation is free again.
        if (code !== "GATEWAY_ABANDONED" || call.signal.aborted) return replyOf(deps, one);
    }
    throw new ProtocolError({ code: "GATEWAY_BUSY" });
}

/** The one inference of a payment: under way, or as it ended. */
async function jobFor(deps: Deps, { wish, option, payment }: Ordered): Promise<Job | Inference> {
    for (let race = 0; race < MOST_RACES; race++) {
        const used = payment === undefined ? undefined : await usedFor(deps, { wish, payment });
        if (used === undefined) {
            const begun = await beginNew(deps, { wish, option, payment });
            if (begun !== undefined) return begun;
            continue;
        }
        const known = deps.workshop.find(used) ?? (await findInference(deps.database, used));
        if (known !== undefined && ("wait" in known || isEnd(known.state))) return known;
        // Journalled by somebody who has not begun yet.
        await setImmediate();
    }
    throw new ProtocolError({ code: "GATEWAY_BUSY" });
}

/** undefined: somebody else was faster with the same payment. */
async function beginNew(deps: Deps, { wish, option, payment }: Ordered): Promise<Job | undefined> {
    await requireInForce(deps, wish);
    const leave = deps.admission.enter(payment?.payer);
    try {
        const one = await reserve(deps, { wish, option, payment });
        if (one !== undefined) return deps.workshop.begin(one, leave);
    } catch (error) {
        leave();
        throw error;
    }
    leave();
    return undefined;
}

/** Throws GATEWAY_CONFIG_OTHER for a version that was replaced, unless the body asks for it by its number. */
async function requireInForce({ chain }: Deps, { config, requested }: Wish): Promise<void> {
    if (config === undefined || verificationOf(requested).config?.version !== undefined) return;
    if (await chain.isInForce(config.record)) return;
    const { name, version } = config.record;
    const message = `Version ${version} of "${name}", which is applied here, was replaced.`;
    throw new ProtocolError({ code: "GATEWAY_CONFIG_OTHER", message });
}

/** A stream begins with its first piece. */
function callerOf({ signal, sink }: Call, job: Job): Caller {
    if (sink === undefined) return { signal };
    let isBegun = false;
    return {
        signal,
        onPiece: (piece) => {
            if (!isBegun) sink.start(headOf(job.one, job.paymentResponse));
            isBegun = true;
            sink.piece(piece);
        },
    };
}
