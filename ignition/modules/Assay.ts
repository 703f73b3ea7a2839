/** Everything that is deployed once per chain, in the order in which the constructors need it. */
import { FAMILIES } from "@assay/protocol";
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** Two days: what anybody who relies on a verifier has for leaving before it is replaced. */
const ROUTER_DELAY_SECONDS = 172_800;
/** Gas that verifying one item may use: several times what it does use, far below a transaction's 2^24. */
const GAS_CAPS = { signed: 100_000, groth16: 2_000_000 } as const;
const ZERO_ADDRESS = `0x${"00".repeat(20)}`;

export default buildModule("Assay", (m) => {
    // Governance of the router, the only owner there is: it proposes verifiers and stops them, and touches no money.
    const owner = m.getParameter<string>("owner");
    const delaySeconds = m.getParameter("routerDelaySeconds", ROUTER_DELAY_SECONDS);
    const token = m.getParameter("token", ZERO_ADDRESS);

    const SignedVerifier = m.contract("SignedVerifier");
    const Groth16Verifier = m.contract("Groth16Verifier");
    const VerifierRouter = m.contract("VerifierRouter", [
        owner,
        delaySeconds,
        [
            { family: FAMILIES.SIGNED, verifier: SignedVerifier, gasCap: GAS_CAPS.signed },
            { family: FAMILIES.ZK_GROTH16, verifier: Groth16Verifier, gasCap: GAS_CAPS.groth16 },
        ],
    ]);
    const ModelRegistry = m.contract("ModelRegistry", [VerifierRouter]);
    const ExecutorRegistry = m.contract("ExecutorRegistry");
    const EvidenceGate = m.contract("EvidenceGate", [ModelRegistry, ExecutorRegistry, VerifierRouter]);
    const InferenceHub = m.contract("InferenceHub", [EvidenceGate, token]);

    return {
        SignedVerifier,
        Groth16Verifier,
        VerifierRouter,
        ModelRegistry,
        ExecutorRegistry,
        EvidenceGate,
        InferenceHub,
    };
});
