import { createHash } from "node:crypto";
import { bytesToHex, type Hex } from "@assay/protocol";

/** sha256 of bytes or of the UTF-8 bytes of a text. */
export function sha256(content: Uint8Array | string): Hex {
    return bytesToHex(createHash("sha256").update(content).digest());
}
