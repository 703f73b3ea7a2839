import constants from "./tables/constants.json" with { type: "json" };
import resultCodes from "./tables/result-codes.json" with { type: "json" };

/** Families of evidence and their bit numbers in policies and present masks. */
export const FAMILIES = constants.families;
export type FamilyName = keyof typeof FAMILIES;

/** Flags of a policy and their bit numbers within the flags byte. */
export const FLAGS = constants.flags;
export type FlagName = keyof typeof FLAGS;

/** Bits of a present mask that no policy can ask for. */
export const PRESENT_BITS = constants.presentBits;

/** Values of `semantics` in a model's content. */
export const SEMANTICS = constants.semantics;
export type SemanticsName = keyof typeof SEMANTICS;

/** What an enclave claims to have done: run the model inside, or forwarded to somebody else. */
export const CLAIM_CLASSES = constants.claimClasses;
export type ClaimClassName = keyof typeof CLAIM_CLASSES;

/** How a key was made, as claimed by its owner. */
export const SETUP_KINDS = constants.setupKinds;
export type SetupKindName = keyof typeof SETUP_KINDS;

/** EIP-712 domain name and version of the gate. */
export const DOMAIN = constants.domain;

/** Chains on which development keys and verifiers may exist. */
export const DEVELOPMENT_CHAIN_IDS: readonly number[] = constants.developmentChainIds;

/** Coded results of an inference; 0 is success. */
export const RESULT_CODES: readonly { code: number; name: string; meaning: string }[] = resultCodes;

/** Whether development setups and stand-ins are allowed on a chain. */
export function isDevelopmentChain(chainId: bigint | number): boolean {
    return DEVELOPMENT_CHAIN_IDS.includes(Number(chainId));
}

/** Name of a family bit, or `family N` for one that has none. */
export function familyName(family: number): string {
    return Object.entries(FAMILIES).find(([, bit]) => bit === family)?.[0] ?? `family ${family}`;
}
