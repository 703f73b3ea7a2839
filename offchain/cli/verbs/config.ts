import { defineGroup } from "../verb.ts";
import { configDiff } from "./configDiff.ts";
import { configLog } from "./configLog.ts";
import { configPublish } from "./configPublish.ts";

/** `assay config publish|log|diff`: prompts, templates and sampling, and which of them was in force when. */
export const config = defineGroup({
    name: "config",
    about: "Versions of prompts and processing: publish them, list them, see what changed",
    verbs: [configPublish, configLog, configDiff],
});
