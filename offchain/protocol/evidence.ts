import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytes32, uint } from "./_abi.ts";
import { FAMILIES } from "./constants.ts";
import { ProtocolError } from "./errors/ProtocolError.ts";
import { isProof, type Proof } from "./groth16.ts";
import { bytesToHex, concat, type Hex, hexToBytes, isHex, keccak256, toHex } from "./hex.ts";
import { FIELD_ORDER } from "./words.ts";

/** Bytes that convince the verifier of one family; items of a list strictly ascend by family. */
export interface Evidence {
    family: number;
    data: Hex;
}

const SIGNATURE_BYTES = 65;
const WORD_BYTES = 32;
/** abi.encode(bytes32, bytes) of 65 bytes: three words and the signature, filled up to whole words. */
const TEE_BYTES = 6 * WORD_BYTES;
const TEE_FAMILIES: ReadonlySet<number> = new Set([FAMILIES.TEE_NITRO, FAMILIES.TEE_SGX, FAMILIES.TEE_TDX]);
const PROOF_WORDS = 8;
const HALF_ORDER = secp256k1.Point.CURVE().n >> 1n;

/** SIGNED evidence from a signature r‖s‖v in its one form (low s, v 27 or 28); throws EVIDENCE_MALFORMED. */
export function encodeSigned(signature: Hex): Evidence {
    parseSignature(signature);
    return { family: FAMILIES.SIGNED, data: signature };
}

/** ZK_GROTH16 evidence: eight coordinates, and the commitment `c` of a bound model. */
export function encodeGroth16({ proof, c }: { proof: readonly bigint[]; c?: bigint | undefined }): Evidence {
    if (!isProof(proof) || (c !== undefined && (c < 0n || c >= FIELD_ORDER))) {
        throw new ProtocolError({ code: "PROOF_MALFORMED" });
    }
    const words = c === undefined ? proof : [...proof, c];
    return { family: FAMILIES.ZK_GROTH16, data: bytesToHex(concat(...words.map((word) => uint(word)))) };
}

/** Proof and, for bound models, commitment of ZK_GROTH16 evidence; throws EVIDENCE_MALFORMED or PROOF_MALFORMED. */
export function decodeGroth16(data: Hex): { proof: Proof; c: bigint | undefined } {
    const bytes = isHex(data) ? (data.length - 2) / 2 : -1;
    if (bytes !== 32 * PROOF_WORDS && bytes !== 32 * (PROOF_WORDS + 1)) {
        throw new ProtocolError({ code: "EVIDENCE_MALFORMED", message: `A proof of ${bytes} bytes does not exist.` });
    }
    const words = Array.from({ length: bytes / 32 }, (_, i) => BigInt(`0x${data.slice(2 + 64 * i, 66 + 64 * i)}`));
    const proof = words.slice(0, PROOF_WORDS);
    const c = words[PROOF_WORDS];
    if (!isProof(proof) || (c !== undefined && c >= FIELD_ORDER)) throw new ProtocolError({ code: "PROOF_MALFORMED" });
    return { proof, c };
}

/** TEE_* evidence: which registered enclave signed, and its signature r‖s‖v in its one form; throws EVIDENCE_MALFORMED. */
export function encodeTee({
    family,
    enclaveId,
    signature,
}: {
    family: number;
    enclaveId: Hex;
    signature: Hex;
}): Evidence {
    parseSignature(signature);
    const padding = new Uint8Array(TEE_BYTES - 3 * WORD_BYTES - SIGNATURE_BYTES);
    const head = concat(bytes32(enclaveId), uint(2 * WORD_BYTES), uint(SIGNATURE_BYTES));
    return { family, data: bytesToHex(concat(head, hexToBytes(signature), padding)) };
}

/** Enclave and signature of TEE_* evidence, which has exactly one encoding; throws EVIDENCE_MALFORMED. */
export function decodeTee(data: Hex): { enclaveId: Hex; signature: Hex } {
    if (!isHex(data, TEE_BYTES)) {
        throw new ProtocolError({ code: "EVIDENCE_MALFORMED", message: `It has not ${TEE_BYTES} bytes.` });
    }
    const enclaveId: Hex = toHex(`0x${data.slice(2, 66)}`, WORD_BYTES);
    const signatureAt = 2 + 2 * 3 * WORD_BYTES;
    const signature: Hex = `0x${data.slice(signatureAt, signatureAt + 2 * SIGNATURE_BYTES)}`;
    const { data: canonical } = encodeTee({ family: FAMILIES.TEE_NITRO, enclaveId, signature });
    if (canonical !== data.toLowerCase()) {
        throw new ProtocolError({ code: "EVIDENCE_MALFORMED", message: "It is not abi.encode(enclaveId, signature)." });
    }
    return { enclaveId, signature };
}

/** Whether a family's evidence is an enclave's signature. */
export function isTeeFamily(family: number): boolean {
    return TEE_FAMILIES.has(family);
}

/** Address whose key signed a digest; throws EVIDENCE_MALFORMED when the signature is not in its one form or of nobody. */
export function recoverSigner({ digest, signature }: { digest: Hex; signature: Hex }): Hex {
    const { r, s, v } = parseSignature(signature);
    try {
        const point = new secp256k1.Signature(r, s, v - 27).recoverPublicKey(hexToBytes(digest));
        return `0x${keccak256(point.toBytes(false).subarray(1)).slice(26)}`;
    } catch (cause) {
        throw new ProtocolError({ code: "EVIDENCE_MALFORMED", message: "The signature is by nobody.", cause });
    }
}

/**
 * Items in the order in which a gate takes them.
 *
 * @example
 * sortEvidence([{ family: 4, data: "0x" }, { family: 0, data: "0x" }]).map(({ family }) => family); // [0, 4]
 */
export function sortEvidence(items: readonly Evidence[]): Evidence[] {
    return [...items].sort((a, b) => a.family - b.family);
}

function parseSignature(signature: Hex): { r: bigint; s: bigint; v: number } {
    if (!isHex(signature, SIGNATURE_BYTES)) {
        throw new ProtocolError({ code: "EVIDENCE_MALFORMED", message: "A signature has 65 bytes." });
    }
    const r = BigInt(signature.slice(0, 66));
    const s = BigInt(`0x${signature.slice(66, 130)}`);
    const v = Number(`0x${signature.slice(130)}`);
    if (s > HALF_ORDER || (v !== 27 && v !== 28)) {
        throw new ProtocolError({ code: "EVIDENCE_MALFORMED", message: "A signature has low s and v 27 or 28." });
    }
    return { r, s, v };
}
