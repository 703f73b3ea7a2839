import type { Manifest } from "@assay/compiler";

type Quantisation = Manifest["quantisation"];
type Input = Manifest["inputs"][number];

/** What a manifest without it was asked for: the compiler's default. */
const DEFAULT_ACCURACY_PCT = 1;
const MOST_WARNINGS = 5;
/** Where a table's argument is cut off at the table's ends. */
const TABLE_ARGUMENT = /\/clamped'*$/;

/** How close a compiled model is to its float model, and what chose its ranges where no samples were given. */
export function qualityRows({ quantisation, inputs }: Pick<Manifest, "quantisation" | "inputs">): [string, string][] {
    const rows: [string, string][] = [["accuracy", accuracyText(quantisation)]];
    const chosenBy = CHOSEN_BY[quantisation.calibration];
    if (chosenBy === undefined) return rows;
    const ranges = inputs.map(rangeText).join(", ");
    return [...rows, ["calibration", `WARNING: ${chosenBy}: ${ranges}; give real samples by --calibration`]];
}

const CHOSEN_BY: Record<Quantisation["calibration"], string | undefined> = {
    given: undefined,
    input: "one input, widened four times, and made-up inputs around it chose the ranges",
    none: "made-up inputs chose the ranges",
};

function accuracyText({ top1Agreement, meanAbsPctDiff, accuracyPct: asked = DEFAULT_ACCURACY_PCT }: Quantisation) {
    const measured = `same answer ${short(100 * top1Agreement)} %, mean difference ${short(meanAbsPctDiff)} % of the range of scores (asked ${asked} %)`;
    if (top1Agreement >= 1 - asked / 100 && meanAbsPctDiff <= asked) return measured;
    return `${measured} NOT REACHED: allow more --bits or --input-bits, or a higher --accuracy`;
}

function rangeText({ name, min, max, scaleLog2, zeroPoint, quantisation }: Input): string {
    const real = (integer: bigint) =>
        quantisation === undefined
            ? Number(integer - zeroPoint) * 2 ** -scaleLog2
            : (Number(integer) - quantisation.zeroPoint) * quantisation.scale;
    return `${name} ${short(real(min))}..${short(real(max))}`;
}

/** Notes, what tables cut off and approximations, under their own head; empty where there are none. */
export function warningsText(manifest: Pick<Manifest, "notes" | "quantisation" | "approximations">): string {
    const { notes, approximations } = manifest;
    const lines = [
        ...notes,
        ...cutOff(manifest),
        ...approximations.map(({ node, what, bound }) => `${node}: ${what} (bound: ${bound})`),
    ];
    if (lines.length === 0) return "";
    const more = lines.length - MOST_WARNINGS;
    const shown = [...lines.slice(0, MOST_WARNINGS), ...(more > 0 ? [`${more} more in manifest.json`] : [])];
    return ["", "warnings", ...shown.map((line) => `  ${line}`)].join("\n");
}

/** One line of the clamps that an approximation speaks of: those that the model itself has are exact. */
function cutOff({ quantisation, approximations }: Pick<Manifest, "quantisation" | "approximations">): string[] {
    const isApproximate = (tensor: string) =>
        TABLE_ARGUMENT.test(tensor) || approximations.some(({ node }) => node !== "" && tensor.startsWith(node));
    const cut = quantisation.saturations.filter(({ tensor, count }) => count > 0 && isApproximate(tensor));
    if (cut.length === 0) return [];
    return [`beyond a range: ${cut.map(({ tensor, count, of }) => `${tensor} ${count} of ${of}`).join(", ")}`];
}

function short(value: number): string {
    return `${Number(value.toPrecision(4))}`;
}
