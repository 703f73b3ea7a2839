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
    sealSide,
} from "@assay/protocol";
import { type CircuitInput, type Witness, type WitnessCalculator, WitnessRefused } from "./witness.ts";

/** One inference as the interpreter computed it, and what to prove it with. */
export type ProvingJob = {
    calculator: WitnessCalculator;
    /** Proves a .wtns file under the model's key. */
    prove: (witness: Uint8Array) => Promise<Proof>;
    ioSpec: IoSpec;
    vkHash: Hex;
    /** Canonical bytes. */
    input: Uint8Array;
    output: Uint8Array;
    /** Of committed sides, and of no others. */
    salts?: Salts | undefined;
    bind: bigint;
};

/** What hides the committed sides of an inference: field elements that nobody can guess. */
export type Salts = { input?: Hex | undefined; output?: Hex | undefined };

/**
 * A proof in EIP-197 order, the commitment of a bound model, the public signals in the circuit's order, and the hashes of
 * both sides as a statement has them.
 */
export type ProvenSignals = {
    proof: Proof;
    c: bigint | undefined;
    signals: bigint[];
    inputHash: Hex;
    outputHash: Hex;
};

/**
 * Proves one inference. Throws SALT_INVALID unless the committed sides, and only they, have salts,
 * PROVER_WITNESS_REFUSED when the circuit has no witness for the input, and PROVER_SIGNALS_MISMATCH when its public
 * signals are not those that a verifier will rebuild: nothing is proven then.
 */
export async function proveInference(job: ProvingJob): Promise<ProvenSignals> {
    const { calculator, prove, ioSpec, vkHash, bind } = job;
    const { shown, hashes, secrets } = seal(job);
    const given = { x: decodeIntegers({ dtype: ioSpec.input.dtype, bytes: job.input }), bind: [bind], ...secrets };
    const c = isBound(ioSpec) ? chainOf(publicWords({ ioSpec, ...shown })) : undefined;
    const signals = publicSignals({ ioSpec, vkHash, ...shown, ...hashes, bind, c });
    const challenge = c === undefined ? {} : { r: [signals[2] ?? 0n] };
    const witness = witnessOf({ calculator, input: { ...given, ...challenge } });
    if (signals.some((signal, i) => witness.wire(i + 1) !== signal)) {
        throw new ProtocolError({ code: "PROVER_SIGNALS_MISMATCH" });
    }
    return { proof: await prove(witness.file), c, signals, ...hashes };
}

type Sealing = Pick<ProvingJob, "ioSpec" | "input" | "output" | "salts">;

/** What is public of both sides, and what the circuit takes of the committed ones. */
export function seal({ ioSpec, input, output, salts = {} }: Sealing) {
    const given = sealSide({ side: ioSpec.input, bytes: input, salt: salts.input });
    const answered = sealSide({ side: ioSpec.output, bytes: output, salt: salts.output });
    const secrets: CircuitInput = {
        ...secretsOf({ name: "input", hash: given.hash, salt: salts.input }),
        ...secretsOf({ name: "output", hash: answered.hash, salt: salts.output }),
    };
    return {
        shown: { input: given.shown, output: answered.shown },
        hashes: { inputHash: given.hash, outputHash: answered.hash },
        secrets,
    };
}

function secretsOf({ name, hash, salt }: { name: string; hash: Hex; salt: Hex | undefined }): CircuitInput {
    return salt === undefined ? {} : { [`${name}Hash`]: [BigInt(hash)], [`${name}Salt`]: [BigInt(salt)] };
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
