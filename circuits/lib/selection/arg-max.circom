// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  ArgMax
/// @notice index of the largest x; of equal ones the first.
/// @param  N      Number of values. 2 <= N. Compile-time assert.
/// @param  M      Differences have at most M bits: |x[i] - x[j]| < 2^M. 1 <= M <= 250. Compile-time assert.
/// @input  x[N]   Signed integers in (-2^250, 2^250): ASSUMED; the caller's interval analysis guarantees it, since
///                every x is a linear combination of range-checked values. Differences below 2^M are ENFORCED HERE
///                along the tournament (a wider one has no witness).
/// @output index  In [0, N). The only value the constraints allow.
/// @constraints   (N - 1)(M + 1) + 2(N - 2) non-linear (exact test: (2,8) = 9, (3,8) = 20, (10,20) = 205)
/// @soundness     Tournament from the left. x[j] - best - 1 + 2^M = greater * 2^M + (M boolean bits, lowest := the
///                rest), so greater = 1 iff x[j] > best (strictly: the first wins). best and index follow by products
///                with the boolean greater.
/// @example       ArgMax(4,8)([3, 7, 7, -1]) = 1
template ArgMax(N, M) {
    assert(N >= 2 && M >= 1 && M <= 250);
    signal input x[N];
    signal output index;
    signal greater[N - 1]; // greater[j - 1] = 1 iff x[j] > max(x[0..j-1])
    signal bit[N - 1][M - 1]; // bit[j - 1][i - 1] has weight 2^i; the lowest bit is what remains
    signal best[N - 2]; // best[j - 1] = max(x[0..j]); the last one is not needed
    signal position[N - 2]; // position[j - 2] = index of max(x[0..j])

    var leader = x[0];
    var leaderIndex = 0;
    for (var j = 1; j < N; j++) {
        greater[j - 1] <-- x[j] > leader; // bound by: boolean on the next line, value by low * (low - 1) === 0
        greater[j - 1] * (greater[j - 1] - 1) === 0;

        // x[j] - leader - 1 + 2^M = 2^M * greater + sum_i 2^i bit[i]
        var low = x[j] - leader - 1 + (1 << M) - (1 << M) * greater[j - 1];
        for (var i = 1; i < M; i++) {
            // bound by: boolean on the line after, value by low * (low - 1) === 0
            bit[j - 1][i - 1] <-- ((x[j] - leader - 1 + (1 << M)) >> i) & 1;
            bit[j - 1][i - 1] * (bit[j - 1][i - 1] - 1) === 0;
            low -= (1 << i) * bit[j - 1][i - 1];
        }
        low * (low - 1) === 0;

        if (j < N - 1) {
            best[j - 1] <== leader + greater[j - 1] * (x[j] - leader);
            leader = best[j - 1];
        }
        if (j == 1) {
            leaderIndex = greater[0];
        } else {
            position[j - 2] <== leaderIndex + greater[j - 1] * (j - leaderIndex);
            leaderIndex = position[j - 2];
        }
    }
    index <== leaderIndex;
}
