// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  Bits
/// @notice The bits of x - MIN, from which rounding, comparing, clamping and looking up follow by products alone.
/// @param  MIN    Smallest value, may be negative. -2^250 <= MIN <= 2^250. Compile-time assert.
/// @param  N      Bits of x - MIN. 2 <= N <= 251, so the sum of bits cannot wrap p. Compile-time assert.
/// @input  x      In [MIN, MIN + 2^N); negative v is the field element p - |v|. Range ENFORCED HERE.
/// @output bit[N - 1]  bit[i - 1] has weight 2^i; the lowest bit is what remains, x - MIN - sum_{i>=1} 2^i bit[i].
/// @constraints   N non-linear (exact test: (0,2) = 2, (-8,4) = 4, (-3,20) = 20)
/// @soundness     x - MIN = low + sum_{i>=1} 2^i bit[i] with low and every bit boolean: an integer below 2^N < p, whose
///                bits are the only ones. Assumes nothing of the caller.
/// @example       Bits(-8,4)(-3) = [0, 1, 0], and 1 remains: -3 + 8 = 0101b
template Bits(MIN, N) {
    assert(N >= 2 && N <= 251 && MIN >= -(1 << 250) && MIN <= 1 << 250);
    signal input x;
    signal output bit[N - 1];

    // x - MIN = low + sum_{i>=1} 2^i bit[i]
    var low = x - MIN;
    for (var i = 1; i < N; i++) {
        bit[i - 1] <-- ((x - MIN) >> i) & 1; // bound by: boolean on the next line, value by low * (low - 1) === 0
        bit[i - 1] * (bit[i - 1] - 1) === 0;
        low -= (1 << i) * bit[i - 1];
    }
    low * (low - 1) === 0;
}
