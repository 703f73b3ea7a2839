import {
    AUTHORIZATION_TYPES,
    concat,
    type Hex,
    hexToBytes,
    keccak256,
    toHex,
    typedDigest,
    typeHash,
    uintToHex,
} from "@assay/protocol";
import * as z from "zod";
import { issuesText } from "./issues.ts";
import { PaymentRefused, REASONS } from "./paymentRefused.ts";

/** A transfer that its payer signed (EIP-3009); times in unix seconds, both bounds exclusive. */
export type Authorization = {
    from: Hex;
    to: Hex;
    /** Units of the token. */
    value: bigint;
    validAfter: bigint;
    validBefore: bigint;
    nonce: Hex;
};

/** An authorization and the signature over it, in the one form that goes to the token. */
export type SignedAuthorization = {
    authorization: Authorization;
    signature: Hex;
    /** Whether only a contract at `from` can have signed so; for any other account it is no signature. */
    isContractOnly: boolean;
};

/** A facilitator wants this long for settling; the official one refuses less too. */
const LEAST_SECONDS = 6n;
/** How far a buyer's clock may be ahead; an authorization that is good for longer is not held by anybody. */
const CLOCK_SKEW_SECONDS = 600n;
/** Signatures of contracts may be long, and are calldata that the relayer pays for. */
const MOST_SIGNATURE_BYTES = 2_048;
const ECDSA_BYTES = 65;
/** Half the order of secp256k1: of both values of s that fit, the lower one is the signature. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const TYPE_HASH = typeHash("TransferWithAuthorization", AUTHORIZATION_TYPES.TransferWithAuthorization);
/** Ends a signature that first deploys its account (ERC-6492). */
const ERC6492_SUFFIX = "6492".repeat(16);

const hexOf = (bytes: number) =>
    z
        .string()
        .regex(new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`))
        .transform((text) => text.toLowerCase())
        .pipe(z.templateLiteral(["0x", z.string()]));
const uint256 = z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,77})$/)
    .transform(BigInt)
    .refine((value) => value >> 256n === 0n, "more than 256 bits");
const signature = z
    .string()
    .regex(/^0x(?:[0-9a-fA-F]{2})+$/)
    .max(2 + 2 * MOST_SIGNATURE_BYTES)
    .transform((text) => text.toLowerCase())
    .pipe(z.templateLiteral(["0x", z.string()]));
const payloadSchema = z.strictObject({
    authorization: z.strictObject({
        from: hexOf(20),
        to: hexOf(20),
        value: uint256,
        validAfter: uint256,
        validBefore: uint256,
        nonce: hexOf(32),
    }),
    signature,
});

/**
 * Reads the part of a payment that the scheme `exact` has on EVM chains: EIP-3009 and nothing else, strictly. 65 bytes
 * with a recovery id of 0 or 1 become 27 or 28; a high s, the compact form and every other length stand only for
 * contracts (ERC-1271). Throws PaymentRefused.
 */
export function readAuthorization(payload: unknown): SignedAuthorization {
    const parsed = payloadSchema.safeParse(payload);
    if (!parsed.success) {
        const reason = isOtherMethod(payload) ? REASONS.unsupported : REASONS.malformed;
        throw new PaymentRefused({ reason, detail: issuesText(parsed.error).slice(0, 200) });
    }
    const { authorization, signature } = parsed.data;
    if (signature.endsWith(ERC6492_SUFFIX)) throw new PaymentRefused({ reason: REASONS.factory });
    return { authorization, ...canonicalSignature(signature) };
}

/** What its payer signs (EIP-712); `separator`: DOMAIN_SEPARATOR of the token. */
export function authorizationDigest(separator: Hex, authorization: Authorization): Hex {
    const { from, to, value, validAfter, validBefore, nonce } = authorization;
    const numbers = [BigInt(from), BigInt(to), value, validAfter, validBefore].map((number) => uintToHex(number));
    const structHash = keccak256(concat(...[TYPE_HASH, ...numbers, nonce].map(hexToBytes)));
    return typedDigest({ separator, structHash });
}

/** Holds an authorization against what is asked; throws PaymentRefused. */
export function checkAuthorization({ to, value }: Authorization, asked: { payTo: string; amount: bigint }): void {
    if (to !== asked.payTo.toLowerCase()) throw new PaymentRefused({ reason: REASONS.recipient });
    if (value !== asked.amount) throw new PaymentRefused({ reason: REASONS.value });
}

/** Holds an authorization against the time; throws PaymentRefused. */
export function checkWindow(
    { validAfter, validBefore }: Authorization,
    { maxTimeoutSeconds, nowSeconds }: { maxTimeoutSeconds: number; nowSeconds: bigint },
): void {
    if (validAfter > nowSeconds) throw new PaymentRefused({ reason: REASONS.validAfter });
    const latest = nowSeconds + BigInt(maxTimeoutSeconds) + CLOCK_SKEW_SECONDS;
    if (validBefore < nowSeconds + LEAST_SECONDS || validBefore > latest) {
        const detail = `It is good until ${validBefore}; that must be ${nowSeconds + LEAST_SECONDS} to ${latest}.`;
        throw new PaymentRefused({ reason: REASONS.validBefore, detail });
    }
}

/** The payload as it goes to a facilitator: what was read, and nothing that came beside it. */
export function authorizationPayload({ authorization, signature }: SignedAuthorization): Record<string, unknown> {
    const { from, to, value, validAfter, validBefore, nonce } = authorization;
    const times = { validAfter: validAfter.toString(), validBefore: validBefore.toString() };
    return { signature, authorization: { from, to, value: value.toString(), ...times, nonce } };
}

function canonicalSignature(signature: Hex): { signature: Hex; isContractOnly: boolean } {
    const bytes = hexToBytes(signature);
    const v = bytes[ECDSA_BYTES - 1] ?? 0;
    const s = bytes.length === ECDSA_BYTES ? BigInt(`0x${signature.slice(66, 130)}`) : 0n;
    if (bytes.length !== ECDSA_BYTES || s === 0n || s > HALF_ORDER) return { signature, isContractOnly: true };
    if (v === 27 || v === 28) return { signature, isContractOnly: false };
    if (v > 1) return { signature, isContractOnly: true };
    return { signature: toHex(`${signature.slice(0, 130)}${(27 + v).toString(16)}`), isContractOnly: false };
}

/** Whether it is a payment by another transfer method of the scheme, such as Permit2. */
function isOtherMethod(payload: unknown): boolean {
    const other = z.looseObject({ permit2Authorization: z.unknown() }).safeParse(payload);
    return other.success && other.data.permit2Authorization !== undefined;
}
