import { processShell } from "../io/shell.ts";
import { run } from "../run.ts";

const exitCode = await run({ argv: process.argv.slice(2), shell: processShell() });
// A proving worker or an open socket must not keep a finished command alive: flush, then end.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
