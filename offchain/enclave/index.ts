export type { AttestationProvider, Form, GivenDocument } from "./core/provider.ts";
export { ENCLAVE_PACKAGE } from "./shell/binaryDigest.ts";
export { createEnclave, type Enclave, type EnclaveParts } from "./shell/enclave.ts";
export type { EnclaveSession, Engines as EnclaveEngines } from "./shell/models/engines.ts";
export { parseSettings as parseEnclaveSettings, type SettingsInput as EnclaveSettingsInput } from "./shell/settings.ts";
