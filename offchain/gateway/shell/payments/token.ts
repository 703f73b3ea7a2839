import { type Hex, ProtocolError, toHex, uintToHex } from "@assay/protocol";
import { paymentTokenAbi } from "@assay/sdk";
import { Interface, TypedDataEncoder } from "ethers";
import type { Log, Node } from "../chain/node.ts";

const abi = new Interface(paymentTokenAbi);
/** Errors of OpenZeppelin's tokens; those of USDC are texts. */
const REFUSALS = new Interface([
    "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
    "error ERC3009UsedAuthorization(address authorizer, bytes32 nonce)",
    "error ERC3009InvalidAuthorizationTime(uint256 validAfter, uint256 validBefore)",
    "error ERC3009InvalidSignature()",
]);
const topicOf = (event: "AuthorizationUsed" | "AuthorizationCanceled" | "Transfer") =>
    toHex(abi.getEvent(event)?.topicHash ?? "0x", 32);
const TOPICS = {
    used: topicOf("AuthorizationUsed"),
    cancelled: topicOf("AuthorizationCanceled"),
    transfer: topicOf("Transfer"),
};
/** Blocks of one search for logs, and how often it goes further back: nodes refuse wider ranges. */
const SEARCH = { blocks: 10_000, times: 5 } as const;

/** EIP-712 domain of a token, as it was found in the chain. */
export type TokenDomain = { name: string; version: string; chainId: number; verifyingContract: Hex };

/** What used a nonce up, as far back as was searched. */
export type NonceUse =
    | { status: "unused" }
    | { status: "used"; transaction: Hex }
    | { status: "cancelled" }
    /** Used, and by what is not in the logs that the node gave. */
    | { status: "unexplained" };

/** Reads of one token with EIP-3009. */
export type Token = {
    address: Hex;
    domain: TokenDomain;
    /** Hash of the domain, as the token has it. */
    separator: Hex;
    decimals: number;
    balanceOf: (account: Hex) => Promise<bigint>;
    /** Whether an authorization can no longer be used. */
    isUsed: (authorizer: Hex, nonce: Hex) => Promise<boolean>;
    /** By what a nonce was used up, for good. */
    useOf: (authorizer: Hex, nonce: Hex) => Promise<NonceUse>;
};

/**
 * Reads a token and holds the name and version that it says it has against its DOMAIN_SEPARATOR: signatures over another
 * domain would all be worth nothing. Throws GATEWAY_TOKEN_UNUSABLE.
 */
export async function openToken({
    node,
    chainId,
    address,
}: {
    node: Node;
    chainId: number;
    address: Hex;
}): Promise<Token> {
    const read = reader(node, address);
    try {
        const name = String(await read("name"));
        const version = String(await read("version"));
        const domain = { name, version, chainId, verifyingContract: address };
        const separator = String(await read("DOMAIN_SEPARATOR"));
        const expected = TypedDataEncoder.hashDomain(domain);
        if (separator !== expected) {
            const message = `DOMAIN_SEPARATOR is ${separator}; "${name}", version "${version}", on chain ${chainId} make ${expected}.`;
            throw new ProtocolError({ code: "GATEWAY_TOKEN_UNUSABLE", message });
        }
        const isUsed = async (authorizer: Hex, nonce: Hex) =>
            Boolean(await read("authorizationState", [authorizer, nonce]));
        await isUsed(address, uintToHex(0n));
        return {
            ...{ address, domain, isUsed, separator: toHex(separator, 32), decimals: Number(await read("decimals")) },
            balanceOf: async (account) => BigInt(String(await read("balanceOf", [account]))),
            useOf: async (authorizer, nonce) =>
                (await isUsed(authorizer, nonce))
                    ? findUse({ node, address, authorizer, nonce })
                    : { status: "unused" },
        };
    } catch (cause) {
        if (cause instanceof ProtocolError && cause.code !== "EXECUTOR_RPC_REFUSED") throw cause;
        const message = `The contract ${address} does not answer as a token with EIP-3009.`;
        throw new ProtocolError({ code: "GATEWAY_TOKEN_UNUSABLE", message, cause });
    }
}

/**
 * Whether a transaction's logs show that an authorization moved this amount. Its Transfer follows at once on its
 * AuthorizationUsed; only so can one Transfer not be shown for two authorizations that were used in one transaction.
 */
export function isMoved(
    logs: readonly Log[],
    moved: { token: Hex; from: Hex; to: Hex; value: bigint; nonce: Hex },
): boolean {
    const used = [TOPICS.used, wordOf(moved.from), moved.nonce];
    const transfer = [TOPICS.transfer, wordOf(moved.from), wordOf(moved.to)];
    const ofToken = logs.filter(({ address }) => address === moved.token);
    const before = ofToken.find(({ topics }) => isSame(topics, used));
    const after = ofToken.find(({ index }) => index === (before?.index ?? Number.NaN) + 1);
    return after !== undefined && isSame(after.topics, transfer) && BigInt(after.data) === moved.value;
}

/** Calldata of the form with v, r, s of transferWithAuthorization. */
export function transferCall(terms: readonly unknown[], signature: { v: number; r: string; s: string }): Hex {
    const form =
        "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)" as const;
    return toHex(abi.encodeFunctionData(form, [...terms, signature.v, signature.r, signature.s]));
}

/** What a token says when it refuses a call: the name of its error, or its text; undefined for what nobody knows. */
export function tokenRefusal(data: Hex): string | undefined {
    const error = REFUSALS.parseError(data);
    return error?.name === "Error" ? String(error.args[0]) : error?.name;
}

async function findUse({
    node,
    address,
    authorizer,
    nonce,
}: {
    node: Node;
    address: Hex;
    authorizer: Hex;
    nonce: Hex;
}): Promise<NonceUse> {
    const topics = [[TOPICS.used, TOPICS.cancelled], wordOf(authorizer), nonce];
    let toBlock = (await node.latest()).number;
    for (let time = 0; time < SEARCH.times && toBlock >= 0; time += 1) {
        const fromBlock = Math.max(0, toBlock - SEARCH.blocks + 1);
        const [found] = await node.logs({ address, topics, fromBlock, toBlock });
        if (found !== undefined) {
            const isUsed = found.topics[0] === TOPICS.used;
            return isUsed ? { status: "used", transaction: found.transaction } : { status: "cancelled" };
        }
        toBlock = fromBlock - 1;
    }
    return { status: "unexplained" };
}

function reader(node: Node, address: Hex) {
    return async (
        name: "name" | "version" | "DOMAIN_SEPARATOR" | "decimals" | "balanceOf" | "authorizationState",
        parameters: unknown[] = [],
    ): Promise<unknown> => {
        const data = toHex(abi.encodeFunctionData(name, parameters));
        const [value] = abi.decodeFunctionResult(name, await node.call({ to: address, data }));
        return value;
    };
}

function isSame(topics: readonly Hex[], wanted: readonly string[]): boolean {
    return topics.length === wanted.length && topics.every((topic, i) => topic === wanted[i]);
}

/** An address as a word of the ABI. */
function wordOf(address: Hex): Hex {
    return uintToHex(BigInt(address));
}
