// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

include "../fixed-point/range-check-bound.circom";

/// @title  FloatRange
/// @notice x is the raw bits of a float32 number, infinities included: anything but a NaN.
/// @input  x      Any field element. 0 <= x <= 0x7f800000 or 2^31 <= x <= 0xff800000 is ENFORCED HERE.
/// @output (none) The template only constrains.
/// @constraints   40 non-linear, 1 linear (exact test: () = 41)
/// @soundness     The sign is boolean, and x - 2^31 * sign lies in [0, 0x7f800000] by RangeCheckBound, so x lies in one
///                of two disjoint ranges. Assumes nothing of the caller.
/// @example       FloatRange()(0x7f800000) holds   FloatRange()(0x7f800001) has no witness
template FloatRange() {
    signal input x;
    signal sign;

    sign <-- x >= (1 << 31) ? 1 : 0; // bound by: boolean on the next line, and the range of the magnitude
    sign * (sign - 1) === 0;
    component magnitude = RangeCheckBound(0, 0x7f800000);
    magnitude.x <== x - (1 << 31) * sign;
}
