import type { Hex, Proof } from "@assay/protocol";

/** A proving key on disk, in snarkjs' format. */
export type ProvingKey = {
    /** Absolute path. */
    file: string;
    sha256: Hex;
};

/** A witness to prove. */
export type BackendJob = {
    key: ProvingKey;
    /** A .wtns file, private inputs included. */
    witness: Uint8Array;
    signal?: AbortSignal | undefined;
};

/** What turns a witness into a proof; one proof at a time. */
export interface Backend {
    /**
     * Throws PROVER_FAILED, PROVER_INTERRUPTED, PROVER_TIMEOUT, or the reason of `signal`. Nothing of the job goes on
     * then.
     */
    prove(job: BackendJob): Promise<Proof>;
    /** Whether its proofs must be verified before they are used: it is not part of this repository. */
    isForeign: boolean;
    /** Most memory that its process has used, MiB; undefined when it cannot know. */
    peakRssMb(): number | undefined;
    close(): Promise<void>;
}
