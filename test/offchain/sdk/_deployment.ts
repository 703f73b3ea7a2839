import { toHex } from "@assay/protocol";
import type { Deployment } from "@assay/sdk";

/** A deployment whose contracts are nowhere. */
export function aDeployment(): Deployment {
    const at = (digits: string) => toHex(`0x${digits.repeat(20)}`);
    return {
        version: 1,
        chainId: 31337,
        blockNumber: 0,
        hubFromBlock: 0,
        contracts: {
            ModelRegistry: at("a1"),
            ExecutorRegistry: at("a2"),
            VerifierRouter: at("a3"),
            SignedVerifier: at("a4"),
            Groth16Verifier: at("a5"),
            EvidenceGate: at("a6"),
            InferenceHub: at("a7"),
            AttestationPolicy: at("a8"),
            TeeRegistry: at("a9"),
            P384Verifier: at("aa"),
            Sha384: at("ab"),
            NitroVerifier: at("ac"),
            ReceiptLog: at("ad"),
            ConfigRegistry: at("ae"),
        },
    };
}
