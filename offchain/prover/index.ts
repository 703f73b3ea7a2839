export { createProver, type ProvenInference, type Prover, type ProvingJob } from "./createProver.ts";
