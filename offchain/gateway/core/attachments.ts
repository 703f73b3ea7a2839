import { type GatewayContext, keccak256 } from "@assay/protocol";
import { bodyInvalid, unsupported } from "./_refusal.ts";

/** What came with a request beside text, as a receipt names it. */
export type Attachment = GatewayContext["attachments"][number];

const DATA_URL = /^data:([a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*);base64,/i;

/**
 * Digest of what a data: URL holds. Throws GATEWAY_PARAMETER_UNSUPPORTED for any other URL: what it would lead to could
 * change, and nobody could check it. Throws GATEWAY_BODY_INVALID for one that is not base64.
 */
export function attachmentOfUrl(url: string): Attachment {
    if (!/^data:/i.test(url)) throw unsupported("Only data: URLs are taken, no addresses.", "messages");
    const [head, mediaType] = DATA_URL.exec(url) ?? [];
    if (head === undefined || mediaType === undefined)
        throw bodyInvalid("A data: URL has to name a type and be base64.", "messages");
    return attachmentOf({ mediaType: mediaType.toLowerCase(), base64: url.slice(head.length) });
}

/** Digest of bytes in base64; throws GATEWAY_BODY_INVALID. */
export function attachmentOf({ mediaType, base64 }: { mediaType: string; base64: string }): Attachment {
    const bytes = bytesOf(base64);
    return { mediaType, bytes: bytes.length, keccak256: keccak256(bytes) };
}

function bytesOf(base64: string): Uint8Array {
    try {
        return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    } catch {
        throw bodyInvalid("An attachment is not base64.", "messages");
    }
}
