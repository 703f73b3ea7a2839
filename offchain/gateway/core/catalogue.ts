import { evidencePlan, flowOf, menuOf } from "./evidencePlan.ts";
import type { Model } from "./model.ts";
import type { PaymentFlow } from "./payment.ts";
import { type Prices, priceOf } from "./prices.ts";

/** What one policy of a model costs, in units of the token. */
export type Listed = {
    policy: bigint;
    /** Of a call that is not streamed; streams are paid upfront. */
    flow: PaymentFlow;
    /** Without output tokens. */
    amount: bigint;
    /** For every output token at most; 0 = they cost nothing. */
    outputTokenAmount: bigint;
};

/** The policies that a model is offered with, cheapest first. */
export function listedFor({
    prices,
    hasConfig,
    model,
}: {
    prices: Prices;
    hasConfig: boolean;
    model: Model;
}): Listed[] {
    const ability = { model, hasConfig };
    return menuOf(ability).map((policy) => {
        const price = (units: number) => priceOf(prices, { policy, route: model.route, units, model }) ?? 0n;
        const families = evidencePlan({ ...ability, policy }) ?? [];
        const amount = price(0);
        return { policy, flow: flowOf({ isStream: false, families }), amount, outputTokenAmount: price(1) - amount };
    });
}
