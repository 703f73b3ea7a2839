import type { Axis } from "./_axis.ts";
import { escapeHtml } from "./_html.ts";

/** Size of a chart and of the area inside its axes, pixels. */
export const FRAME = { width: 440, height: 320, left: 64, right: 16, top: 12, bottom: 44 } as const;

type Framed = {
    /** What the chart shows, for people who cannot see it. */
    title: string;
    x: { axis: Axis; label: string };
    y: { axis: Axis; label: string };
    /** SVG elements inside the axes. */
    marks: string;
};

/** A chart with axes as one SVG element. */
export function framed({ title, x, y, marks }: Framed): string {
    const { width, height, left, right, top, bottom } = FRAME;
    const [floor, end] = [height - bottom, width - right];
    const below = x.axis.ticks.map(
        ({ position, label }) =>
            `<line x1="${px(position)}" x2="${px(position)}" y1="${top}" y2="${floor}" class="grid"/>` +
            `<text x="${px(position)}" y="${floor + 16}" text-anchor="middle">${label}</text>`,
    );
    const beside = y.axis.ticks.map(
        ({ position, label }) =>
            `<line x1="${left}" x2="${end}" y1="${px(position)}" y2="${px(position)}" class="grid"/>` +
            `<text x="${left - 6}" y="${px(position + 4)}" text-anchor="end">${label}</text>`,
    );
    const middle = (top + floor) / 2;
    return [
        `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">`,
        ...below,
        ...beside,
        marks,
        `<text x="${(left + end) / 2}" y="${height - 8}" text-anchor="middle">${escapeHtml(x.label)}</text>`,
        `<text x="14" y="${middle}" text-anchor="middle" transform="rotate(-90 14 ${middle})">${escapeHtml(y.label)}</text>`,
        "</svg>",
    ].join("\n");
}

/** A coordinate, to a tenth of a pixel. */
export function px(value: number): string {
    return `${Math.round(value * 10) / 10}`;
}
