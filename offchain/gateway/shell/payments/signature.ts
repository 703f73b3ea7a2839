import { RpcRefusal } from "@assay/executor/chain";
import { type Hex, isHex, toHex } from "@assay/protocol";
import { Interface, TypedDataEncoder, verifyTypedData } from "ethers";
import type { Authorization, SignedAuthorization } from "../../core/authorization.ts";
import { PaymentRefused, REASONS } from "../../core/paymentRefused.ts";
import type { Node } from "../chain/node.ts";
import { AUTHORIZATION_TYPES, type TokenDomain } from "./token.ts";

const erc1271 = new Interface(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"]);
const MAGIC = erc1271.getFunction("isValidSignature")?.selector;

/** Refuses a form of signature that only a contract can give, when the payer is none. Throws PaymentRefused. */
export async function requireForm(node: Node, { isContractOnly, authorization }: SignedAuthorization): Promise<void> {
    if (!isContractOnly || (await node.code(authorization.from)) !== "0x") return;
    throw new PaymentRefused({ reason: REASONS.signature, detail: "Wanted 65 bytes: r, s in the lower half, v." });
}

/**
 * Refuses what its payer did not sign: anybody can write another's address into a payment, and must not use up a nonce or
 * learn a stored answer by it. An account with code is asked (ERC-1271). Throws PaymentRefused.
 */
export async function requireSigned(
    { node, domain }: { node: Node; domain: TokenDomain },
    { authorization, signature, isContractOnly }: SignedAuthorization,
): Promise<void> {
    if (!isContractOnly && signerOf(domain, authorization, signature) === authorization.from) return;
    const isContract = (await node.code(authorization.from)) !== "0x";
    if (isContract && (await isApproved(node, { domain, authorization, signature }))) return;
    throw new PaymentRefused({ reason: REASONS.signature, detail: `${authorization.from} did not sign it.` });
}

function signerOf(domain: TokenDomain, authorization: Authorization, signature: Hex): Hex | undefined {
    try {
        return toHex(verifyTypedData(domain, AUTHORIZATION_TYPES, authorization, signature), 20);
    } catch {
        return undefined;
    }
}

async function isApproved(
    node: Node,
    { domain, authorization, signature }: { domain: TokenDomain; authorization: Authorization; signature: Hex },
): Promise<boolean> {
    const digest = TypedDataEncoder.hash(domain, AUTHORIZATION_TYPES, authorization);
    const data = toHex(erc1271.encodeFunctionData("isValidSignature", [digest, signature]));
    try {
        const answer = await node.call({ to: authorization.from, data });
        return isHex(answer, 32) && answer.slice(0, 10) === MAGIC;
    } catch (error) {
        if (error instanceof RpcRefusal) return false;
        throw error;
    }
}
