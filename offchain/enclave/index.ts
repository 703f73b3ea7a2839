export { createEnclaveClient, type EnclaveClient } from "./operator/client.ts";
export { sendHeartbeat } from "./operator/heartbeat.ts";
export { keepRegistered } from "./operator/keepRegistered.ts";
export { type RegisteredEnclave, registerEnclave } from "./operator/registerEnclave.ts";
export { ENCLAVE_PACKAGE } from "./shell/binaryDigest.ts";
export { createEnclave, type Enclave, type EnclaveParts } from "./shell/enclave.ts";
export type { EnclaveSession, Engines as EnclaveEngines } from "./shell/models/engines.ts";
export type { SettingsInput as EnclaveSettingsInput } from "./shell/settings.ts";
