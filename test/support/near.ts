import { expect } from "chai";

/** |actual - wanted| <= tolerance for real numbers; Hardhat's matchers make chai's closeTo one for whole numbers. */
export function expectNear(near: {
    actual: number | undefined;
    wanted: number;
    tolerance: number;
    what?: string;
}): void {
    const { actual = Number.NaN, wanted, tolerance, what = "the value" } = near;
    expect(
        Math.abs(actual - wanted) <= tolerance,
        `${what} is ${actual}, not within ${tolerance} of ${wanted}`,
    ).to.equal(true);
}
