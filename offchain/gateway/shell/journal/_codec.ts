import { type Hex, isHex, ProtocolError } from "@assay/protocol";
import * as z from "zod";

/** Any bytes in hex. */
export const hex = z.custom<Hex>((value) => isHex(value), "not hex");
export const count = z.int().min(0);
/** A column of type bigint, whichever way the driver gives it. */
export const bigintColumn = z.coerce.number().pipe(count);
export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "not bytes");
/** JSON has no bigint: integers travel as decimal text. */
export const integer = z.codec(z.string().regex(/^\d+$/), z.bigint(), { decode: BigInt, encode: String });

/** Parses rows of the journal; throws GATEWAY_JOURNAL_INVALID. */
export function read<T>({ schema, json }: { schema: z.ZodType<T>; json: unknown }): T {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const message = `A row of the journal is not of this version: ${z.prettifyError(parsed.error)}.`;
    throw new ProtocolError({ code: "GATEWAY_JOURNAL_INVALID", message, cause: parsed.error });
}
