import {
    type Hex,
    keccak256,
    ProtocolError,
    requestIdHub,
    type Terms,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import { hexlify, randomBytes } from "ethers";

/** What a requester wants; what is left out takes the plain choice. */
export type RequestWish = {
    modelId: Hex;
    /** Canonical input bytes; none of a committed input, which stay private. */
    input: Uint8Array;
    /** Commitment to a committed input, which has no bytes here. */
    inputHash?: Hex | undefined;
    /** Word of a policy. */
    policy: bigint;
    /** Unix seconds, inclusive; at most 30 days ahead. */
    deadline: bigint;
    feeWei: bigint;
    configHash?: Hex;
    /** Who may answer; empty = anybody who meets the rest. */
    executors?: readonly Hex[];
    minStakeWei?: bigint;
    /** Zero address = native. */
    token?: Hex;
    callback?: Hex;
    callbackGas?: bigint;
    /** Where executors find the input, when it is too large (4 KB) to travel with the request. */
    inputUri?: string;
    /** Who is credited when the request is refunded: the requester unless told. */
    refundee?: Hex;
};

/** A request ready to be sent; its id is known before it is. */
export type PreparedRequest = {
    requestId: Hex;
    requester: Hex;
    salt: Hex;
    terms: Terms;
    input: Uint8Array;
    /** Empty when the input itself travels with the request. */
    inputUri: string;
};

/**
 * Fixes everything a request commits to, and its id. Throws INPUT_MUST_STAY_PRIVATE when bytes come with a commitment.
 * @example
 * const request = buildRequest({ chainId: 31337, hub, requester }, { modelId, input, policy: PRESETS.ZK, deadline, feeWei });
 */
export function buildRequest(
    { chainId, hub, requester, salt }: { chainId: number; hub: Hex; requester: Hex; salt?: Hex },
    wish: RequestWish,
): PreparedRequest {
    if (wish.inputHash !== undefined && wish.input.length > 0) {
        throw new ProtocolError({ code: "INPUT_MUST_STAY_PRIVATE" });
    }
    const terms: Terms = {
        modelId: wish.modelId,
        configHash: wish.configHash ?? ZERO_BYTES32,
        inputHash: wish.inputHash ?? keccak256(wish.input),
        policy: wish.policy,
        executors: wish.executors ?? [],
        minStakeWei: wish.minStakeWei ?? 0n,
        feeWei: wish.feeWei,
        token: wish.token ?? ZERO_ADDRESS,
        deadline: wish.deadline,
        callback: wish.callback ?? ZERO_ADDRESS,
        callbackGas: wish.callbackGas ?? 0n,
        refundee: wish.refundee ?? requester,
    };
    const chosenSalt = salt ?? freshSalt();
    const requestId = requestIdHub({ chainId, hub, requester, salt: chosenSalt, terms });
    return { requestId, requester, salt: chosenSalt, terms, input: wish.input, inputUri: wish.inputUri ?? "" };
}

/** 256 random bits: two equal requests of one requester stay two requests. */
export function freshSalt(): Hex {
    return `0x${hexlify(randomBytes(32)).slice(2)}`;
}
