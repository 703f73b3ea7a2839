import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
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
    verifyGroth16,
} from "@assay/protocol";
import type { Queue } from "./_queue.ts";
import type { Backend } from "./backend.ts";

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
    signal?: AbortSignal | undefined;
}

/** Proves inferences of one compiled model. */
export interface Prover {
    /**
     * Runs the model on canonical input bytes and proves the result for `bind` (bindOf a statement's digest, or
     * unboundBind), when its turn comes. Throws PROVER_BUSY, TENSOR_LENGTH, MODEL_INPUT_RANGE, PROVER_BIND_INVALID or
     * SALT_INVALID before it proves, then what `Backend` throws and PROVER_PROOF_INVALID.
     */
    prove(job: ProvingJob): Promise<ProvenInference>;
    /** Most memory that the proving process has used, MiB; undefined when it cannot be known. */
    peakRssMb(): number | undefined;
    /** Waits for this prover's proofs under way; it takes no others. */
    close(): Promise<void>;
}

type Deps = { backend: Backend; queue: Queue; isClosed: () => boolean };

/** Opens a compiled model directory; throws MODEL_DIR_INVALID. */
export async function openModel(
    { backend, queue, isClosed: isPoolClosed }: Deps,
    { modelDir }: { modelDir: string },
): Promise<Prover> {
    const model = await loadModel(resolve(modelDir));
    const { dir, manifest, graph } = model;
    const key = { file: join(dir, MODEL_FILES.provingKey), sha256: hashOf({ manifest, file: MODEL_FILES.provingKey }) };
    const verifyingKey = new Uint8Array(await readFile(join(dir, MODEL_FILES.verifyingKey)));
    const ioSpec = decodeIoSpec(manifest.ioSpec);
    const interpreter = createInterpreter(analyse(graph));
    const calculator = openCircuit(model);
    const underWay = new Set<Promise<ProvenInference>>();
    let isClosed = false;

    /** The witness is made when its turn comes: a proof that waits takes no memory. */
    async function proveOne({ input, bind, salts, signal }: ProvingJob): Promise<ProvenInference> {
        const x = decodeIntegers({ dtype: ioSpec.input.dtype, bytes: input });
        const output = encodeTensor({ dtype: ioSpec.output.dtype, values: interpreter.run(x) });
        const question = { ioSpec, vkHash: manifest.vkHash, input, output, salts, bind };
        const prove = (witness: Uint8Array) => backend.prove({ key, witness, signal });
        const proven = await proveInference({ calculator, prove, ...question });
        const { signals, proof } = proven;
        if (backend.isForeign && !verifyGroth16({ key: verifyingKey, signals, proof })) {
            throw new ProtocolError({ code: "PROVER_PROOF_INVALID" });
        }
        return { output, ...proven };
    }

    return {
        async prove(job) {
            if (isClosed || isPoolClosed()) throw new ProtocolError({ code: "PROVER_CLOSED" });
            if (job.bind < 0n || job.bind >= FIELD_ORDER) throw new ProtocolError({ code: "PROVER_BIND_INVALID" });
            const wanted = sideBytes(ioSpec.input);
            if (job.input.length !== wanted) {
                const message = `The input has ${job.input.length} bytes, the model takes ${wanted}.`;
                throw new ProtocolError({ code: "TENSOR_LENGTH", message });
            }
            const proving = queue.run(() => proveOne(job), job.signal);
            underWay.add(proving);
            try {
                return await proving;
            } finally {
                underWay.delete(proving);
            }
        },
        peakRssMb: () => backend.peakRssMb(),
        async close() {
            isClosed = true;
            await Promise.allSettled(underWay);
        },
    };
}

function hashOf({ manifest, file }: { manifest: { files: Record<string, Hex> }; file: string }): Hex {
    const hash = manifest.files[file];
    if (hash === undefined) throw new ProtocolError({ code: "MODEL_DIR_INVALID", message: `There is no ${file}.` });
    return hash;
}
