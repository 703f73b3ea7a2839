export { createProver, type ProvenInference, type Prover } from "./createProver.ts";
