import { randomBytes } from "node:crypto";
import {
    bytesToHex,
    type Hex,
    type IoSpec,
    isProtocolError,
    type Proof,
    ProtocolError,
    SALT_BYTES,
    type Side,
    saltFrom,
    unboundBind,
    verifyGroth16,
} from "@assay/protocol";
import { proveInference } from "./proving/proveInference.ts";
import { proveWitness } from "./proving/proveWitness.ts";
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

/**
 * A proof in EIP-197 order, with `c` for bound models; canonical bytes of both sides, of a committed one the 32 bytes of
 * its commitment.
 */
export type ProvenAnswer = { input: Hex; output: Hex; proof: Proof; c: bigint | undefined };

/**
 * Proves one inference for the unbound bind, which no statement can have; the salts of committed sides are forgotten.
 * Throws KNOWN_ANSWER_WRONG when the circuit does not compute what the interpreter did, or when the proof does not verify:
 * nothing of a model is written then.
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
    const salts = { input: saltOf(ioSpec.input), output: saltOf(ioSpec.output) };
    const bind = unboundBind(vkHash);
    const prove = (witness: Uint8Array) => proveWitness({ zkey, witness });
    const job = { calculator, prove, ioSpec, vkHash, input, output, salts, bind };
    const { proof, c, signals, inputHash, outputHash } = await proveInference(job).catch(notComputed);
    if (!verifyGroth16({ key: verifyingKey, signals, proof })) throw new ProtocolError({ code: "KNOWN_ANSWER_WRONG" });
    return {
        input: ioSpec.input.committed ? inputHash : bytesToHex(input),
        output: ioSpec.output.committed ? outputHash : bytesToHex(output),
        proof,
        c,
    };
}

function saltOf({ committed }: Side): Hex | undefined {
    return committed ? saltFrom(randomBytes(SALT_BYTES)) : undefined;
}

/** Whatever the prover refuses here, the circuit does not compute what the interpreter did. */
function notComputed(cause: unknown): never {
    if (isProtocolError(cause)) throw new ProtocolError({ code: "KNOWN_ANSWER_WRONG", cause });
    throw cause;
}
