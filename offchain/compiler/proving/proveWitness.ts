import { type Proof, proofFromSnarkjs } from "@assay/protocol";
import { groth16 } from "snarkjs";

/**
 * Proves a .wtns file under a proving key in snarkjs' format, in this thread: enough for one proof of a compilation. Gives
 * it in EIP-197 order.
 */
export async function proveWitness({ zkey, witness }: { zkey: Uint8Array; witness: Uint8Array }): Promise<Proof> {
    const { proof } = await groth16.prove(zkey, witness, undefined, { singleThread: true });
    return proofFromSnarkjs(proof);
}
