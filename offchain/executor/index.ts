export { createExecutor, type Executor, type ExecutorParts } from "./shell/executor.ts";
export { createLog } from "./shell/log.ts";
export type { Engines, Prover, Session } from "./shell/models/models.ts";
export { readReceiptFile } from "./shell/receiptFiles.ts";
export { parseSettings, type Settings, type SettingsInput } from "./shell/settings.ts";
