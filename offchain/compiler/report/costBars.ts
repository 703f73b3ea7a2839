import type { LayerCost } from "../forecast/compilationPlan.ts";
import { px } from "./_frame.ts";
import { escapeHtml } from "./_html.ts";

const ROW = { height: 22, label: 250, bar: 440, number: 90 } as const;
/** Layers with fewer constraints than these many dearer ones are in the table only. */
const MOST_BARS = 12;
const MOST_LABEL = 38;

/** One bar for each of the dearest layers. */
export function costBars(layers: readonly LayerCost[]): string {
    const shown = layers
        .filter(({ constraints }) => constraints > 0)
        .toSorted((left, right) => right.constraints - left.constraints)
        .slice(0, MOST_BARS);
    const greatest = shown[0]?.constraints ?? 1;
    const rows = shown.map(({ op, name, constraints }, index) => {
        const width = (constraints / greatest) * ROW.bar;
        const middle = index * ROW.height + ROW.height / 2 + 4;
        return [
            `<text x="${ROW.label - 8}" y="${middle}" text-anchor="end">${escapeHtml(short(`${op} ${name}`))}</text>`,
            `<rect x="${ROW.label}" y="${index * ROW.height + 3}" width="${px(width)}" height="${ROW.height - 6}"/>`,
            `<text x="${px(ROW.label + width + 6)}" y="${middle}">${constraints.toLocaleString("en-US")}</text>`,
        ].join("");
    });
    const size = `0 0 ${ROW.label + ROW.bar + ROW.number} ${Math.max(1, shown.length) * ROW.height}`;
    return `<svg viewBox="${size}" class="wide bars" role="img" aria-label="Constraints by layer">${rows.join("\n")}</svg>`;
}

function short(text: string): string {
    return text.length <= MOST_LABEL ? text : `${text.slice(0, MOST_LABEL - 1)}…`;
}
