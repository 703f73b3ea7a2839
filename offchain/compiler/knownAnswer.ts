import {
    decodeIntegers,
    type Hex,
    type IoSpec,
    isBound,
    ProtocolError,
    publicSignals,
    unboundBind,
    verifyGroth16,
} from "@assay/protocol";
import { type Groth16Proof, groth16 } from "snarkjs";
import { calculateWitness, wireValue } from "./circuit/witness.ts";

type Job = {
    ioSpec: IoSpec;
    vkHash: Hex;
    /** Key bytes, EIP-197 order. */
    verifyingKey: Uint8Array;
    zkey: Uint8Array;
    wasm: Uint8Array;
    /** Canonical bytes of one inference by the interpreter. */
    input: Uint8Array;
    output: Uint8Array;
};

/** A proof in EIP-197 order, with its commitment for bound models. */
export type ProvenAnswer = {
    proof: [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    c: bigint | undefined;
};

/**
 * Proves one inference for the unbound bind, which no statement can have. Throws KNOWN_ANSWER_WRONG when the circuit
 * does not compute what the interpreter did, or when the proof does not verify: nothing of a model is written then.
 */
export async function proveKnownAnswer({
    ioSpec,
    vkHash,
    verifyingKey,
    zkey,
    wasm,
    input,
    output,
}: Job): Promise<ProvenAnswer> {
    const bind = unboundBind(vkHash);
    const x = decodeIntegers({ dtype: ioSpec.input.dtype, bytes: input });
    const parts = { ioSpec, vkHash, input, output, bind };
    const c = isBound(ioSpec) ? await commitmentOf({ wasm, x, bind }) : undefined;
    const signals = publicSignals({ ...parts, c });
    const r = c === undefined ? undefined : signals[2];
    const witness = await calculateWitness({ wasm, input: { x, bind, r } });
    const { proof: points, publicSignals: found } = await groth16.prove(zkey, witness, undefined, {
        singleThread: true,
    });
    const proof = coordinates(points);
    const isRight = found.map(BigInt).join() === signals.join() && verifyGroth16({ key: verifyingKey, signals, proof });
    if (!isRight) throw new ProtocolError({ code: "KNOWN_ANSWER_WRONG" });
    return { proof, c };
}

/** c does not depend on r, so any r finds it; it is the first output, wire 1. */
async function commitmentOf({ wasm, x, bind }: { wasm: Uint8Array; x: bigint[]; bind: bigint }): Promise<bigint> {
    return wireValue({ witness: await calculateWitness({ wasm, input: { x, bind, r: 0n } }), wire: 1 });
}

/** EIP-197 puts the imaginary part first, snarkjs the real one. */
function coordinates({ pi_a: [ax, ay], pi_b: [bx, by], pi_c: [cx, cy] }: Groth16Proof): ProvenAnswer["proof"] {
    return [BigInt(ax), BigInt(ay), BigInt(bx[1]), BigInt(bx[0]), BigInt(by[1]), BigInt(by[0]), BigInt(cx), BigInt(cy)];
}
