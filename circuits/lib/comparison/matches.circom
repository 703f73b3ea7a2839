// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  Matches
/// @notice y = 1 if the bits of x are those of PATTERN, else 0.
/// @param  N        Number of bits. 1 <= N <= 250. Compile-time assert.
/// @param  PATTERN  Bit i is what x[i] must be. 0 <= PATTERN < 2^N. Compile-time assert.
/// @input  x[N]   Each 0 or 1: ASSUMED; the caller takes them from Bits or computes them from such bits.
/// @output y      0 or 1. The only value the constraints allow.
/// @constraints   2 non-linear (exact test: (1,0) = 2, (5,16) = 2, (40,0) = 2)
/// @soundness     distance = number of places where x and PATTERN differ, in [0, N]: no wrap. y = 1 - distance * inverse:
///                distance 0 leaves y = 1. distance * y === 0: another distance leaves y = 0. When distance = 0, inverse
///                may be anything, and reaches nothing else.
/// @example       Matches(3,4)([0, 0, 1]) = 1   Matches(3,4)([1, 0, 1]) = 0
template Matches(N, PATTERN) {
    assert(N >= 1 && N <= 250 && PATTERN >= 0 && PATTERN < 1 << N);
    signal input x[N];
    signal output y;
    signal inverse;

    var distance = 0;
    for (var i = 0; i < N; i++) {
        if ((PATTERN >> i) & 1 == 1) {
            distance += 1 - x[i];
        } else {
            distance += x[i];
        }
    }

    inverse <-- distance != 0 ? 1 / distance : 0; // bound by: y <== 1 - distance * inverse, where distance * y === 0
    y <== 1 - distance * inverse;
    distance * y === 0;
}
