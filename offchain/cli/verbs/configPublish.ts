import { canonicalJson, parseConfiguration } from "@assay/protocol";
import { publishConfig } from "@assay/sdk";
import { z } from "zod";
import { actingOptions, actingShape, openActing, sentRows } from "../chain/act.ts";
import { readConfigFile } from "../config/readVersion.ts";
import { facts } from "../io/text.ts";
import { address } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** `assay config publish`: a new version of a name, in force from its block on. */
export const configPublish = defineVerb({
    name: "publish",
    about: "Publish a version of a configuration; it is in force from then on, and nobody can take it back",
    args: [
        { term: "<name>", about: "1 to 64 bytes, such as support/answers" },
        { term: "<file>", about: "configuration as JSON" },
    ],
    options: [
        { flags: "--uri <uri>", about: "where it can be read: https:, file: or data: (default: nowhere)" },
        { flags: "--inline", about: "keep the configuration itself on chain, for everybody to read" },
        { flags: "--owner <address>", about: "whose name it is, if you are its editor (default: yours)" },
        ...actingOptions,
    ],
    input: z
        .object({
            name: z.string(),
            file: z.string(),
            uri: z.string().optional(),
            inline: z.boolean().default(false),
            owner: address.optional(),
            ...actingShape,
        })
        .refine(({ uri, inline }) => uri === undefined || !inline, { message: "give --uri or --inline, not both" }),
    run: async ({ shell }, { name, file, uri, inline, owner, ...choice }) => {
        const { config, configHash } = await readConfigFile(shell, file);
        parseConfiguration(config);
        const at = inline ? `data:application/json,${encodeURIComponent(canonicalJson(config))}` : (uri ?? "");
        const sent = await publishConfig(await openActing(shell, choice), { name, configHash, uri: at, owner });
        const rows: [string, string][] = [
            ["configuration", `${sent.owner}/${name}@${sent.version}`],
            ["configHash", configHash],
        ];
        return { ok: true, value: { ...sent, configHash, uri: at }, text: facts([...rows, ...sentRows(sent)]) };
    },
});
