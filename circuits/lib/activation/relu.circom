// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  Relu
/// @notice y = max(x, 0), exact, without rescale.
/// @param  M      x has at most M bits. 1 <= M <= 250, so 2y - x cannot wrap p. Compile-time assert.
/// @input  x      Signed, in (-2^M, 2^M); negative v is the field element p - |v|. Range ENFORCED HERE.
/// @output y      In [0, 2^M). The only value the constraints allow.
/// @constraints   M + 1 non-linear (exact test: (1) = 2, (8) = 9, (20) = 21); M + 2 with the caller's accumulator
/// @soundness     y * (y - x) === 0 leaves y = 0 or y = x; then 2y - x is -x or x, and its M boolean bits (lowest :=
///                the rest) put it in [0, 2^M): y = 0 only if x <= 0, y = x only if x >= 0. Assumes nothing of the
///                caller.
/// @example       Relu(8)(37) = 37   Relu(8)(-37) = 0   Relu(8)(0) = 0
template Relu(M) {
    assert(M >= 1 && M <= 250);
    signal input x;
    signal output y;
    signal bit[M - 1]; // bit[i - 1] has weight 2^i of |x|; the lowest bit is what remains

    y <-- x > 0 ? x : 0; // bound by: y * (y - x) === 0 and the bits of 2y - x
    y * (y - x) === 0;

    // |x| = 2y - x, 0 <= |x| < 2^M
    var low = 2 * y - x;
    for (var i = 1; i < M; i++) {
        bit[i - 1] <-- ((2 * y - x) >> i) & 1; // bound by: boolean on the next line, value by low * (low - 1) === 0
        bit[i - 1] * (bit[i - 1] - 1) === 0;
        low -= (1 << i) * bit[i - 1];
    }
    low * (low - 1) === 0;
}
