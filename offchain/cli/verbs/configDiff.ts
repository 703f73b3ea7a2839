import { type JsonDifference, jsonDifferences } from "@assay/protocol";
import { type ConfigName, type ConfigRecord, configVersion } from "@assay/sdk";
import { z } from "zod";
import { chainOptions, chainShape, type OpenChain, openChain } from "../chain/openChain.ts";
import { type ReadConfig, readConfigFile, readVersion } from "../config/readVersion.ts";
import { timeText } from "../io/text.ts";
import { address, count } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** `assay config diff`: what changed between two versions, read and checked against their hashes. */
export const configDiff = defineVerb({
    name: "diff",
    about: "Show what changed between two versions of a configuration; content with another hash is refused",
    args: [
        { term: "<owner>", about: "whose name it is" },
        { term: "<name>", about: "such as support/answers" },
        { term: "[from]", about: "version (default: the one before the newest); 0 stands for none" },
        { term: "[to]", about: "version (default: the newest)" },
    ],
    options: [
        {
            flags: "--file <file>",
            about: "content of a version, where its URI does not lead to it; repeat",
            repeat: true,
        },
        ...chainOptions,
    ],
    input: z
        .object({
            owner: address,
            name: z.string(),
            from: count.optional(),
            to: count.optional(),
            file: z.array(z.string()).default([]),
            ...chainShape,
        })
        .refine(({ from, to }) => (from === undefined) === (to === undefined), {
            message: "give both versions or none",
        }),
    run: async ({ shell }, { owner, name, from, to, file, ...choice }) => {
        const chain = await openChain(shell, choice);
        const newest = to ?? (await configVersion(chain, { owner, name })).version;
        const files = await Promise.all(file.map((one) => readConfigFile(shell, one)));
        const side = (version: number) => sideOf({ chain, files }, { owner, name, version });
        const [before, after] = await Promise.all([side(from ?? newest - 1), side(newest)]);
        const differences = jsonDifferences(before.config, after.config);
        const heads = [`--- ${headOf(before.record)}`, `+++ ${headOf(after.record)}`];
        const lines = differences.length === 0 ? ["no difference"] : differences.flatMap(linesOf);
        return {
            ok: true,
            value: { owner, name, from: before.record ?? null, to: after.record ?? null, differences },
            text: [...heads, ...lines].join("\n"),
        };
    },
});

/** One of the two: version 0 is the empty configuration, which nobody has to publish. */
async function sideOf(
    { chain, files }: { chain: OpenChain; files: readonly ReadConfig[] },
    { version, ...named }: ConfigName & { version: number },
) {
    if (version === 0) return { record: undefined, config: {} };
    const record = await configVersion(chain, { ...named, version });
    return { record, config: await readVersion({ record, files }) };
}

function headOf(record: ConfigRecord | undefined): string {
    if (record === undefined) return "no configuration";
    return `version ${record.version}, in force from ${timeText(record.inForceFrom)}, ${record.configHash}`;
}

function linesOf(difference: JsonDifference): string[] {
    const { path } = difference;
    const before = "before" in difference ? [`- ${path} = ${JSON.stringify(difference.before)}`] : [];
    const after = "after" in difference ? [`+ ${path} = ${JSON.stringify(difference.after)}`] : [];
    return [...before, ...after];
}
