import type { CompilationPlan } from "../forecast/compilationPlan.ts";
import type { Manifest } from "../manifest.ts";
import { escapeHtml, htmlFacts, htmlTable, shortNumber } from "./_html.ts";
import { STYLE } from "./_style.ts";
import { costBars } from "./costBars.ts";
import { histogram } from "./histogram.ts";
import type { OutputPairs } from "./samplePairs.ts";
import { scatter } from "./scatter.ts";

/** Everything that the page of a compiled model shows. */
export type PageFacts = {
    manifest: Manifest;
    plan: CompilationPlan;
    outputs: readonly OutputPairs[];
    soundness: readonly (readonly [name: string, value: string])[];
};

/** A compiled model as one HTML page that loads nothing and runs nothing. */
export function page(facts: PageFacts): string {
    const { manifest } = facts;
    const title = escapeHtml(manifest.name);
    return [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        `<title>${title}: compiled model</title><style>${STYLE}</style></head><body><main>`,
        `<h1>${title}</h1>`,
        ...identity(manifest),
        ...cost(facts),
        ...accuracy(facts),
        ...approximations(manifest),
        "<h2>What a proof rests on</h2>",
        htmlFacts(facts.soundness),
        ...files(manifest),
        "</main></body></html>",
        "",
    ].join("\n");
}

function identity({ source, artifact, vkHash, contentHash, setup, inputs, outputs }: Manifest): string[] {
    const side = ({ name, dtype, shape }: { name: string; dtype: string; shape: number[] }) =>
        `${name}: ${dtype} [${shape.join(", ")}]`;
    const warning = '<p class="warning">Development key: anybody can forge proofs of it.</p>';
    return [
        ...(setup.kind === "dev" ? [warning] : []),
        htmlFacts([
            ["inputs", inputs.map(side).join("; ")],
            ["outputs", outputs.map(side).join("; ")],
            ["ONNX file, sha256", source.sha256],
            ["integer model, sha256", artifact.sha256],
            ["vkHash", vkHash],
            ["contentHash", contentHash],
        ]),
    ];
}

function cost({ plan: { layers, constraints, domain, signals, expected, operators } }: PageFacts): string[] {
    const rows = layers.map(({ op, name, constraints: count, share, parts }) => [
        op,
        name,
        count.toLocaleString("en-US"),
        `${(100 * share).toFixed(1)} %`,
        parts.map((part) => `${part.count} ${part.name}`).join(", "),
    ]);
    return [
        "<h2>What it costs</h2>",
        htmlFacts([
            ["operators", operators.map(({ name, count }) => `${count} ${name}`).join(", ")],
            ["constraints", `${constraints.total} (model ${constraints.model}, binding ${constraints.binding})`],
            ["domain", `${domain} rows`],
            ["public signals", `${signals}`],
            ["expected proof", `${expected.proveMs} ms, warm, on two cores`],
            ["expected gas", `${expected.verifyGas} for a transaction that verifies`],
        ]),
        costBars(layers),
        htmlTable({ head: ["layer", "from", "constraints", "share", "made of"], rows, numeric: [2, 3] }),
    ];
}

function accuracy({ manifest: { quantisation }, outputs }: PageFacts): string[] {
    const { samples, calibration, top1Agreement, meanAbsPctDiff, meanAbsError, maxAbsError, saturations } =
        quantisation;
    const cut = saturations.map(({ tensor, count, of }) => `${tensor}: ${count} of ${of}`);
    return [
        "<h2>How close it is to the float model</h2>",
        htmlFacts([
            ["samples", `${samples} (${SAMPLES[calibration]})`],
            ["same answer", `${shortNumber(100 * top1Agreement)} %`],
            ["mean difference", `${shortNumber(meanAbsPctDiff)} % of the scores' range (${shortNumber(meanAbsError)})`],
            ["greatest difference", shortNumber(maxAbsError)],
            ["beyond clamps", cut.length === 0 ? "nothing is clamped" : cut.join("; ")],
        ]),
        ...outputs.filter(({ pairs }) => pairs.length > 0).map(charts),
    ];
}

const SAMPLES = {
    given: "given for calibration",
    input: "made around one given input",
    none: "made, for none were given",
};

function charts({ name, pairs }: OutputPairs): string {
    const differences = pairs.map(({ float, integer }) => integer - float);
    return [
        `<figure><figcaption>${escapeHtml(name)}: ${pairs.length} scores</figcaption>`,
        scatter({ title: `Scores of ${name} by the integer model over those by the float model`, pairs }),
        histogram({ title: `Differences of the scores of ${name}`, values: differences }),
        "</figure>",
    ].join("\n");
}

function approximations({ approximations: list, notes }: Manifest): string[] {
    const rows = list.map(({ node, what, bound }) => [node, what, bound]);
    return [
        "<h2>What it approximates</h2>",
        rows.length === 0
            ? "<p>Nothing but rounding to its scales.</p>"
            : htmlTable({ head: ["node", "what", "bound, in units of its output"], rows }),
        ...(notes.length === 0 ? [] : [`<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`]),
    ];
}

function files({ files: hashes, tools }: Manifest): string[] {
    return [
        "<h2>Files and tools</h2>",
        htmlTable({ head: ["file", "sha256"], rows: Object.entries(hashes) }),
        htmlTable({ head: ["tool", "version"], rows: Object.entries(tools) }),
    ];
}
