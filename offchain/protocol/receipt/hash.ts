import type { Hex } from "../hex.ts";
import { hashJson } from "../jcs.ts";
import type { Receipt } from "./schema.ts";

/** Hash of what a receipt records, without what may be added or changed later: evidence, registry, attestation, settlement. */
export function receiptHash(receipt: Receipt): Hex {
    const { evidence, registry, attestation, settlement, ...recorded } = receipt;
    return hashJson(recorded);
}
