import { decodePolicy, FAMILIES, familiesOf, isTeeFamily, isUnavailable, meetable, PRESETS } from "@assay/protocol";
import type { Model } from "./model.ts";
import type { PaymentFlow } from "./payment.ts";

/** Policies that are offered to whoever names none, cheapest first; any other canonical one can be asked for by its word. */
const MENU = [
    PRESETS.SIGNED,
    PRESETS.TEE,
    PRESETS.SIGNED_AND_TEE,
    PRESETS.ZK,
    PRESETS.SIGNED_AND_ZK,
    PRESETS.TEE_AND_ZK,
].map((policy) => ({ policy, clauses: decodePolicy(policy).clauses }));

/** What decides whether a policy can be met. */
type Ability = { model: Pick<Model, "families" | "facts">; hasConfig: boolean };

/**
 * Families to be made beside the signature, which is made always: those of the clause that asks for least. Undefined when
 * no clause can be met: a family is missing, or there is a configuration, which no circuit runs and no enclave knows.
 */
export function evidencePlan({ policy, model, hasConfig }: Ability & { policy: bigint }): number[] | undefined {
    if (isUnavailable(policy)) return undefined;
    const possible = possibleMask({ model, hasConfig });
    const mask = meetable({ word: policy, possible, exactInt: model.facts.semantics === "EXACT_INT" });
    const plans = decodePolicy(policy)
        .clauses.filter((_, at) => (mask & (1 << at)) !== 0)
        .map((clause) => familiesOf(clause).filter((family) => family !== FAMILIES.SIGNED));
    return plans.sort((a, b) => costOf(a) - costOf(b))[0];
}

/** The policies of the menu that a model can meet: asked for every quote, and none of them has a flag to be considered. */
export function menuOf(ability: Ability): bigint[] {
    const possible = possibleMask(ability);
    return MENU.filter(({ clauses }) => clauses.some((clause) => (clause & ~possible) === 0)).map(
        ({ policy }) => policy,
    );
}

function possibleMask({ model, hasConfig }: Ability): number {
    return model.families
        .filter((family) => !hasConfig || family === FAMILIES.SIGNED)
        .reduce((mask, family) => mask | (1 << family), 1 << FAMILIES.SIGNED);
}

/** When money moves: before the work whenever the work cannot be taken back or costs much. */
export function flowOf({ isStream, families }: { isStream: boolean; families: readonly number[] }): PaymentFlow {
    return isStream || families.length > 0 ? "upfront" : "authorization";
}

/** A proof costs more than all enclaves. */
function costOf(families: readonly number[]): number {
    return families.reduce((sum, family) => sum + (isTeeFamily(family) ? 1 : 100), 0);
}
