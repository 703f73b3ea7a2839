import {
    decodeIntegers,
    type Hex,
    type IoSpec,
    isBound,
    type Proof,
    ProtocolError,
    poseidonChain,
    publicSignals,
    publicWords,
} from "@assay/protocol";
import { proveWitness } from "./_proveWitness.ts";
import { type CircuitInput, type Witness, type WitnessCalculator, WitnessRefused } from "./witness.ts";

/** One inference as the interpreter computed it, and what to prove it with. */
export type ProvingJob = {
    calculator: WitnessCalculator;
    /** Proving key in snarkjs' format. */
    zkey: Uint8Array;
    ioSpec: IoSpec;
    vkHash: Hex;
    /** Canonical bytes. */
    input: Uint8Array;
    output: Uint8Array;
    bind: bigint;
    /** Prove without worker threads. */
    singleThread?: boolean;
};

/** A proof in EIP-197 order, the commitment of a bound model, and the public signals in the circuit's order. */
export type ProvenSignals = { proof: Proof; c: bigint | undefined; signals: bigint[] };

/**
 * Proves one inference. Throws PROVER_WITNESS_REFUSED when the circuit has no witness for the input, and
 * PROVER_SIGNALS_MISMATCH when its public signals are not those that a verifier will rebuild: nothing is proven then.
 */
export async function proveInference(job: ProvingJob): Promise<ProvenSignals> {
    const { calculator, zkey, ioSpec, vkHash, input, output, bind, singleThread = false } = job;
    const given = { x: decodeIntegers({ dtype: ioSpec.input.dtype, bytes: input }), bind: [bind] };
    const c = isBound(ioSpec) ? chainOf(publicWords({ ioSpec, input, output })) : undefined;
    const signals = publicSignals({ ioSpec, vkHash, input, output, bind, c });
    const challenge = c === undefined ? {} : { r: [signals[2] ?? 0n] };
    const witness = witnessOf({ calculator, input: { ...given, ...challenge } });
    if (signals.some((signal, i) => witness.wire(i + 1) !== signal)) {
        throw new ProtocolError({ code: "PROVER_SIGNALS_MISMATCH" });
    }
    return { proof: await proveWitness({ zkey, witness: witness.file, singleThread }), c, signals };
}

/** The commitment to the words of a bound model. */
function chainOf(words: readonly bigint[]): bigint {
    return poseidonChain({ start: BigInt(words.length), words });
}

type Question = { calculator: WitnessCalculator; input: CircuitInput };

function witnessOf({ calculator, input }: Question): Witness {
    try {
        return calculator.calculate(input);
    } catch (cause) {
        if (!(cause instanceof WitnessRefused)) throw cause;
        throw new ProtocolError({ code: "PROVER_WITNESS_REFUSED", cause });
    }
}
