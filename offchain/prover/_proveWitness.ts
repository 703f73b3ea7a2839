import type { Proof } from "@assay/protocol";
import { groth16 } from "snarkjs";
import type { CurveLease } from "./_curveLease.ts";

/** Proves a .wtns file under a proving key, on the leased curve; EIP-197 order. */
export async function proveWitness(
    { lease }: { lease: CurveLease },
    { zkey, witness }: { zkey: Uint8Array; witness: Uint8Array },
): Promise<Proof> {
    await lease.ready();
    const { proof } = await groth16.prove(zkey, witness);
    const { pi_a, pi_b, pi_c } = proof;
    // snarkjs writes the real part of a coordinate first, EIP-197 the imaginary part
    const [[bxReal, bxImaginary], [byReal, byImaginary]] = pi_b;
    const ordered = [pi_a[0], pi_a[1], bxImaginary, bxReal, byImaginary, byReal, pi_c[0], pi_c[1]] as const;
    const [ax, ay, bx0, bx1, by0, by1, cx, cy] = ordered;
    return [BigInt(ax), BigInt(ay), BigInt(bx0), BigInt(bx1), BigInt(by0), BigInt(by1), BigInt(cx), BigInt(cy)];
}
