// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  RangeCheck
/// @notice 0 <= x < 2^BITS.
/// @param  BITS   Width in bits. 1 <= BITS <= 252, so the sum of bits cannot wrap p. Compile-time assert.
/// @input  x      Any field element. Range ENFORCED HERE.
/// @output (none) The template only constrains.
/// @constraints   BITS non-linear (exact test: (1) = 1, (8) = 8, (252) = 252)
/// @soundness     low := x - sum_{i>=1} 2^i bit[i]; low and every bit are boolean, so x is an integer below 2^BITS < p
///                and its bits are the only ones. Assumes nothing of the caller.
/// @example       RangeCheck(8)(255) holds   RangeCheck(8)(256) and RangeCheck(8)(-1) have no witness
template RangeCheck(BITS) {
    assert(BITS >= 1 && BITS <= 252);
    signal input x;
    signal bit[BITS - 1]; // bit[i - 1] has weight 2^i; the lowest bit is what remains of x, not a signal of its own

    // x = low + sum_{i>=1} 2^i bit[i]
    var low = x;
    for (var i = 1; i < BITS; i++) {
        bit[i - 1] <-- (x >> i) & 1; // bound by: boolean on the next line, value by low * (low - 1) === 0
        bit[i - 1] * (bit[i - 1] - 1) === 0;
        low -= (1 << i) * bit[i - 1];
    }
    low * (low - 1) === 0;
}
