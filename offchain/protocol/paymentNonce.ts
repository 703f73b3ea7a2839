import { bytes32, hashWords } from "./_abi.ts";
import { type Hex, hashOfText } from "./hex.ts";
import { tag } from "./ids.ts";

/** What binds a payment to one request. */
export interface RequestBinding {
    /** keccak256(JCS(body)). */
    requestHash: Hex;
    /** 32 random bytes: a nonce is good once, and the same body may be paid for again. */
    salt: Hex;
}

/**
 * EIP-3009 nonce of a payment for one request and no other: what the token records of it commits to the request.
 *
 * @example
 * paymentNonceOf({ requestHash: hashJson({ model: "digits" }), salt: ZERO_BYTES32 }).length; // 66
 */
export function paymentNonceOf({ requestHash, salt }: RequestBinding): Hex {
    return hashWords(bytes32(tag("payment")), bytes32(requestHash), bytes32(salt));
}

/**
 * EIP-3009 nonce of a refund: the token takes it once, so nothing is paid back twice, and anybody finds the refund by
 * what it is for. `key` is the requestId of what could not be had.
 *
 * @example
 * refundNonceOf(ZERO_BYTES32).length; // 66
 */
export function refundNonceOf(key: string): Hex {
    return hashWords(bytes32(tag("refund")), bytes32(hashOfText(key)));
}

/** EIP-712 types of an EIP-3009 authorization: what payers and refunds sign. */
export const AUTHORIZATION_TYPES = {
    TransferWithAuthorization: [
        { name: "from", type: "address" },
        { name: "to", type: "address" },
        { name: "value", type: "uint256" },
        { name: "validAfter", type: "uint256" },
        { name: "validBefore", type: "uint256" },
        { name: "nonce", type: "bytes32" },
    ],
};
