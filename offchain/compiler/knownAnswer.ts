import {
    type Hex,
    type IoSpec,
    isProtocolError,
    type Proof,
    ProtocolError,
    unboundBind,
    verifyGroth16,
} from "@assay/protocol";
import { proveInference } from "./proving/proveInference.ts";
import type { WitnessCalculator } from "./proving/witness.ts";

type Job = {
    ioSpec: IoSpec;
    vkHash: Hex;
    /** Key bytes, EIP-197 order. */
    verifyingKey: Uint8Array;
    zkey: Uint8Array;
    calculator: WitnessCalculator;
    /** Canonical bytes of one inference by the interpreter. */
    input: Uint8Array;
    output: Uint8Array;
};

/** A proof in EIP-197 order, with its commitment for bound models. */
export type ProvenAnswer = { proof: Proof; c: bigint | undefined };

/**
 * Proves one inference for the unbound bind, which no statement can have. Throws KNOWN_ANSWER_WRONG when the circuit
 * does not compute what the interpreter did, or when the proof does not verify: nothing of a model is written then.
 */
export async function proveKnownAnswer({
    ioSpec,
    vkHash,
    verifyingKey,
    zkey,
    calculator,
    input,
    output,
}: Job): Promise<ProvenAnswer> {
    const job = { calculator, zkey, ioSpec, vkHash, input, output, bind: unboundBind(vkHash), singleThread: true };
    const { proof, c, signals } = await proveInference(job).catch(notComputed);
    if (!verifyGroth16({ key: verifyingKey, signals, proof })) throw new ProtocolError({ code: "KNOWN_ANSWER_WRONG" });
    return { proof, c };
}

/** Whatever the prover refuses here, the circuit does not compute what the interpreter did. */
function notComputed(cause: unknown): never {
    if (isProtocolError(cause)) throw new ProtocolError({ code: "KNOWN_ANSWER_WRONG", cause });
    throw cause;
}
