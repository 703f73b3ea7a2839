export type { Shell } from "./io/shell.ts";
export { type ExitCode, run } from "./run.ts";
