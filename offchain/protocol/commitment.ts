import { ProtocolError } from "./errors/ProtocolError.ts";
import { bytesToHex, type Hex, keccak256, uintToHex } from "./hex.ts";
import { type Side, sideBytes } from "./ioSpec.ts";
import { poseidonChain } from "./poseidon.ts";
import { FIELD_ORDER, wordsOf } from "./words.ts";

/** Random bytes in a salt: so many always stand for a field element. */
export const SALT_BYTES = 31;

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

/** What an inference shows of one side: bytes and their hash, or nothing and the commitment. */
export interface SealedSide {
    shown: Uint8Array;
    hash: Hex;
}

/** Shows a public side, seals a committed one; throws SALT_INVALID unless a salt comes with a committed side alone. */
export function sealSide({ side, bytes, salt }: { side: Side; bytes: Uint8Array; salt?: Hex | undefined }): SealedSide {
    if (side.committed !== (salt !== undefined)) {
        const message = side.committed ? "A committed side needs a salt." : "A public side takes no salt.";
        throw new ProtocolError({ code: "SALT_INVALID", message });
    }
    if (salt === undefined) return { shown: bytes, hash: keccak256(bytes) };
    return { shown: new Uint8Array(), hash: commitmentOf({ side, opening: { bytes, salt } }) };
}

/** A salt of 31 random bytes; whoever calls has the source of randomness. */
export function saltFrom(random: Uint8Array): Hex {
    if (random.length === SALT_BYTES) return `0x00${bytesToHex(random).slice(2)}`;
    throw new ProtocolError({ code: "SALT_INVALID", message: `A salt is made of ${SALT_BYTES} random bytes.` });
}

/** Whether a hash can be a commitment at all: it is a field element. */
export function isCommitment(hash: Hex): boolean {
    return BigInt(hash) < FIELD_ORDER;
}
