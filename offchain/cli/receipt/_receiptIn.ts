import { ProtocolError, parseReceipt, type Receipt } from "@assay/protocol";
import { z } from "zod";

/** What a gateway answers at GET /v1/receipts/{id}; no receipt has these members. */
const standing = z.looseObject({ id: z.string(), status: z.string(), receipt: z.unknown() });

/**
 * The receipt in the JSON of a file: the file itself, or the member `receipt` of what a gateway says of one. Only the
 * receipt is judged: what stands beside it is the gateway's word. Throws RECEIPT_NOT_IN_FILE, RECEIPT_VERSION_UNKNOWN,
 * RECEIPT_MALFORMED.
 */
export function receiptIn({ file, value }: { file: string; value: unknown }): Receipt {
    const answer = standing.safeParse(value);
    if (!answer.success || "version" in answer.data) return parseReceipt(value);
    const { receipt, status } = answer.data;
    if (receipt !== null && receipt !== undefined) return parseReceipt(receipt);
    const message = `${file} says "${status.slice(0, 40)}" and holds no receipt.`;
    throw new ProtocolError({ code: "RECEIPT_NOT_IN_FILE", message });
}
