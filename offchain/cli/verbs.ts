import type { Attach } from "./verb.ts";
import { key } from "./verbs/key.ts";

/** The verbs in the order in which --help lists them. */
export const VERBS: readonly Attach[] = [key];
