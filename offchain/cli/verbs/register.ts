import path from "node:path";
import { ZERO_BYTES32 } from "@assay/protocol";
import { readCompiledModel, registerModel } from "@assay/sdk";
import { z } from "zod";
import { actingOptions, actingShape, openActing, sentRows } from "../chain/act.ts";
import { facts } from "../io/text.ts";
import { hash32, measurement, unsigned } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** `assay register`: a compiled model becomes an immutable version on chain. */
export const register = defineVerb({
    name: "register",
    about: "Register a compiled model: its content, key, known answer and setup; you become its owner",
    options: [
        { flags: "--dir <dir>", about: "directory that `assay compile` wrote" },
        { flags: "--uri <uri>", about: "where the artifact can be fetched (never trusted, always hash-checked)" },
        { flags: "--derived-from <id>", about: "modelId of the version this one was made from" },
        { flags: "--bounty-wei <wei>", about: "locked for whoever shows that the key proves two outputs" },
        {
            flags: "--measurement <family=id>",
            about: "code that may attest it at once, such as TEE_NITRO=0x…; repeat for more",
            repeat: true,
        },
        ...actingOptions,
    ],
    input: z.object({
        dir: z.string(),
        uri: z.string().default(""),
        derivedFrom: hash32.default(ZERO_BYTES32),
        bountyWei: unsigned.default(0n),
        measurement: z.array(measurement).default([]),
        ...actingShape,
    }),
    run: async ({ shell, progress }, { dir, uri, derivedFrom, bountyWei, measurement: measurements, ...choice }) => {
        const model = await readCompiledModel({ dir: path.resolve(shell.cwd, dir), derivedFrom });
        const acting = await openActing(shell, choice);
        progress(`registering ${model.name} on chain ${acting.chainId}`);
        const sent = await registerModel(acting, { model, uri, bountyWei, measurements });
        const value = { ...sent, name: model.name, vkHash: model.spec.vkHash };
        const { name, modelId, vkHash } = value;
        return { ok: true, value, text: facts([...Object.entries({ name, modelId, vkHash }), ...sentRows(sent)]) };
    },
});
