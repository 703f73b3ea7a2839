import { familyName, type Hex } from "@assay/protocol";
import { type NamedMeasurement, nameMeasurement, type Sent, unnameMeasurement } from "@assay/sdk";
import { z } from "zod";
import { actingOptions, actingShape, openActing, sentRows } from "../chain/act.ts";
import { facts } from "../io/text.ts";
import { hash32, measurement } from "../values.ts";
import { defineVerb, type OptionSpec } from "../verb.ts";

const options: readonly OptionSpec[] = [
    { flags: "--model <id>", about: "modelId of a version that you registered" },
    { flags: "--measurement <family=id>", about: "such as TEE_NITRO=0x…, the measurementId of the code" },
    ...actingOptions,
];
const input = z.object({ model: hash32, measurement, ...actingShape });

/** `assay tee name`: the owner of a version lets more code attest it, a day from now. */
export const teeName = defineVerb({
    name: "name",
    about: "Name code whose enclaves may attest your model version; it counts after one day",
    options,
    input,
    run: async ({ shell }, { model: modelId, measurement, ...choice }) => {
        const sent = await nameMeasurement(await openActing(shell, choice), { modelId, measurement });
        return { ok: true, ...report({ modelId, measurement, sent }, { countsFrom: sent.countsFrom }) };
    },
});

/** `assay tee unname`: the owner of a version takes a name back, at once. */
export const teeUnname = defineVerb({
    name: "unname",
    about: "Take the name of code back: its enclaves may not attest your model version from now on",
    options,
    input,
    run: async ({ shell }, { model: modelId, measurement, ...choice }) => {
        const sent = await unnameMeasurement(await openActing(shell, choice), { modelId, measurement });
        return { ok: true, ...report({ modelId, measurement, sent }, {}) };
    },
});

function report(
    { modelId, measurement, sent }: { modelId: Hex; measurement: NamedMeasurement; sent: Sent },
    more: { countsFrom?: number },
) {
    const { measurementId } = measurement;
    const family = familyName(measurement.family);
    const rows: [string, string][] = [
        ["modelId", modelId],
        ["family", family],
        ["measurementId", measurementId],
        ...Object.entries(more).map(([name, seconds]): [string, string] => [name, `${seconds}, unix seconds`]),
        ...sentRows(sent),
    ];
    return { value: { ...sent, modelId, family, measurementId }, text: facts(rows) };
}
