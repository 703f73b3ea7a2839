/** The files of a compiled model directory. */
export const MODEL_FILES = {
    manifest: "manifest.json",
    artifact: "model.onnx",
    graph: "graph.json",
    circuit: "circuit.circom",
    r1cs: "circuit.r1cs",
    sym: "circuit.sym",
    provingKey: "proving.zkey",
    verifyingKey: "verifying.key",
    snarkjsKey: "verification_key.json",
    verifier: "Verifier.sol",
} as const;

/** The state of a ceremony under way; a compiled model directory never holds it. */
export const CEREMONY_FILE = "ceremony.json";
