import { type ChainState, type ErrorCode, type HubReceipt, PRESETS, type Receipt, uintToHex } from "@assay/protocol";
import { chainStateFor, hubReceipt } from "./_receipts.ts";

export const OTHER = uintToHex(99n);
export const ISSUED_AT = 1_800_000_000;

/** A receipt that must be refused with a code; sometimes only a chain shows it. */
export interface Refused {
    code: ErrorCode;
    when: string;
    receipt: () => unknown;
    chainState?: (receipt: Receipt) => ChainState;
}

/** The members of a registry record with one of its parts changed. */
export function registryWith(changes: {
    model?: Partial<Receipt["registry"]["model"]>;
    executor?: Partial<NonNullable<Receipt["registry"]["executor"]>>;
}): Partial<Receipt["registry"]> {
    const { model, executor } = hubReceipt().registry;
    if (executor === undefined) throw new Error("The fixture has an executor.");
    return {
        ...(changes.model ? { model: { ...model, ...changes.model } } : {}),
        ...(changes.executor ? { executor: { ...executor, ...changes.executor } } : {}),
    };
}

export function withoutMember<T extends object>(value: T, name: string): object {
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

export function secondSignature(): HubReceipt {
    const receipt = hubReceipt();
    return { ...receipt, evidence: receipt.evidence.slice(0, 1).concat(receipt.evidence) };
}

export const honest = (receipt: Receipt): ChainState => chainStateFor(receipt);
export const delivery = {
    resultCode: 0,
    presentMask: 17,
    outputHash: OTHER,
    transaction: OTHER,
    blockNumber: 1,
    blockHash: OTHER,
};
export const signed = { families: ["SIGNED"], policy: PRESETS.SIGNED } as const;
