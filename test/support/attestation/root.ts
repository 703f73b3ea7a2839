import { basicConstraints, keyUsage, makeCertificate } from "../../../offchain/enclave/simulated/certificate.ts";
import type { SigningKey } from "../../../offchain/enclave/simulated/keys.ts";

/** 2020-01-01 to 2049-12-31. */
const NOT_BEFORE = 1577836800;
const NOT_AFTER = 2524607999;

/** A self-signed root certificate without any mark, of the shape of a vendor's. */
export function writeRoot({ key, subject }: { key: SigningKey; subject: Uint8Array }): Uint8Array {
    return makeCertificate({
        serial: Uint8Array.of(1),
        issuer: subject,
        subject,
        notBefore: NOT_BEFORE,
        notAfter: NOT_AFTER,
        key,
        extensions: [
            basicConstraints({ ca: true }),
            keyUsage({ bits: ["digitalSignature", "keyCertSign", "crlSign"], critical: true }),
        ],
        signer: key,
    });
}
