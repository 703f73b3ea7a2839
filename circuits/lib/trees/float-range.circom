// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  FloatRange
/// @notice x is the raw bits of a float32 number, infinities included: anything but a NaN.
/// @input  x      Any field element. 0 <= x <= 0x7f800000 or 2^31 <= x <= 0xff800000 is ENFORCED HERE.
/// @output (none) The template only constrains.
/// @constraints   40 non-linear (exact test: () = 40)
/// @soundness     x = 2^31 * sign + 31 boolean bits (lowest := the rest), below 2^32 < p, so no other bits fit. A NaN
///                has eight ones in its exponent, bits 23 to 30, and a one below: ones is the product of the eight, and
///                ones * (sum of the bits below) === 0, that sum being at most 23. Assumes nothing of the caller.
/// @example       FloatRange()(0x7f800000) holds   FloatRange()(0x7f800001) has no witness
template FloatRange() {
    signal input x;
    signal sign;
    signal bit[30]; // bit[i - 1] has weight 2^i; the lowest bit is what remains
    signal ones[7]; // ones[i] = product of bits 23 to 24 + i

    // x = low + sum_{i>=1} 2^i bit[i] + 2^31 sign
    sign <-- (x >> 31) & 1; // bound by: boolean on the next line, value by low * (low - 1) === 0
    sign * (sign - 1) === 0;
    var low = x - (1 << 31) * sign;
    for (var i = 1; i < 31; i++) {
        bit[i - 1] <-- (x >> i) & 1; // bound by: boolean on the next line, value by low * (low - 1) === 0
        bit[i - 1] * (bit[i - 1] - 1) === 0;
        low -= (1 << i) * bit[i - 1];
    }
    low * (low - 1) === 0;

    var exponent = bit[22];
    for (var i = 0; i < 7; i++) {
        ones[i] <== exponent * bit[i + 23];
        exponent = ones[i];
    }
    var fraction = low;
    for (var i = 1; i < 23; i++) {
        fraction += bit[i - 1];
    }
    exponent * fraction === 0;
}
