import { ProtocolError } from "./errors/ProtocolError.ts";
import { type Hex, uintToHex } from "./hex.ts";
import { type Side, sideBytes } from "./ioSpec.ts";
import { poseidonChain } from "./poseidon.ts";
import { FIELD_ORDER, wordsOf } from "./words.ts";

/** What opens a commitment: canonical bytes and the salt that hides them, a field element nobody can guess. */
export interface Opening {
    bytes: Uint8Array;
    salt: Hex;
}

/**
 * Hash of a committed side: the chain over its words that starts with the salt. Throws SALT_INVALID or TENSOR_LENGTH.
 *
 * @example
 * const side = { dtype: dtypeOf("uint8").onnx, bits: 8, committed: true, count: 3 };
 * const inputHash = commitmentOf({ side, opening: { bytes: Uint8Array.of(1, 2, 3), salt: uintToHex(99n) } });
 * isCommitment(inputHash); // true
 */
export function commitmentOf({ side, opening: { bytes, salt } }: { side: Side; opening: Opening }): Hex {
    if (!isCommitment(salt)) throw new ProtocolError({ code: "SALT_INVALID" });
    if (bytes.length !== sideBytes(side)) {
        const message = `${bytes.length} bytes are to be committed to, the model takes ${sideBytes(side)}.`;
        throw new ProtocolError({ code: "TENSOR_LENGTH", message });
    }
    return uintToHex(poseidonChain({ start: BigInt(salt), words: wordsOf({ dtype: side.dtype, bytes }) }));
}

/** Whether a hash can be a commitment at all: it is a field element. */
export function isCommitment(hash: Hex): boolean {
    return BigInt(hash) < FIELD_ORDER;
}
