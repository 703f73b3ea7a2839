import { PRESETS } from "@assay/protocol";
import { z } from "zod";
import { address, hash32, policy, unsigned } from "../values.ts";
import type { OptionSpec } from "../verb.ts";
import { configOptions, configShape } from "./configChoice.ts";

/** What is asked for, by whom it may be answered, and how sure the answer must be. */
export const wishOptions: readonly OptionSpec[] = [
    { flags: "--model <id>", about: "modelId" },
    { flags: "--policy <policy>", about: `preset (${Object.keys(PRESETS).join(", ")}) or policy word in hex` },
    ...configOptions,
    { flags: "--executor <address>", about: "executor that may answer; repeat for more", repeat: true },
    { flags: "--min-stake-wei <wei>", about: "stake the executor must have" },
];

/** What `wishOptions` are parsed into. */
export const wishShape = {
    model: hash32,
    policy,
    ...configShape,
    executor: z.array(address).default([]),
    minStakeWei: unsigned.default(0n),
};
