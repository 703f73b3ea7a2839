import { shortNumber } from "./_html.ts";

/** Maps values of a range to pixels, and says where its ticks are. */
export type Axis = { at: (value: number) => number; ticks: { position: number; label: string }[] };

type Span = { lo: number; hi: number; from: number; to: number };

/** About so many ticks. */
const TICKS = 5;

/** An axis from pixel `from` to pixel `to` over a range, which is widened a little when it has no width. */
export function createAxis({ lo, hi, from, to }: Span): Axis {
    const width = hi > lo ? hi - lo : Math.max(1, Math.abs(hi));
    const start = hi > lo ? lo : lo - width / 2;
    const at = (value: number) => from + ((value - start) / width) * (to - from);
    const step = niceStep(width / TICKS);
    const first = Math.ceil(start / step);
    const last = Math.floor((start + width) / step);
    const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
    return { at, ticks: ticks.map((value) => ({ position: at(value), label: shortNumber(value) })) };
}

/** The least of 1, 2, 5 times a power of ten that is not below a step. */
function niceStep(step: number): number {
    const power = 10 ** Math.floor(Math.log10(step));
    return ([1, 2, 5].find((factor) => factor * power >= step) ?? 10) * power;
}
