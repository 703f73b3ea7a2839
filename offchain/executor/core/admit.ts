import {
    decodePolicy,
    type ErrorCode,
    FAMILIES,
    familyName,
    type Hex,
    isTeeFamily,
    maskOf,
    minimumFeeWei,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import { chooseFamilies } from "./families.ts";
import type { Outcome, Plan } from "./state.ts";
import { type Ask, askOf, type HubWanted, type Wanted } from "./wanted.ts";

/** What the executor offers, and for how much. */
export type Offer = {
    executor: Hex;
    /** Families that evidence is made of. */
    families: readonly number[];
    /** Percent of the least fee (fees.ts of the protocol) that is asked; 0 serves for nothing. */
    feePercent: bigint;
    /** Tokens besides the native one, and the least fee in units of each: what a token is worth, only the operator knows. */
    tokens: readonly { token: Hex; minimumFee: bigint }[];
    /** How many signed failures one requester gets: they cost gas, and nobody pays for them. */
    failureAllowance: number;
};

/** An enclave of the executor that may not attest the model now, and why; family undefined: it could not be asked. */
export type MissingEnclave = { url: string; family: number | undefined; why: string };

/** What was read of the world before deciding. */
export type Facts = {
    /** Unix seconds of the newest block. */
    chainTime: bigint;
    /** Seconds that work waiting here and this request's own evidence will take, by family of the plan. */
    secondsNeeded: (families: readonly number[]) => number;
    gasPriceWei: bigint;
    /** The compiled model, if there is one here that is registered under this modelId. */
    model: { exactInt: boolean; provable: boolean; committed: boolean } | undefined;
    /** Families whose enclaves of this executor may attest this model now. */
    attestable: readonly number[];
    /** Those of its enclaves that may not, though that can change while the request waits. */
    missing: readonly MissingEnclave[];
    /** Whether the signing key is the executor's valid key now. */
    canSign: boolean;
    stakeWei: bigint;
    /** Signed failures that this requester has had. */
    failuresSigned: number;
};

/** postponed: nothing about the request is in the way, it can be served when an enclave is back. */
export type Admission =
    | { kind: "admitted"; plan: Plan }
    | { kind: "refused"; outcome: Outcome }
    | { kind: "postponed"; outcome: Outcome };

const TEE_FAMILIES = Object.values(FAMILIES).filter(isTeeFamily);

type Question = { wanted: Wanted; offer: Offer; facts: Facts };

/** Whether a request is served, with which families, and if not, for which reason. The first reason found is given. */
export function admit({ wanted, offer, facts }: Question): Admission {
    const ask = askOf(wanted);
    const named = ask.executors.some((executor) => executor.toLowerCase() === offer.executor.toLowerCase());
    if (ask.executors.length > 0 && !named) return refused("EXECUTOR_NOT_NAMED", ask.executors.join(", "));
    if (facts.stakeWei < ask.minStakeWei) {
        return refused("EXECUTOR_STAKE_TOO_LOW", `wanted ${ask.minStakeWei} wei, staked ${facts.stakeWei} wei`);
    }
    if (facts.model === undefined) return refused("EXECUTOR_MODEL_UNKNOWN", ask.modelId);
    if (facts.model.committed) return refused("EXECUTOR_IO_COMMITTED", ask.modelId);

    const mayFail = named && maySignFailure({ wanted, offer, facts });
    const families = familiesFor({ ask, offer, facts });
    if (families === undefined) return unmet({ ask, offer, facts });
    if (ask.configHash !== ZERO_BYTES32 && !mayFail) return refused("EXECUTOR_CONFIG_UNKNOWN", ask.configHash);

    const unprofitable = wanted.origin === "hub" ? termsReason({ wanted, offer, facts, families }) : undefined;
    return unprofitable ?? { kind: "admitted", plan: { families, mayFail } };
}

function familiesFor({ ask, offer, facts }: { ask: Ask; offer: Offer; facts: Facts }): number[] | undefined {
    const provable = facts.model?.provable === true && ask.configHash === ZERO_BYTES32;
    // A signature of somebody nobody chose says nothing: the gate wants names or a stake.
    const signable = facts.canSign && (ask.executors.length > 0 || ask.minStakeWei > 0n);
    const possible = offer.families.filter((family) => {
        if (family === FAMILIES.SIGNED) return signable;
        return family === FAMILIES.ZK_GROTH16 ? provable : facts.attestable.includes(family);
    });
    return chooseFamilies({ policy: ask.policy, possible, exactInt: facts.model?.exactInt === true });
}

/** A policy that an enclave or a valid signing key would make possible is the operator's fault, not the requester's. */
function unmet({ ask, offer, facts }: { ask: Ask; offer: Offer; facts: Facts }): Admission {
    const returning = facts.missing.flatMap(({ family }) => family ?? TEE_FAMILIES);
    const hoped = { ...facts, attestable: [...facts.attestable, ...returning] };
    if (familiesFor({ ask, offer, facts: hoped }) !== undefined) {
        const detail = missingText(facts.missing);
        return { kind: "postponed", outcome: { code: "EXECUTOR_ENCLAVE_MISSING", detail } };
    }
    const withKey = familiesFor({ ask, offer, facts: { ...hoped, canSign: true } });
    if (!facts.canSign && withKey !== undefined) return refused("EXECUTOR_KEY_NOT_VALID", offer.executor);
    return refused("EXECUTOR_POLICY_UNMET", `policy 0x${ask.policy.toString(16)}`);
}

/** Which enclaves are missing, of which families, and why each. */
export function missingText(missing: readonly MissingEnclave[]): string {
    const one = ({ url, family, why }: MissingEnclave) =>
        `${family === undefined ? "unknown family" : familyName(family)} at ${url}: ${why}`;
    return missing.length === 0 ? "no enclave is configured" : missing.map(one).join("; ");
}

function maySignFailure({ wanted, offer, facts }: Question): boolean {
    const offered = offer.families.includes(FAMILIES.SIGNED) && facts.canSign;
    return wanted.origin === "hub" && offered && facts.failuresSigned < offer.failureAllowance;
}

/** Deadline and fee of a hub request. */
function termsReason({
    wanted,
    offer,
    facts,
    families,
}: {
    wanted: HubWanted;
    offer: Offer;
    facts: Facts;
    families: readonly number[];
}): Admission | undefined {
    const { deadline, token, feeWei, policy, callbackGas } = wanted.terms;
    const ready = facts.chainTime + BigInt(Math.ceil(facts.secondsNeeded(families)));
    if (ready > deadline) {
        return refused("EXECUTOR_DEADLINE_TOO_CLOSE", `ready at ${ready}, deadline ${deadline}, unix seconds`);
    }
    if (token !== ZERO_ADDRESS) return tokenReason({ offer, token, feeWei });
    // Only the clause that will be served is counted, so that whoever paid what a quote said is never refused.
    const clauses = 1 << decodePolicy(policy).clauses.indexOf(maskOf(families));
    const leastWei = minimumFeeWei({ policy, callbackGas, gasPriceWei: facts.gasPriceWei, clauses });
    const askedWei = (leastWei * offer.feePercent + 99n) / 100n;
    return feeWei < askedWei ? refused("EXECUTOR_FEE_TOO_LOW", `fee ${feeWei} wei, asked ${askedWei} wei`) : undefined;
}

function tokenReason({ offer, token, feeWei }: { offer: Offer; token: Hex; feeWei: bigint }): Admission | undefined {
    const accepted = offer.tokens.find((row) => row.token.toLowerCase() === token.toLowerCase());
    if (accepted === undefined) return refused("EXECUTOR_TOKEN_NOT_ACCEPTED", token);
    if (feeWei >= accepted.minimumFee) return undefined;
    return refused("EXECUTOR_FEE_TOO_LOW", `fee ${feeWei}, asked ${accepted.minimumFee} units of ${token}`);
}

function refused(code: ErrorCode, detail: string): Admission {
    return { kind: "refused", outcome: { code, detail } };
}
