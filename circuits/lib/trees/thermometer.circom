// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

include "../fixed-point/range-check-bound.circom";

/// Bits of the widest gap between neighbours of N + 2 ascending values, the upper one left out; at least 1.
function gapBits(N, T) {
    var widest = 2;
    for (var k = 0; k <= N; k++) {
        if (T[k + 1] - T[k] > widest) {
            widest = T[k + 1] - T[k];
        }
    }
    return bitLength(widest - 1);
}

/// Whether each of N + 2 values is below the next, and all of them within 2^249.
function isLadder(N, T) {
    var steps = 0;
    for (var k = 0; k <= N; k++) {
        if (T[k] < T[k + 1]) {
            steps++;
        }
    }
    return steps == N + 1 && T[0] >= -(1 << 249) && T[N + 1] <= 1 << 249;
}

/// @title  Thermometer
/// @notice c[k] = 1 iff x >= T[k + 1]: which thresholds x reaches. T[0] <= x < T[N + 1] is enforced with it.
/// @param  N      Number of thresholds. 1 <= N. Compile-time assert.
/// @param  T      T[0] least value of x, T[1] .. T[N] thresholds, T[N + 1] one more than the greatest value; strictly
///                ascending, within [-2^249, 2^249]. Compile-time assert.
/// @input  x      Any field element; negative v is p - |v|. Range ENFORCED HERE: no separate range check is needed.
/// @output c[N]   Bits, never ascending: 1 up to the greatest threshold that x reaches. The only ones the constraints
///                allow.
/// @constraints   N + 2B non-linear, B = bits of (widest gap of T) - 1, at least 1 (exact test: (1,[0,3,8]) = 7,
///                (3,[-9,-4,0,1,40]) = 15, (1,[0,1,2]) = 3)
/// @soundness     c[k] * (c[k - 1] - c[k]) === 0 with 1 before c[0]: each c is 0 or equal to the one before, so c is j
///                ones and then zeros. Then floor = T[j] and ceiling = T[j + 1] are the sums below, and x - floor and
///                ceiling - 1 - x have B boolean bits each (lowest := the rest). They add up to the gap less 1 mod p,
///                and both are below 2^B <= 2^250, so without wrap: T[j] <= x < T[j + 1], which holds for one j alone.
/// @example       Thermometer(3, [-9, -4, 0, 1, 40])(0): c = [1, 1, 0]
template Thermometer(N, T) {
    assert(N >= 1);
    var IS_LADDER = isLadder(N, T);
    assert(IS_LADDER == 1);
    var B = gapBits(N, T);
    signal input x;
    signal output c[N];
    signal aboveBit[B - 1]; // aboveBit[i - 1] has weight 2^i of x - floor; the lowest bit is what remains
    signal belowBit[B - 1]; // belowBit[i - 1] has weight 2^i of ceiling - 1 - x

    // floor = T[j], ceiling = T[j + 1], j the number of ones
    var floor = T[0];
    var ceiling = T[1];
    for (var k = 0; k < N; k++) {
        c[k] <-- x >= T[k + 1] ? 1 : 0; // bound by: c * (one before - c) === 0, and the bits of both distances
        if (k == 0) {
            c[0] * (1 - c[0]) === 0;
        } else {
            c[k] * (c[k - 1] - c[k]) === 0;
        }
        floor += (T[k + 1] - T[k]) * c[k];
        ceiling += (T[k + 2] - T[k + 1]) * c[k];
    }

    // 0 <= x - floor < 2^B
    var above = x - floor;
    for (var i = 1; i < B; i++) {
        aboveBit[i - 1] <-- ((x - floor) >> i) & 1; // bound by: boolean on the next line, value by the rest below
        aboveBit[i - 1] * (aboveBit[i - 1] - 1) === 0;
        above -= (1 << i) * aboveBit[i - 1];
    }
    above * (above - 1) === 0;

    // 0 <= ceiling - 1 - x < 2^B
    var below = ceiling - 1 - x;
    for (var i = 1; i < B; i++) {
        belowBit[i - 1] <-- ((ceiling - 1 - x) >> i) & 1; // bound by: boolean on the next line, value by the rest below
        belowBit[i - 1] * (belowBit[i - 1] - 1) === 0;
        below -= (1 << i) * belowBit[i - 1];
    }
    below * (below - 1) === 0;
}
