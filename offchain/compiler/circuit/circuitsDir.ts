import { fileURLToPath } from "node:url";

/** circuits/, with the template library below it. */
export const CIRCUITS_DIR = fileURLToPath(new URL("../../../circuits/", import.meta.url));
