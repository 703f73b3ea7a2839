/** The forms of documents that an enclave can register with. */
export type Form = "nitro" | "tdx";

/** What a document is to contain. */
export type AttestationQuestion = {
    /** 32 bytes that commit to the registration. */
    userData: Uint8Array;
    /** The enclave's key, 04 ‖ x ‖ y, where the form has a place for it. */
    publicKey: Uint8Array;
    /** As many bytes as the provider takes. */
    nonce: Uint8Array;
    signal: AbortSignal;
};

/** What a provider gives; not yet shown to be what was asked for. */
export type GivenDocument = { document: Uint8Array; collateral: Uint8Array };

/** Whoever speaks to the hardware for this enclave. Throws ENCLAVE_PROVIDER_FAILED. */
export type AttestationProvider = {
    name: string;
    form: Form;
    /** Length of the nonce that it puts into its documents; 0 = none. */
    nonceBytes: number;
    /** Whether it puts the public key into its documents. */
    bindsKey: boolean;
    /** Signs under a development root, whose key everybody has. */
    simulated: boolean;
    attest: (question: AttestationQuestion) => Promise<GivenDocument>;
    /** Tells whoever waits for it that the enclave program listens, once. Throws ENCLAVE_PROVIDER_FAILED. */
    ready?: (parts: { signal: AbortSignal }) => Promise<void>;
};
