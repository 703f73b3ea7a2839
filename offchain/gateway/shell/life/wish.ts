import { randomBytes } from "node:crypto";
import {
    describePolicy,
    type Hex,
    hashJson,
    isProtocolError,
    type JsonObject,
    ProtocolError,
    presetOf,
    toHex,
    uintToHex,
} from "@assay/protocol";
import { requireConfig, type ServedConfig } from "../../core/config.ts";
import { evidencePlan, flowOf, menuOf } from "../../core/evidencePlan.ts";
import type { Call } from "../../core/life.ts";
import type { Model, Reading } from "../../core/model.ts";
import type { Route } from "../../core/order.ts";
import type { Offer, PaymentFlow, Wanted } from "../../core/payment.ts";
import { priceOf } from "../../core/prices.ts";
import { type Verification, verificationOf } from "../../core/verification.ts";
import type { LifeDeps } from "./deps.ts";

const SALT_BYTES = 16;

/** One policy that the request can be answered under. */
export type Option = {
    policy: bigint;
    /** Made beside the signature. */
    families: readonly number[];
    flow: PaymentFlow;
    /** Units of the token; undefined = free. */
    amount: bigint | undefined;
};

/** A call that was read: complete, checked, and with a price. */
export type Wish = {
    model: Model;
    /** As the body names it. */
    modelName: string;
    route: Route;
    requested: JsonObject;
    requestHash: Hex;
    reading: Reading;
    salt: Hex;
    config: ServedConfig | undefined;
    /** At least one; several when the body names no policy. */
    options: readonly Option[];
    wanted: Wanted;
};

type Deps = Pick<LifeDeps, "models" | "prices" | "config">;

/** The model that a call names; undefined when it names none, or one that is not served here. */
export function modelOf({ models }: Pick<Deps, "models">, { body, route }: Pick<Call, "body" | "route">) {
    const model = typeof body?.model === "string" ? models.find(body.model) : undefined;
    return model?.route === route ? model : undefined;
}

/**
 * Reads a call for a model. Throws what is wrong with it: GATEWAY_BODY_INVALID, GATEWAY_PARAMETER_UNSUPPORTED,
 * GATEWAY_POLICY_UNAVAILABLE, GATEWAY_CONFIG_OTHER, POLICY_UNKNOWN, POLICY_NOT_CANONICAL, JSON_INVALID.
 */
export function readWish(deps: Deps, { model, body, url }: { model: Model; body: JsonObject; url: string }): Wish {
    const config = configFor(deps, model.route);
    const verification = verificationFor({ body, model, config });
    requireConfig(verification.config, config);
    const salt = verification.salt ?? toHex(`0x${randomBytes(SALT_BYTES).toString("hex")}`, SALT_BYTES);
    const reading = model.read(body, { salt, config: config?.content });
    const options = optionsFor(deps, { model, config, policy: verification.policy, reading });
    return {
        model,
        modelName: typeof body.model === "string" ? body.model : model.name,
        route: model.route,
        requested: body,
        requestHash: hashJson(body),
        reading,
        salt,
        config,
        options,
        wanted: { url, description: `Inference by ${model.name}`, offers: offersOf(options) },
    };
}

/** Whoever names a policy that does not exist is told those that this model can meet. */
function verificationFor({ body, model, config }: Pick<Wish, "model" | "config"> & { body: JsonObject }): Verification {
    try {
        return verificationOf(body);
    } catch (cause) {
        if (!isProtocolError(cause, "POLICY_UNKNOWN")) throw cause;
        const menu = menuOf({ model, hasConfig: config !== undefined });
        const message = `The policy is neither a preset nor a policy word; possible here: ${namesOf(menu)}.`;
        throw new ProtocolError({ code: "POLICY_UNKNOWN", message, cause });
    }
}

/** What is told to whoever only asks for the price of a route: its first model's menu. */
export function defaultWanted(deps: Deps, { route, url }: Pick<Call, "route" | "url">): Wanted {
    const model = deps.models.all().find((one) => one.route === route);
    const reading = { isStream: false, units: 1 };
    const options =
        model === undefined
            ? []
            : optionsFor(deps, { model, config: configFor(deps, route), policy: undefined, reading });
    return { url, description: "Inference with a receipt", offers: offersOf(options) };
}

/** The configuration in force for a route. */
function configFor({ config }: Pick<Deps, "config">, route: Route): ServedConfig | undefined {
    return config?.routes.includes(route) ? config : undefined;
}

function optionsFor(
    { prices }: Pick<Deps, "prices">,
    {
        model,
        config,
        policy,
        reading,
    }: {
        model: Model;
        config: ServedConfig | undefined;
        policy: bigint | undefined;
        reading: Pick<Reading, "isStream" | "units">;
    },
): Option[] {
    const ability = { model, hasConfig: config !== undefined };
    const menu = menuOf(ability);
    return (policy === undefined ? menu : [policy]).map((wanted) => {
        const families = evidencePlan({ ...ability, policy: wanted });
        if (families === undefined) throw unavailable({ model, policy: wanted, menu });
        const { units, isStream } = reading;
        const amount = priceOf(prices, { policy: wanted, route: model.route, units, model });
        return { policy: wanted, families, flow: flowOf({ isStream, families }), amount };
    });
}

function offersOf(options: readonly Option[]): Offer[] {
    return options.flatMap(({ policy, amount, flow }) => (amount === undefined ? [] : [{ policy, amount, flow }]));
}

function unavailable({ model, policy, menu }: { model: Model; policy: bigint; menu: readonly bigint[] }) {
    const message = `"${model.name}" cannot be answered with ${describePolicy(policy)}; possible here: ${namesOf(menu)}.`;
    return new ProtocolError({ code: "GATEWAY_POLICY_UNAVAILABLE", message });
}

function namesOf(menu: readonly bigint[]): string {
    return menu.map((one) => presetOf(one) ?? uintToHex(one)).join(", ");
}
