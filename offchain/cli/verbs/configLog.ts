import { type ConfigRecord, configHistory } from "@assay/sdk";
import { z } from "zod";
import { chainOptions, chainShape, openChain } from "../chain/openChain.ts";
import { table, timeText } from "../io/text.ts";
import { address } from "../values.ts";
import { defineVerb } from "../verb.ts";

const HEAD = ["version", "in force from", "until", "configHash", "author", "uri"];
/** As much of a URI as a line has room for; --json has all of it. */
const MOST_URI_LENGTH = 60;

/** `assay config log`: which version was in force when. */
export const configLog = defineVerb({
    name: "log",
    about: "List all versions of a configuration: since when each was in force, and who published it",
    args: [
        { term: "<owner>", about: "whose name it is" },
        { term: "<name>", about: "such as support/answers" },
    ],
    options: chainOptions,
    input: z.object({ owner: address, name: z.string(), ...chainShape }),
    run: async ({ shell }, { owner, name, ...choice }) => {
        const history = await configHistory(await openChain(shell, choice), { owner, name });
        const versions = history.map((record, at) => ({ ...record, until: history[at + 1]?.inForceFrom ?? null }));
        if (versions.length === 0) {
            return { ok: false, value: { owner, name, versions }, text: `Nobody published ${owner}/${name}.` };
        }
        return { ok: true, value: { owner, name, versions }, text: table({ head: HEAD, rows: versions.map(cells) }) };
    },
});

function cells({ version, configHash, author, inForceFrom, uri, until }: ConfigRecord & { until: number | null }) {
    const shown = uri.length > MOST_URI_LENGTH ? `${uri.slice(0, MOST_URI_LENGTH)}…` : uri;
    // A line end in a URI would look like another row.
    const oneLine = shown.replaceAll(/\s/g, " ");
    const end = until === null ? "" : timeText(until);
    return [String(version), timeText(inForceFrom), end, configHash, author, oneLine];
}
