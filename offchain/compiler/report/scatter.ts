import { createAxis } from "./_axis.ts";
import { FRAME, framed, px } from "./_frame.ts";
import type { Pair } from "./samplePairs.ts";

/** More points than these hide each other and make the page heavy. */
const MOST_POINTS = 2000;

/** Integer scores over float scores; on the diagonal both are the same. */
export function scatter({ title, pairs }: { title: string; pairs: readonly Pair[] }): string {
    const values = pairs.flatMap(({ float, integer }) => [float, integer]);
    const { width, height, left, right, top, bottom } = FRAME;
    const range = rangeOf(values);
    const x = createAxis({ ...range, from: left, to: width - right });
    const y = createAxis({ ...range, from: height - bottom, to: top });
    const [from, to] = [range.lo, range.hi];
    const diagonal = `<line x1="${px(x.at(from))}" y1="${px(y.at(from))}" x2="${px(x.at(to))}" y2="${px(y.at(to))}" class="diagonal"/>`;
    const points = evenly(pairs).map(
        ({ float, integer }) => `<circle cx="${px(x.at(float))}" cy="${px(y.at(integer))}" r="2"/>`,
    );
    return framed({
        title,
        x: { axis: x, label: "float model" },
        y: { axis: y, label: "integer model" },
        marks: `${diagonal}<g class="points">${points.join("")}</g>`,
    });
}

/** At most so many of the pairs, taken at equal distances. */
function evenly(pairs: readonly Pair[]): Pair[] {
    const stride = Math.ceil(pairs.length / MOST_POINTS);
    return pairs.filter((_, index) => index % stride === 0);
}

/** Least and greatest of some finite values. */
export function rangeOf(values: readonly number[]): { lo: number; hi: number } {
    let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) [lo, hi] = [Math.min(lo, value), Math.max(hi, value)];
    return { lo, hi };
}
