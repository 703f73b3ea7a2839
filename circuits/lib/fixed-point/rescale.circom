// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  Rescale
/// @notice y = floor(x / 2^SHIFT): drops the extra scale after a fixed-point product.
/// @param  N      x has at most N bits. N <= 250, so y * 2^SHIFT + r cannot wrap p. Compile-time assert.
/// @param  SHIFT  Bits dropped. 1 <= SHIFT < N. Compile-time assert.
/// @input  x      Signed, in [-2^N, 2^N); negative v is the field element p - |v|. Range ENFORCED HERE.
/// @output y      Signed, in [-2^(N-SHIFT), 2^(N-SHIFT)). The only value the constraints allow.
/// @constraints   N + 1 non-linear (exact test: (20,4) = 21, (40,16) = 41, (2,1) = 3)
/// @soundness     r := x - y * 2^SHIFT has SHIFT boolean bits, y + 2^(N-SHIFT) has N - SHIFT + 1, so x is the integer
///                y * 2^SHIFT + r in [-2^N, 2^N): division with remainder, unique. Assumes nothing of the caller.
/// @example       Rescale(20,4)(37) = 2   Rescale(20,4)(-37) = -3
template Rescale(N, SHIFT) {
    assert(SHIFT >= 1 && SHIFT < N && N <= 250);
    signal input x;
    signal output y;
    signal remainderBit[SHIFT - 1]; // remainderBit[i - 1] has weight 2^i of r; the lowest bit is what remains
    signal quotientBit[N - SHIFT]; // quotientBit[i - 1] has weight 2^i of y + 2^(N-SHIFT); likewise

    // x = y * 2^SHIFT + r
    y <-- ((x + (1 << N)) >> SHIFT) - (1 << (N - SHIFT)); // bound by: the bits of r and of y + 2^(N-SHIFT) below

    // 0 <= r < 2^SHIFT
    var low = x - y * (1 << SHIFT);
    for (var i = 1; i < SHIFT; i++) {
        remainderBit[i - 1] <-- ((x + (1 << N)) >> i) & 1; // bound by: boolean on the next line, value by low below
        remainderBit[i - 1] * (remainderBit[i - 1] - 1) === 0;
        low -= (1 << i) * remainderBit[i - 1];
    }
    low * (low - 1) === 0;

    // 0 <= y + 2^(N-SHIFT) < 2^(N-SHIFT+1)
    var lowQuotient = y + (1 << (N - SHIFT));
    for (var i = 1; i <= N - SHIFT; i++) {
        quotientBit[i - 1] <-- ((x + (1 << N)) >> (SHIFT + i)) & 1; // bound by: boolean next line, value by lowQuotient
        quotientBit[i - 1] * (quotientBit[i - 1] - 1) === 0;
        lowQuotient -= (1 << i) * quotientBit[i - 1];
    }
    lowQuotient * (lowQuotient - 1) === 0;
}
