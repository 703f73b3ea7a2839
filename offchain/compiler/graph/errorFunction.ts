/** Below this the series needs few terms; above it the continued fraction does. */
const SERIES_LIMIT = 2.5;
const FRACTION_TERMS = 60;

/** The Gauss error function to some 15 digits; Math has none. */
export function errorFunction(x: number): number {
    const size = Math.abs(x);
    const value = size < SERIES_LIMIT ? bySeries(size) : 1 - byFraction(size);
    return x < 0 ? -value : value;
}

/** erf(x) = 2 / sqrt(pi) * exp(-x^2) * sum of 2^n x^(2n + 1) / (1 * 3 * ... * (2n + 1)): no cancellation. */
function bySeries(x: number): number {
    let term = x;
    let sum = x;
    for (let n = 1; term > sum * Number.EPSILON; n++) {
        term *= (2 * x * x) / (2 * n + 1);
        sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc(x) = exp(-x^2) / sqrt(pi) / (x + 1/2 / (x + 1 / (x + 3/2 / (x + ...)))). */
function byFraction(x: number): number {
    let denominator = x;
    for (let term = FRACTION_TERMS; term >= 1; term--) denominator = x + term / 2 / denominator;
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / denominator;
}
