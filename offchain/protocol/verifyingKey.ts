import * as z from "zod";
import { uint } from "./_abi.ts";
import type { G1, G2 } from "./_curve.ts";
import { ProtocolError } from "./errors/ProtocolError.ts";
import { concat } from "./hex.ts";

/** Groth16 verifying key over bn254; `ic` has one point more than there are public signals. */
export interface VerifyingKey {
    alpha: G1;
    beta: G2;
    gamma: G2;
    delta: G2;
    ic: readonly G1[];
}

const FIXED_WORDS = 2 + 3 * 4;
const FIXED_BYTES = FIXED_WORDS * 32;
const G1_BYTES = 64;

/** Bytes of a key for this many public signals. */
export function keyBytes(signals: number): number {
    return FIXED_BYTES + G1_BYTES * (signals + 1);
}

/** Key bytes in EIP-197 order: alpha, beta, gamma, delta, IC[0..n]. */
export function encodeKey({ alpha, beta, gamma, delta, ic }: VerifyingKey): Uint8Array {
    return concat(...[alpha, beta, gamma, delta, ...ic].flat().map((coordinate) => uint(coordinate)));
}

/** Takes key bytes apart; throws KEY_MALFORMED for a length that no key has. Points are not checked: see lintKey. */
export function decodeKey(bytes: Uint8Array): VerifyingKey {
    const icBytes = bytes.length - FIXED_BYTES;
    if (icBytes < 2 * G1_BYTES || icBytes % G1_BYTES !== 0) {
        throw new ProtocolError({ code: "KEY_MALFORMED", message: `A key of ${bytes.length} bytes does not exist.` });
    }
    const word = (i: number): bigint =>
        bytes.subarray(32 * i, 32 * i + 32).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
    const g1 = (at: number): G1 => [word(at), word(at + 1)];
    const g2 = (at: number): G2 => [word(at), word(at + 1), word(at + 2), word(at + 3)];
    return {
        alpha: g1(0),
        beta: g2(2),
        gamma: g2(6),
        delta: g2(10),
        ic: Array.from({ length: icBytes / G1_BYTES }, (_, i) => g1(FIXED_WORDS + 2 * i)),
    };
}

const coordinate = z
    .string()
    .regex(/^\d{1,78}$/)
    .transform(BigInt);
const one = z.literal("1");
const snarkjsG1 = z.tuple([coordinate, coordinate, one]);
const snarkjsG2 = z.tuple([
    z.tuple([coordinate, coordinate]),
    z.tuple([coordinate, coordinate]),
    z.tuple([one, z.literal("0")]),
]);
const snarkjsKey = z.object({
    protocol: z.literal("groth16"),
    curve: z.enum(["bn128", "bn254"]),
    vk_alpha_1: snarkjsG1,
    vk_beta_2: snarkjsG2,
    vk_gamma_2: snarkjsG2,
    vk_delta_2: snarkjsG2,
    IC: z.array(snarkjsG1).min(2),
});

/** Reads the verification_key.json that snarkjs writes; throws KEY_MALFORMED. */
export function fromSnarkjs(vkJson: unknown): VerifyingKey {
    const parsed = snarkjsKey.safeParse(vkJson);
    if (!parsed.success) {
        throw new ProtocolError({ code: "KEY_MALFORMED", message: z.prettifyError(parsed.error), cause: parsed.error });
    }
    const key = parsed.data;
    const g1 = ([x, y]: z.infer<typeof snarkjsG1>): G1 => [x, y];
    const g2 = ([x, y]: z.infer<typeof snarkjsG2>): G2 => [x[1], x[0], y[1], y[0]];
    return {
        alpha: g1(key.vk_alpha_1),
        beta: g2(key.vk_beta_2),
        gamma: g2(key.vk_gamma_2),
        delta: g2(key.vk_delta_2),
        ic: key.IC.map(g1),
    };
}
