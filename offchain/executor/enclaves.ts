// Enclaves of an operator, for other services that have statements attested.
export type { MissingEnclave } from "./core/admit.ts";
export { createEnclaveClient, type EnclaveClient } from "./shell/enclaves/client.ts";
export { createEnclaves, type Enclaves, type SignQuestion } from "./shell/enclaves/enclaves.ts";
