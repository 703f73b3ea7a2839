import { type Hex, isHex, isProtocolError, toHex } from "@assay/protocol";
import type { toFacilitatorEvmSigner } from "@x402/evm";
import { decodeFunctionResult, encodeFunctionData } from "viem";
import { z } from "zod";
import { type Node, revertData } from "../chain/node.ts";
import type { Relayer } from "../relayer.ts";
import { MAGIC, type Signatures } from "./signature.ts";
import { tokenRefusal } from "./token.ts";

/** What the official facilitator reads and sends through. */
export type FacilitatorSigner = ReturnType<typeof toFacilitatorEvmSigner>;

/** Words by which the official facilitator tells what a token refused, by the errors of OpenZeppelin's tokens. */
const WORDS: Readonly<Record<string, string>> = {
    ERC3009UsedAuthorization: "AuthorizationAlreadyUsed",
    ERC3009InvalidAuthorizationTime: "AuthorizationExpired",
    ERC3009InvalidSignature: "invalid signature",
};

/**
 * Code of every payer, as the official facilitator sees it. Of an account with code it asks whether it signed, and that
 * question is answered here, for accounts with code and without; it would recover every signature anew otherwise.
 */
const ASKED = "0xfe";
const hex = z.custom<Hex>((value) => isHex(value), "not hex");
const signedSchema = z.tuple([hex, hex]);

/** Ends the message of what the relayer refused before anything was signed. */
export const NOT_SENT = "relayer_refused";

/**
 * Lends node and relayer to the official facilitator: everything it sends goes through the one queue, under a cap of gas,
 * and only calls of tokens do; accounts are never deployed.
 */
export function createSigner({
    node,
    relayer,
    token,
    signatures,
    gasCap,
    confirmationMs,
}: {
    node: Node;
    relayer: Relayer;
    token: Hex;
    signatures: Signatures;
    gasCap: bigint;
    /** A transaction that is in no block for this long is reported as pending. */
    confirmationMs: number;
}): FacilitatorSigner & { minedAs: (hash: string) => string } {
    const replaced = new Map<string, string>();
    const isSigned = async (address: string, terms: readonly unknown[] = []) => {
        const [digest, signature] = signedSchema.parse(terms);
        const account = toHex(address.toLowerCase(), 20);
        return (await signatures.isSigned({ account, digest, signature })) ? MAGIC : "0xffffffff";
    };
    return {
        getAddresses: () => [relayer.address],
        getCode: async ({ address }) => (address.toLowerCase() === token ? node.code(token) : ASKED),
        readContract: async ({ address, ...call }) => {
            if (call.functionName === "isValidSignature") return isSigned(address, call.args);
            const data = await node.call({ to: address, data: encodeFunctionData(call) }).catch(throwInWords);
            return decodeFunctionResult({ ...call, data });
        },
        verifyTypedData: () => Promise.reject(new Error("This facilitator asks for signatures by their digests.")),
        writeContract: async ({ address, dataSuffix, ...call }) => {
            const data = toHex(encodeFunctionData(call) + (dataSuffix ?? "0x").slice(2));
            return relayer.send({ to: address, data, gasCap }).catch(throwInWords);
        },
        sendTransaction: () => Promise.reject(new Error("This facilitator deploys no accounts.")),
        waitForTransactionReceipt: async ({ hash }) => {
            const mined = await relayer.mined(hash, { timeoutMs: confirmationMs });
            if (mined === undefined) throw new Error(`Transaction ${hash} is in no block yet.`);
            if (mined.hash !== hash) replaced.set(hash, mined.hash);
            return { status: mined.status, logs: mined.logs.map(logForViem) };
        },
        minedAs: (hash) => {
            const own = replaced.get(hash) ?? hash;
            replaced.delete(hash);
            return own;
        },
    };
}

/** The official facilitator reads reasons out of messages; that nothing was sent stands behind them. */
function throwInWords(error: unknown): never {
    const data = revertData(error) ?? revertData(error instanceof Error ? error.cause : undefined);
    const said = data === undefined ? undefined : tokenRefusal(data);
    const words = said === undefined ? [] : [WORDS[said] ?? said];
    if (isProtocolError(error, "GATEWAY_RELAYER_REFUSED")) words.push(NOT_SENT);
    throw words.length === 0 ? error : new Error(words.join(", "), { cause: error });
}

function logForViem({
    address,
    topics,
    data,
    index,
    transaction,
}: {
    address: Hex;
    topics: readonly Hex[];
    data: Hex;
    index: number;
    transaction: Hex;
}) {
    const [first, ...rest] = topics;
    const place = { blockHash: null, blockNumber: null, transactionIndex: null, logIndex: index, removed: false };
    const known: [Hex, ...Hex[]] | [] = first === undefined ? [] : [first, ...rest];
    return { address, data, topics: known, transactionHash: transaction, ...place };
}
