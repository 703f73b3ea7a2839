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
    if (Number(context.req.header("content-length") ?? 0) > limit) throw tooLarge();
    const { body } = context.req.raw;
    const bytes = body === null ? new Uint8Array() : await readAtMost({ body, limit }).catch(throwBroken);
    if (bytes === undefined) throw tooLarge();
    return bytes;
}

function throwBroken(cause: unknown): never {
    throw new ProtocolError({ code: "GATEWAY_BODY_INVALID", message: "The body broke off.", cause });
}

/** The gateway's address as the caller reaches it, without a slash at the end. */
export function baseUrlOf({ context, publicUrl }: { context: Context; publicUrl: string | undefined }): string {
    return publicUrl ?? new URL(context.req.url).origin;
}
