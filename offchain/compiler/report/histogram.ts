import { createAxis } from "./_axis.ts";
import { FRAME, framed, px } from "./_frame.ts";
import { rangeOf } from "./scatter.ts";

const BINS = 41;

/** How often differences of each size occur. */
export function histogram({ title, values }: { title: string; values: readonly number[] }): string {
    const { lo, hi } = rangeOf(values);
    const size = Math.max(Math.abs(lo), Math.abs(hi)) || 1;
    const counts = new Array<number>(BINS).fill(0);
    for (const value of values) {
        const bin = Math.min(BINS - 1, Math.floor(((value + size) / (2 * size)) * BINS));
        counts[bin] = (counts[bin] ?? 0) + 1;
    }
    const { width, height, left, right, top, bottom } = FRAME;
    const x = createAxis({ lo: -size, hi: size, from: left, to: width - right });
    const y = createAxis({ lo: 0, hi: Math.max(...counts), from: height - bottom, to: top });
    const barWidth = (width - right - left) / BINS;
    const bars = counts.map((count, bin) => {
        const barTop = y.at(count);
        return `<rect x="${px(left + bin * barWidth)}" y="${px(barTop)}" width="${px(barWidth - 1)}" height="${px(y.at(0) - barTop)}"/>`;
    });
    return framed({
        title,
        x: { axis: x, label: "integer less float" },
        y: { axis: y, label: "scores" },
        marks: `<g class="bars">${bars.join("")}</g>`,
    });
}
