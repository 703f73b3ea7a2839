import * as z from "zod";
import { ProtocolError } from "../errors/ProtocolError.ts";
import { type Receipt, receiptSchema } from "./schema.ts";

const { input, inputSalt, output, outputSalt } = receiptSchema.options[0].shape;

/** What opens committed sides: canonical bytes and salts. Whoever has it can show it, or keep it. */
export const openingSchema = z.strictObject({ input, inputSalt, output, outputSalt });
export type ReceiptOpening = z.infer<typeof openingSchema>;

/**
 * A receipt with what opens its committed sides; whether it does is for verifyReceipt to say. Throws
 * RECEIPT_OPENING_INVALID when the receipt says something else already.
 */
export function openReceipt({ receipt, opening }: { receipt: Receipt; opening: ReceiptOpening }): Receipt {
    const members = (["input", "inputSalt", "output", "outputSalt"] as const).filter(
        (name) => opening[name] !== undefined,
    );
    const other = members.find((name) => receipt[name] !== undefined && receipt[name] !== opening[name]);
    if (other !== undefined) {
        throw new ProtocolError({ code: "RECEIPT_OPENING_INVALID", message: `The receipt has another ${other}.` });
    }
    return { ...receipt, ...opening };
}
