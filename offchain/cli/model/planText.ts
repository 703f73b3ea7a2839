import type { CompilationPlan, LayerCost } from "@assay/compiler";
import { facts, table } from "../io/text.ts";

/** Layers beyond these are summed up in one line: what is cheap is not where to look. */
const MOST_LAYERS = 12;

/** A compilation's plan: what it is made of, the dearest layer first, and what it is expected to cost. */
export function planText({ operators, layers, constraints, signals, domain, expected }: CompilationPlan): string {
    const [dearest] = byCost(layers);
    return [
        "plan",
        indented(table({ head: ["layer", "constraints", "share", "made of"], rows: layerRows(layers) })),
        indented(
            facts([
                ["operators", operators.map(({ name, count }) => `${count} ${name}`).join(", ")],
                ["constraints", `${thousands(constraints.total)} in a domain of ${thousands(domain)}`],
                ["public signals", `${signals}`],
                ["costs most", dearest === undefined ? "nothing" : `${titleOf(dearest)}: ${hintFor(dearest)}`],
                ["expected setup", `${duration(expected.setupMs)} (development keys, 2 cores)`],
                ["expected proof", `${duration(expected.proveMs)} (warm, 2 cores)`],
                ["expected gas", `${thousands(expected.verifyGas)} to verify (a whole transaction)`],
            ]),
        ),
    ].join("\n");
}

function layerRows(layers: readonly LayerCost[]): string[][] {
    const [paid, rest] = split(byCost(layers).filter(({ constraints }) => constraints > 0));
    const free = layers.filter(({ constraints }) => constraints === 0).length;
    const sum = rest.reduce((total, { constraints }) => total + constraints, 0);
    const share = rest.reduce((total, layer) => total + layer.share, 0);
    return [
        ...paid.map((layer) => [titleOf(layer), thousands(layer.constraints), percent(layer.share), partsText(layer)]),
        ...(rest.length === 0 ? [] : [[`${rest.length} smaller ones`, thousands(sum), percent(share), ""]]),
        ...(free === 0 ? [] : [[`${free} linear or empty ones`, "0", "", "constant weights cost nothing"]]),
    ];
}

function split(layers: readonly LayerCost[]): [LayerCost[], LayerCost[]] {
    return [layers.slice(0, MOST_LAYERS), layers.slice(MOST_LAYERS)];
}

function byCost(layers: readonly LayerCost[]): LayerCost[] {
    return layers.toSorted((left, right) => right.constraints - left.constraints);
}

function titleOf({ op, name }: LayerCost): string {
    return name === "" ? op : `${op} ${name}`;
}

function partsText({ parts }: LayerCost): string {
    return parts.map(({ name, count }) => `${thousands(count)} ${name}`).join(", ");
}

/** What makes a layer cheaper. */
function hintFor({ op }: LayerCost): string {
    switch (op) {
        case "input":
            return "fewer --input-bits make it cheaper";
        case "binding":
            return "fewer input and output elements make it cheaper";
        default:
            return "fewer --bits or a greater --accuracy percentage make it cheaper";
    }
}

/** A duration for people. */
function duration(ms: number): string {
    return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toPrecision(2)} s`;
}

function thousands(value: number): string {
    return value.toLocaleString("en-US");
}

function percent(share: number): string {
    return `${(100 * share).toFixed(1)} %`;
}

function indented(text: string): string {
    return text.replaceAll(/^/gm, "  ");
}
