import { homedir } from "node:os";
import path from "node:path";
import type { Shell } from "./io/shell.ts";

/** Folder of everything kept between runs (keys, journals): ASSAY_HOME, else `.assay` in the user's home. */
export function homeOf({ env }: Pick<Shell, "env">): string {
    return env.ASSAY_HOME ?? path.join(homedir(), ".assay");
}
