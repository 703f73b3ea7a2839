import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, type Hex } from "./hex.ts";
import { canonicalJson } from "./jcs.ts";

/** Somebody else's model behind an API. */
export interface RemoteModel {
    /** Host name in lower case, with its port only where that is not the scheme's own: what an URL calls its host. */
    host: string;
    /** As the API calls it. */
    model: string;
}

/**
 * What stands for the artifact of a REMOTE version, which has none: sha256 of the canonical JSON of host and model name.
 *
 * @example
 * remoteDigestOf({ host: "api.example.com", model: "small-1" }).length; // 66
 */
export function remoteDigestOf({ host, model }: RemoteModel): Hex {
    return bytesToHex(sha256(new TextEncoder().encode(canonicalJson({ host, model }))));
}
