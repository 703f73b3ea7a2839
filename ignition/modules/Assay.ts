/** Everything that is deployed once per chain, in the order in which the constructors need it. */
import { FAMILIES } from "@assay/protocol";
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { ContractFuture, IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";

/** Two days: what anybody who relies on a verifier has for leaving before it is replaced. */
const ROUTER_DELAY_SECONDS = 172_800;
/** Gas that verifying may use: one item of evidence several times what it does; a document all that a transaction has. */
const GAS_CAPS = { signed: 100_000, groth16: 2_000_000, document: 16_777_215 } as const;
const ZERO_ADDRESS = `0x${"00".repeat(20)}`;

/** Families whose verifiers on a development chain are stand-ins, as the deployment file says. */
export const SIMULATED_FAMILIES = ["TEE_NITRO", "TEE_TDX"] as const;

/** For real chains: TEE evidence is that of AWS Nitro enclaves, verified under the genuine root. */
export default buildModule("Assay", (m) => {
    const tee = teeContracts(m);
    const { NitroVerifier } = tee;
    const core = coreContracts(m, tee, [
        { family: FAMILIES.TEE_NITRO, verifier: NitroVerifier, gasCap: GAS_CAPS.document },
    ]);
    return { ...tee, ...core };
});

/**
 * For development chains: TEE evidence is SIMULATED. Whoever has read the source can make it; every answer that rests on
 * it has bit 15 set. Constructors and every call refuse other chains.
 */
export const AssayOnDevelopmentChain = buildModule("Assay", (m) => {
    const tee = teeContracts(m);
    const { AttestationPolicy, P384Verifier, Sha384 } = tee;
    const SimulatedNitroVerifier = m.contract("SimulatedNitroVerifier", [AttestationPolicy, P384Verifier, Sha384]);
    const SimulatedTdxVerifier = m.contract("SimulatedTdxVerifier", [AttestationPolicy]);
    const core = coreContracts(m, tee, [
        { family: FAMILIES.TEE_NITRO, verifier: SimulatedNitroVerifier, gasCap: GAS_CAPS.document },
        { family: FAMILIES.TEE_TDX, verifier: SimulatedTdxVerifier, gasCap: GAS_CAPS.document },
    ]);
    return { ...tee, SimulatedNitroVerifier, SimulatedTdxVerifier, ...core };
});

type Contract = ContractFuture<string>;

/** What verifies attestation documents, and governance's list of what they may no longer rest on. */
function teeContracts(m: IgnitionModuleBuilder) {
    const AttestationPolicy = m.contract("AttestationPolicy", [ownerOf(m)]);
    const P384Verifier = m.contract("P384Verifier");
    const Sha384 = m.contract("Sha384");
    const NitroVerifier = m.contract("NitroVerifier", [AttestationPolicy, P384Verifier, Sha384]);
    return { AttestationPolicy, P384Verifier, Sha384, NitroVerifier };
}

/** Router, registries, gate, hub and receipt log. */
function coreContracts(
    m: IgnitionModuleBuilder,
    { AttestationPolicy }: { AttestationPolicy: Contract },
    documentVerifiers: { family: number; verifier: Contract; gasCap: number }[],
) {
    const delaySeconds = m.getParameter("routerDelaySeconds", ROUTER_DELAY_SECONDS);
    const token = m.getParameter("token", ZERO_ADDRESS);
    const SignedVerifier = m.contract("SignedVerifier");
    const Groth16Verifier = m.contract("Groth16Verifier");
    const VerifierRouter = m.contract("VerifierRouter", [
        ownerOf(m),
        delaySeconds,
        [
            { family: FAMILIES.SIGNED, verifier: SignedVerifier, gasCap: GAS_CAPS.signed },
            { family: FAMILIES.ZK_GROTH16, verifier: Groth16Verifier, gasCap: GAS_CAPS.groth16 },
            ...documentVerifiers,
        ],
    ]);
    const ModelRegistry = m.contract("ModelRegistry", [VerifierRouter]);
    const ExecutorRegistry = m.contract("ExecutorRegistry");
    const TeeRegistry = m.contract("TeeRegistry", [AttestationPolicy, VerifierRouter]);
    const EvidenceGate = m.contract("EvidenceGate", [ModelRegistry, ExecutorRegistry, TeeRegistry, VerifierRouter]);
    const InferenceHub = m.contract("InferenceHub", [EvidenceGate, token]);
    const ReceiptLog = m.contract("ReceiptLog");
    const ConfigRegistry = m.contract("ConfigRegistry");
    return {
        SignedVerifier,
        Groth16Verifier,
        VerifierRouter,
        ModelRegistry,
        ExecutorRegistry,
        TeeRegistry,
        EvidenceGate,
        InferenceHub,
        ReceiptLog,
        ConfigRegistry,
    };
}

/** Governance, the only owner there is: it proposes and stops verifiers, revokes attestations, and touches no money. */
function ownerOf(m: IgnitionModuleBuilder) {
    return m.getParameter<string>("owner");
}
