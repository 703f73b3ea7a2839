import { bytesToHex } from "../../hex.ts";
import { asciiOf } from "../_bytes.ts";
import { derEnded, derReader, enter, peekTag, readElement, TAG } from "../_der.ts";

const COMMON_NAME = "0x550403";

/** The common name in a distinguished name (DER); undefined = none, or more than one. Fault: DerInvalid. */
export function commonNameOf(name: Uint8Array): string | undefined {
    const parts = enter(derReader(name), TAG.sequence, "A name");
    const found: string[] = [];
    while (!derEnded(parts)) {
        const set = enter(parts, TAG.set, "A part of a name");
        while (!derEnded(set)) {
            const pair = enter(set, TAG.sequence, "A part of a name");
            const id = bytesToHex(readElement(pair, TAG.oid, "A name's identifier").content);
            const { content } = readElement(pair, peekTag(pair) ?? 0, "A part of a name");
            if (id === COMMON_NAME) found.push(asciiOf(content));
        }
    }
    return found.length === 1 ? found[0] : undefined;
}
