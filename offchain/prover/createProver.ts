import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
    analyse,
    createInterpreter,
    loadModel,
    MODEL_FILES,
    openCircuit,
    proveInference,
    type Salts,
} from "@assay/compiler";
import {
    decodeIntegers,
    decodeIoSpec,
    encodeTensor,
    FIELD_ORDER,
    type Hex,
    type Proof,
    ProtocolError,
    sideBytes,
} from "@assay/protocol";
import { leaseCurve } from "./_curveLease.ts";

/** One inference and the proof of it. */
export interface ProvenInference {
    /** EIP-197 order. */
    proof: Proof;
    /** Commitment to the words; bound models only. */
    c: bigint | undefined;
    /** Canonical bytes of what the model computed. */
    output: Uint8Array;
    /** Public signals in the circuit's order. */
    signals: bigint[];
    /** Hashes as a statement has them: of a committed side its commitment. */
    inputHash: Hex;
    outputHash: Hex;
}

/** One inference to prove. */
export interface ProvingJob {
    /** Canonical bytes, of a committed input too: they stay here. */
    input: Uint8Array;
    bind: bigint;
    /** Salts of the committed sides, and of no others. */
    salts?: Salts | undefined;
}

/** Proves inferences of one compiled model. */
export interface Prover {
    /**
     * Runs the model on canonical input bytes and proves the result for `bind` (bindOf a statement's digest, or
     * unboundBind). Throws TENSOR_LENGTH, MODEL_INPUT_RANGE, PROVER_BIND_INVALID or SALT_INVALID before it proves.
     */
    prove(job: ProvingJob): Promise<ProvenInference>;
    /** Waits for the proofs under way and lets the worker threads go. */
    close(): Promise<void>;
}

/**
 * Opens a compiled model directory for proving; keys and curve stay in memory until `close`.
 *
 * @example
 * const prover = await createProver({ modelDir });
 * const { proof, c, output } = await prover.prove({ input, bind: bindOf(digest) });
 * await prover.close();
 */
export async function createProver({ modelDir }: { modelDir: string }): Promise<Prover> {
    const model = await loadModel(modelDir);
    const { dir, manifest, graph } = model;
    const zkey = await readFile(join(dir, MODEL_FILES.provingKey));
    const ioSpec = decodeIoSpec(manifest.ioSpec);
    const interpreter = createInterpreter(analyse(graph));
    const calculator = openCircuit(model);
    const provingKey = new Uint8Array(zkey);
    const lease = leaseCurve();
    const underWay = new Set<Promise<ProvenInference>>();
    let isClosed = false;

    async function proveOne({ input, bind, salts }: ProvingJob): Promise<ProvenInference> {
        const x = decodeIntegers({ dtype: ioSpec.input.dtype, bytes: input });
        const output = encodeTensor({ dtype: ioSpec.output.dtype, values: interpreter.run(x) });
        const question = { ioSpec, vkHash: manifest.vkHash, input, output, salts, bind };
        await lease.ready();
        return { output, ...(await proveInference({ calculator, zkey: provingKey, ...question })) };
    }

    return {
        async prove({ input, bind, salts }) {
            if (isClosed) throw new ProtocolError({ code: "PROVER_CLOSED" });
            if (bind < 0n || bind >= FIELD_ORDER) throw new ProtocolError({ code: "PROVER_BIND_INVALID" });
            const wanted = sideBytes(ioSpec.input);
            if (input.length !== wanted) {
                const message = `The input has ${input.length} bytes, the model takes ${wanted}.`;
                throw new ProtocolError({ code: "TENSOR_LENGTH", message });
            }
            const proving = proveOne({ input, bind, salts });
            underWay.add(proving);
            try {
                return await proving;
            } finally {
                underWay.delete(proving);
            }
        },
        async close() {
            isClosed = true;
            await Promise.allSettled(underWay);
            await lease.release();
        },
    };
}
