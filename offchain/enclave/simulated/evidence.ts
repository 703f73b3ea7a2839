/** What a simulated enclave brings: the bytes that IAttestationVerifier.verify takes. */
export interface SimulatedEvidence {
    document: Uint8Array;
    /** What the document needs beside it; empty for the Nitro form. */
    collateral: Uint8Array;
}
