import { RpcRefusal } from "@assay/executor/chain";
import { type Hex, isHex, recoverSigner, toHex } from "@assay/protocol";
import { Interface } from "ethers";
import { authorizationDigest, type SignedAuthorization } from "../../core/authorization.ts";
import { PaymentRefused, REASONS } from "../../core/paymentRefused.ts";
import type { Node } from "../chain/node.ts";
import type { Token } from "./token.ts";

/** Knows who signed what. */
export type Signatures = {
    /**
     * Whether an account signed a digest: by its key, or, if it has code, because it says so (ERC-1271). What the token
     * itself takes is for the token to say. Throws the faults of the endpoint.
     */
    isSigned: (said: { account: Hex; digest: Hex; signature: Hex }) => Promise<boolean>;
};

const erc1271 = new Interface(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"]);

/** What a contract answers that takes a signature for its own (ERC-1271). */
export const MAGIC = toHex(erc1271.getFunction("isValidSignature")?.selector ?? "0x", 4);

/** Signers that are remembered: of each payment reading, verifying and settling ask for the same one. */
const KEPT_SIGNERS = 1_000;

/** Recovers the signer of each signature once: that takes longer than everything else about a payment. */
export function createSignatures({ node }: { node: Node }): Signatures {
    // In the order of asking. Whose key made a signature never changes; what a contract says may.
    const kept = new Map<string, Hex | undefined>();
    const signerOf = (digest: Hex, signature: Hex): Hex | undefined => {
        const key = `${digest}${signature}`;
        if (kept.has(key)) return kept.get(key);
        const signer = recovered(digest, signature);
        kept.set(key, signer);
        const [oldest] = kept.keys();
        if (kept.size > KEPT_SIGNERS && oldest !== undefined) kept.delete(oldest);
        return signer;
    };
    return {
        isSigned: async ({ account, digest, signature }) => {
            if (signerOf(digest, signature) === account) return true;
            const isContract = (await node.code(account)) !== "0x";
            return isContract && isApproved(node, { account, digest, signature });
        },
    };
}

/** Refuses a form of signature that only a contract can give, when the payer is none. Throws PaymentRefused. */
export async function requireForm(node: Node, { isContractOnly, authorization }: SignedAuthorization): Promise<void> {
    if (!isContractOnly || (await node.code(authorization.from)) !== "0x") return;
    throw new PaymentRefused({ reason: REASONS.signature, detail: "Wanted 65 bytes: r, s in the lower half, v." });
}

/**
 * Refuses what its payer did not sign: anybody can write another's address into a payment, and must not use up a nonce or
 * learn a stored answer by it. Throws PaymentRefused.
 */
export async function requireSigned(
    { signatures, token }: { signatures: Signatures; token: Token },
    { authorization, signature }: SignedAuthorization,
): Promise<void> {
    const digest = authorizationDigest(token.separator, authorization);
    if (await signatures.isSigned({ account: authorization.from, digest, signature })) return;
    throw new PaymentRefused({ reason: REASONS.signature, detail: `${authorization.from} did not sign it.` });
}

/** undefined: a form that no key gives. */
function recovered(digest: Hex, signature: Hex): Hex | undefined {
    try {
        return recoverSigner({ digest, signature });
    } catch {
        return undefined;
    }
}

async function isApproved(
    node: Node,
    { account, digest, signature }: { account: Hex; digest: Hex; signature: Hex },
): Promise<boolean> {
    const data = toHex(erc1271.encodeFunctionData("isValidSignature", [digest, signature]));
    try {
        const answer = await node.call({ to: account, data });
        return isHex(answer, 32) && answer.slice(0, 10) === MAGIC;
    } catch (error) {
        if (error instanceof RpcRefusal) return false;
        throw error;
    }
}
