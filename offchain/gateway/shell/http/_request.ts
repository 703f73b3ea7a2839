import { readAtMost } from "@assay/executor/parts";
import { ProtocolError } from "@assay/protocol";
import type { Context } from "hono";

/**
 * A body whole. Throws GATEWAY_REQUEST_TOO_LARGE as soon as it is longer than the limit, or says that it will be, and
 * GATEWAY_BODY_INVALID when it breaks off.
 */
export async function bytesOf({ context, limit }: { context: Context; limit: number }): Promise<Uint8Array> {
    const tooLarge = () =>
        new ProtocolError({ code: "GATEWAY_REQUEST_TOO_LARGE", message: `At most ${limit} bytes are read.` });
    const length = context.req.header("content-length");
    if (Number(length ?? 0) > limit) throw tooLarge();
    // Over a socket no body is longer than it says, and read in one piece it costs a fraction.
    const reading = length === undefined ? piecesOf({ context, limit }) : wholeOf(context);
    const bytes = await reading.catch(throwBroken);
    if (bytes === undefined || bytes.length > limit) throw tooLarge();
    return bytes;
}

function throwBroken(cause: unknown): never {
    throw new ProtocolError({ code: "GATEWAY_BODY_INVALID", message: "The body broke off.", cause });
}

async function wholeOf(context: Context): Promise<Uint8Array> {
    return new Uint8Array(await context.req.raw.arrayBuffer());
}

/** undefined: longer than the limit. */
async function piecesOf({ context, limit }: { context: Context; limit: number }): Promise<Uint8Array | undefined> {
    const { body } = context.req.raw;
    return body === null ? new Uint8Array() : readAtMost({ body, limit });
}

/** The gateway's address as the caller reaches it, without a slash at the end. */
export function baseUrlOf({ context, publicUrl }: { context: Context; publicUrl: string | undefined }): string {
    return publicUrl ?? new URL(context.req.url).origin;
}
