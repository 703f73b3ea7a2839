export { createProver } from "./createProver.ts";
export { createProverPool, type ProverOptions, type ProverPool } from "./createProverPool.ts";
export type { ProvenInference, Prover, ProvingJob } from "./openModel.ts";
