import type { Hex } from "../hex.ts";
import { hashJson } from "../jcs.ts";
import type { Receipt } from "./schema.ts";

/**
 * Hash of what a receipt records, without what may be added or changed later: evidence, registry, attestation,
 * settlement, refund. A receipt whose contents were deleted still says the hash that it had.
 */
export function receiptHash(receipt: Receipt): Hex {
    const { evidence, registry, attestation, settlement, ...recorded } = receipt;
    if (recorded.origin !== "gateway") return hashJson(recorded);
    const { refund, erased, ...kept } = recorded;
    return erased?.receiptHash ?? hashJson(kept);
}
