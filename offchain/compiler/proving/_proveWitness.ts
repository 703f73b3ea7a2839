import type { Proof } from "@assay/protocol";
import { groth16 } from "snarkjs";

/**
 * Proves a .wtns file under a proving key; EIP-197 order. With several threads, whoever calls holds the curve's workers
 * and lets them go.
 */
export async function proveWitness({
    zkey,
    witness,
    singleThread,
}: {
    zkey: Uint8Array;
    witness: Uint8Array;
    singleThread: boolean;
}): Promise<Proof> {
    const { proof } = await groth16.prove(zkey, witness, undefined, { singleThread });
    const { pi_a, pi_b, pi_c } = proof;
    // snarkjs writes the real part of a coordinate first, EIP-197 the imaginary part
    const [[bxReal, bxImaginary], [byReal, byImaginary]] = pi_b;
    const ordered = [pi_a[0], pi_a[1], bxImaginary, bxReal, byImaginary, byReal, pi_c[0], pi_c[1]] as const;
    const [ax, ay, bx0, bx1, by0, by1, cx, cy] = ordered;
    return [BigInt(ax), BigInt(ay), BigInt(bx0), BigInt(bx1), BigInt(by0), BigInt(by1), BigInt(cx), BigInt(cy)];
}
