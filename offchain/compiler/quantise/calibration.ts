import { ProtocolError } from "@assay/protocol";
import type { InputRange } from "./inputFormat.ts";
import { createRandom } from "./random.ts";

/** Inputs on which scales are chosen and accuracy is measured; they never affect soundness. */
export type Calibration = { kind: "given" | "none"; samples: readonly (readonly number[])[]; range: InputRange };

/** Without calibration data the input is assumed to be standardised, widened four times. */
const ASSUMED_RANGE = { lo: -4, hi: 4 };
const ASSUMED_SAMPLES = 64;
/** Any odd number: the assumed samples must be the same in every compilation. */
const SEED = 0x9e3779b1;

/** Checks given samples, or makes some when none are given. */
export function createCalibration({
    given,
    count,
}: {
    given: readonly (readonly number[])[] | undefined;
    count: number;
}) {
    if (given === undefined) return assumedCalibration(count);
    if (given.length === 0) throw invalid("No sample is given.");
    let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const [index, sample] of given.entries()) {
        if (sample.length !== count) {
            throw invalid(`Sample ${index} has ${sample.length} elements; the model takes ${count}.`);
        }
        for (const value of sample) {
            if (!Number.isFinite(value)) throw invalid(`Sample ${index} contains ${value}.`);
            lo = Math.min(lo, value);
            hi = Math.max(hi, value);
        }
    }
    return { kind: "given", samples: given, range: { lo, hi } } satisfies Calibration;
}

function assumedCalibration(count: number): Calibration {
    const random = createRandom(SEED);
    const { lo, hi } = ASSUMED_RANGE;
    const sample = () => Array.from({ length: count }, () => lo + (hi - lo) * random());
    return { kind: "none", samples: Array.from({ length: ASSUMED_SAMPLES }, sample), range: ASSUMED_RANGE };
}

function invalid(message: string): ProtocolError {
    return new ProtocolError({ code: "CALIBRATION_INVALID", message });
}
