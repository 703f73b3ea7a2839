import { ProtocolError } from "../../errors/ProtocolError.ts";
import type { AmdCertificate, AmdKey } from "./_certificate.ts";

const PSS = { name: "RSA-PSS", hash: "SHA-384" } as const;
const SALT_BYTES = 48;

/** Whether a certificate is signed by this key; throws CRYPTO_UNAVAILABLE where Web Crypto is missing. */
export async function isSignedByAuthority({
    certificate,
    key,
}: {
    certificate: AmdCertificate;
    key: AmdKey;
}): Promise<boolean> {
    if (key.kind !== "RSA") return false;
    const subtle = globalThis.crypto?.subtle;
    if (subtle === undefined) throw new ProtocolError({ code: "CRYPTO_UNAVAILABLE" });
    const imported = await subtle.importKey("spki", copyOf(key.info), PSS, false, ["verify"]);
    const { signature, tbs } = certificate;
    return subtle.verify({ name: PSS.name, saltLength: SALT_BYTES }, imported, copyOf(signature), copyOf(tbs));
}

/** Web Crypto takes no bytes that other threads could change meanwhile. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    return new Uint8Array(bytes);
}
