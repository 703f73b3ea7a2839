import { SEMANTICS } from "../constants.ts";
import { isMet, isUnavailable, policyFault } from "../policy.ts";
import { describePolicy, describePresent } from "../policyText.ts";
import type { Case } from "./_case.ts";
import { type Report, refuse } from "./verdict.ts";

/** The gate allows this long before its own clock, seconds: AnswerRules.MAX_LEAD_SECONDS. */
const MAX_LEAD_SECONDS = 60;

/** The executor is one who may answer: named, if anybody is, and with the stake that was asked for. */
export function checkSigners({ receipt, signers, chain }: Case): Report {
    const { executor } = receipt.statement;
    if (signers.executors.length > 0 && !signers.executors.includes(executor)) {
        return refuse("RECEIPT_EXECUTOR_NOT_NAMED", `Executor ${executor}.`);
    }
    const claimed = receipt.registry.executor !== undefined && chain?.executor === undefined;
    const stakeWei = BigInt(receipt.registry.executor?.stakeWei ?? "0");
    if (stakeWei < signers.minStakeWei) {
        return refuse("RECEIPT_STAKE_TOO_LOW", `${stakeWei} wei of ${signers.minStakeWei}.`);
    }
    const text = "The executor's stake is the receipt's word; nothing slashes it yet.";
    return claimed ? { claimed: [{ subject: "registry.executor.stakeWei", text }] } : {};
}

/** The statement is neither from the future nor, for what the policy asks, too old. */
export function checkTime({ receipt, statement, policy, chain }: Case): Report {
    const { blockNumber, blockTimestamp } = receipt.registry;
    const now = BigInt(blockTimestamp);
    if (statement.issuedAt > now + BigInt(MAX_LEAD_SECONDS)) {
        return refuse(
            "RECEIPT_ISSUED_IN_FUTURE",
            `Issued at ${statement.issuedAt}, block ${blockNumber} is of ${now}.`,
        );
    }
    const maxAgeSeconds = ((policy >> 216n) & 0xffffn) * 60n;
    if (statement.resultCode === 0n && maxAgeSeconds > 0n && now > statement.issuedAt + maxAgeSeconds) {
        return refuse("RECEIPT_EVIDENCE_TOO_OLD", `${now - statement.issuedAt} s old, at most ${maxAgeSeconds} s.`);
    }
    const text = "Which block was read, and when, is the receipt's word.";
    const members = ["blockNumber", "blockHash", "blockTimestamp"];
    return chain?.block ? {} : { claimed: members.map((member) => ({ subject: `registry.${member}`, text })) };
}

/** The policy is one, and the families present meet it; a failure never meets one and need not. */
export function checkPolicy({ receipt, policy, statement }: Case, present: number): Report {
    const fault = policyFault(policy);
    if (fault !== undefined) return refuse("RECEIPT_POLICY_NOT_CANONICAL", `Fault: ${fault}.`);
    if (isUnavailable(policy)) return refuse("RECEIPT_POLICY_UNAVAILABLE", describePolicy(policy));
    if (statement.resultCode !== 0n) return {};
    const exactInt = SEMANTICS.EXACT_INT === semanticsOf(receipt);
    if (!isMet({ word: policy, present, exactInt })) {
        return refuse(
            "RECEIPT_POLICY_NOT_MET",
            `Asked: ${describePolicy(policy)}. Present: ${describePresent(present)}.`,
        );
    }
    return { policyMet: true };
}

function semanticsOf({ registry }: Case["receipt"]): number | undefined {
    return new Map(Object.entries(SEMANTICS)).get(registry.model.semantics);
}
