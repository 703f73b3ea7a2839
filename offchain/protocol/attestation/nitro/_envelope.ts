import { concat } from "../../hex.ts";
import { bytesOf, sameBytes } from "../_bytes.ts";
import { requireThat } from "../_fault.ts";

/** The parts of a COSE_Sign1 document. */
export interface Envelope {
    payload: Uint8Array;
    /** r‖s, 48 bytes each; s may be in the upper half. */
    signature: Uint8Array;
    /** What the signature is of: RFC 9052's Sig_structure. */
    signed: Uint8Array;
}

const TAG_SIGN1 = 0xd2;
/** array(4), protected header {1: -35} = ES384, no unprotected header, payload of two length bytes. */
const HEAD = bytesOf("8444a1013822a059");
const SIGNATURE_HEAD = bytesOf("5860");
const SIGNATURE_BYTES = 96;
/** Of everything but payload and tag: head, two length bytes, signature with its head. */
const FRAME_BYTES = HEAD.length + 2 + SIGNATURE_HEAD.length + SIGNATURE_BYTES;
const LEAST_PAYLOAD_BYTES = 256;
/** array(4), "Signature1", the protected header, no external data; the payload follows with its own head. */
const SIGNED_HEAD = bytesOf("846a5369676e61747572653144a101382240");

/** Takes a document apart; tagged or not. Faults: BadLength, CoseInvalid. */
export function readEnvelope(document: Uint8Array): Envelope {
    const isLong = document.length >= FRAME_BYTES + LEAST_PAYLOAD_BYTES;
    requireThat(isLong, "BadLength", `A document of ${document.length} bytes is too short.`);
    const body = document[0] === TAG_SIGN1 ? document.subarray(1) : document;
    const payloadStart = HEAD.length + 2;
    const [high = 0, low = 0] = body.subarray(HEAD.length, payloadStart);
    const length = high * 256 + low;
    const hasHead = sameBytes(body.subarray(0, HEAD.length), HEAD) && length >= LEAST_PAYLOAD_BYTES;
    requireThat(hasHead, "CoseInvalid", "The document does not begin as a COSE_Sign1 with ES384 does.");
    const wanted = FRAME_BYTES + length;
    requireThat(body.length === wanted, "BadLength", `The document has ${body.length} bytes, its head says ${wanted}.`);
    const payloadEnd = payloadStart + length;
    const signatureStart = payloadEnd + SIGNATURE_HEAD.length;
    const hasSignature = sameBytes(body.subarray(payloadEnd, signatureStart), SIGNATURE_HEAD);
    requireThat(hasSignature, "CoseInvalid", "The payload is not followed by a signature of 96 bytes.");
    return {
        payload: body.subarray(payloadStart, payloadEnd),
        signature: body.subarray(signatureStart),
        signed: concat(SIGNED_HEAD, body.subarray(HEAD.length - 1, payloadEnd)),
    };
}
