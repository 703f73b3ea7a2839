import { z } from "zod";
import { ProtocolError } from "./errors/ProtocolError.ts";
import type { Proof } from "./groth16.ts";

const coordinate = z
    .string()
    .regex(/^\d{1,78}$/)
    .transform(BigInt);
const one = z.literal("1");
const pair = z.tuple([coordinate, coordinate]);
const proofJson = z.object({
    pi_a: z.tuple([coordinate, coordinate, one]),
    pi_b: z.tuple([pair, pair, z.tuple([one, z.literal("0")])]),
    pi_c: z.tuple([coordinate, coordinate, one]),
});

/** Reads the proof.json that snarkjs and compatible provers write, real parts first; throws PROOF_MALFORMED. */
export function proofFromSnarkjs(json: unknown): Proof {
    const parsed = proofJson.safeParse(json);
    if (!parsed.success) {
        throw new ProtocolError({
            code: "PROOF_MALFORMED",
            message: z.prettifyError(parsed.error),
            cause: parsed.error,
        });
    }
    const { pi_a, pi_b, pi_c } = parsed.data;
    const [[bxReal, bxImaginary], [byReal, byImaginary]] = pi_b;
    return [pi_a[0], pi_a[1], bxImaginary, bxReal, byImaginary, byReal, pi_c[0], pi_c[1]];
}
