// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  ReluRescale
/// @notice y = max(floor(x / 2^SHIFT), 0): activation and the drop of the extra scale on one set of bits.
/// @param  M      x has at most M bits. M <= 250, so the sum of bits cannot wrap p. Compile-time assert.
/// @param  SHIFT  Bits dropped. 1 <= SHIFT < M. Compile-time assert.
/// @input  x      Signed, in [-2^M, 2^M); negative v is the field element p - |v|. Range ENFORCED HERE.
/// @output y      In [0, 2^(M-SHIFT)). The only value the constraints allow.
/// @constraints   M + 2 non-linear (exact test: (20,4) = 22, (2,1) = 4); M + 3 with the caller's linear accumulator
/// @soundness     x = -2^M * negative + 2^SHIFT * q + r with negative, the M - SHIFT bits of q and the SHIFT bits of r
///                boolean (lowest bit of r := the rest): two's complement, unique. y === (1 - negative) * q. Assumes
///                nothing of the caller.
/// @example       ReluRescale(20,4)(37) = 2   ReluRescale(20,4)(-37) = 0
template ReluRescale(M, SHIFT) {
    assert(SHIFT >= 1 && SHIFT < M && M <= 250);
    signal input x;
    signal output y;
    signal negative;
    signal bit[M - 1]; // bit[i - 1] has weight 2^i of x + 2^M * negative; the lowest bit is what remains

    negative <-- x < 0; // bound by: boolean on the next line, value by low * (low - 1) === 0
    negative * (negative - 1) === 0;

    // x + 2^M * negative = 2^SHIFT * q + r
    var low = x + (1 << M) * negative;
    var q = 0;
    for (var i = 1; i < M; i++) {
        bit[i - 1] <-- ((x + (1 << M)) >> i) & 1; // bound by: boolean on the next line, value by low * (low - 1) === 0
        bit[i - 1] * (bit[i - 1] - 1) === 0;
        low -= (1 << i) * bit[i - 1];
        if (i >= SHIFT) {
            q += (1 << (i - SHIFT)) * bit[i - 1];
        }
    }
    low * (low - 1) === 0;

    y <== (1 - negative) * q;
}
