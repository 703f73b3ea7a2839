// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  IsZero
/// @notice y = 1 if x = 0, else 0.
/// @input  x      Any field element: no range is needed.
/// @output y      0 or 1. The only value the constraints allow.
/// @constraints   2 non-linear (exact test: () = 2)
/// @soundness     y = 1 - x * inverse: x = 0 leaves y = 1. x * y === 0: x != 0 leaves y = 0. When x = 0, inverse may be
///                anything, and reaches nothing else. Assumes nothing of the caller.
/// @example       IsZero()(0) = 1   IsZero()(-5) = 0
template IsZero() {
    signal input x;
    signal output y;
    signal inverse;

    inverse <-- x != 0 ? 1 / x : 0; // bound by: y <== 1 - x * inverse, where x * y === 0
    y <== 1 - x * inverse;
    x * y === 0;
}
