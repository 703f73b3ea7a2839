import type { Proof } from "@assay/protocol";
import type { Groth16Proof } from "snarkjs";

/** A proof as snarkjs writes it, in EIP-197 order: imaginary parts first. */
export function eip197({ pi_a: [ax, ay], pi_b: [bx, by], pi_c: [cx, cy] }: Groth16Proof): Proof {
    return [BigInt(ax), BigInt(ay), BigInt(bx[1]), BigInt(bx[0]), BigInt(by[1]), BigInt(by[0]), BigInt(cx), BigInt(cy)];
}
