// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

include "circomlib/circuits/poseidon_constants.circom";

/// @title  Poseidon16
/// @notice y = Poseidon(x[0..15]) over BN254 with circomlib's parameters: t = 17, 8 full and 68 partial rounds, x^5.
///         Equal to circomlib's Poseidon(16), but the linear layers are expressions, not signals.
/// @input  x[16]  Any field elements.
/// @output y      The only value the constraints allow.
/// @constraints   609 non-linear = 3 * (17 * 8 - 1 + 68), 1 linear (exact test: () = 610); the first S-box of the
///                capacity is a constant. Without full simplification circomlib's template has 1,480 linear ones
/// @soundness     No hint: every S-box is square, fourth = square^2, fifth = fourth * in; all between is linear.
/// @example       Poseidon16()([0, .., 0]) = circomlib Poseidon(16)([0, .., 0])
template Poseidon16() {
    var T = 17;
    var FULL = 8;
    var PARTIAL = 68;
    var SBOXES = T * FULL - 1 + PARTIAL;
    var C[T * FULL + PARTIAL] = POSEIDON_C(T);
    var S[PARTIAL * (T * 2 - 1)] = POSEIDON_S(T);
    var MIX[T][T] = POSEIDON_M(T);
    var PRE_SPARSE[T][T] = POSEIDON_P(T);
    signal input x[16];
    signal output y;
    signal square[SBOXES];
    signal fourth[SBOXES];
    signal fifth[SBOXES];

    // state and next are linear expressions in the signals
    var state[T];
    var next[T];
    state[0] = C[0];
    for (var j = 1; j < T; j++) {
        state[j] = x[j - 1] + C[j];
    }

    var constant = T; // index of the next round constant
    var box = 0; // index of the next S-box
    for (var round = 0; round < FULL; round++) {
        for (var j = 0; j < T; j++) {
            if (round == 0 && j == 0) {
                state[0] = C[0] ** 5; // the capacity starts at 0: a constant, no signal
            } else {
                square[box] <== state[j] * state[j];
                fourth[box] <== square[box] * square[box];
                fifth[box] <== fourth[box] * state[j];
                state[j] = fifth[box];
                box++;
            }
            if (round < FULL - 1) {
                state[j] += C[constant + j];
            }
        }
        constant += T;

        for (var i = 0; i < T; i++) {
            next[i] = 0;
            for (var j = 0; j < T; j++) {
                if (round == FULL \ 2 - 1) {
                    next[i] += PRE_SPARSE[j][i] * state[j];
                } else {
                    next[i] += MIX[j][i] * state[j];
                }
            }
        }
        for (var i = 0; i < T; i++) {
            state[i] = next[i];
        }

        // partial rounds: one S-box, then the sparse matrix of the round
        if (round == FULL \ 2 - 1) {
            for (var p = 0; p < PARTIAL; p++) {
                square[box] <== state[0] * state[0];
                fourth[box] <== square[box] * square[box];
                fifth[box] <== fourth[box] * state[0];

                var first = fifth[box] + C[constant + p];
                var sum = S[(T * 2 - 1) * p] * first;
                for (var i = 1; i < T; i++) {
                    sum += S[(T * 2 - 1) * p + i] * state[i];
                    state[i] += first * S[(T * 2 - 1) * p + T + i - 1];
                }
                state[0] = sum;
                box++;
            }
            constant += PARTIAL;
        }
    }
    y <== state[0];
}
