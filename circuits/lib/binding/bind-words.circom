// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

include "../commit/poseidon-16.circom";

/// @title  BindWords
/// @notice Commits to all words and evaluates them at a challenge taken after the commitment:
///         h_0 = N, h_(j+1) = Poseidon16(h_j, next 15 words, zero-padded), c = h_last, e = sum_i words[i] * r^i.
/// @param  N      Number of words. 2 <= N < 2^32 (one word would leave r unused). Compile-time assert.
/// @input  words[N]  Any field elements; nothing is assumed. The caller makes them with PackWord or PackSignedWord.
/// @input  r      Challenge, public: the gate computes it as a hash of the verifying key, c and the claimed words.
///                That it is fixed only after c is ASSUMED; the gate enforces it. Constrained by every step towards e.
/// @output c      The commitment: the only value the constraints allow.
/// @output e      The evaluation: the only value the constraints allow.
/// @constraints   610 * ceil(N / 15) + N - 1, of which constant inputs make some linear (exact test: (2) = 611,
///                (5) = 614, (16) = 1235, (27) = 1246)
/// @soundness     c is a collision-resistant chain over (N, words) and fixes them before r = hash(.., c, claimed words)
///                is known; if the circuit's words differ from the claimed ones, two polynomials of degree < N agree at
///                r with probability below N / p. No hint.
/// @example       BindWords(2)([3, 4], r = 10): e = 43
template BindWords(N) {
    assert(N >= 2 && N < 1 << 32);
    signal input words[N];
    signal input r;
    signal output c;
    signal output e;
    signal horner[N - 2]; // horner[i] = sum_{k>i} words[k] * r^(k-i-1)

    // c = h_last
    var BLOCKS = (N + 14) \ 15;
    component hash[BLOCKS];
    for (var j = 0; j < BLOCKS; j++) {
        hash[j] = Poseidon16();
        if (j == 0) {
            hash[j].x[0] <== N;
        } else {
            hash[j].x[0] <== hash[j - 1].y;
        }
        for (var k = 0; k < 15; k++) {
            if (15 * j + k < N) {
                hash[j].x[k + 1] <== words[15 * j + k];
            } else {
                hash[j].x[k + 1] <== 0;
            }
        }
    }
    c <== hash[BLOCKS - 1].y;

    // e = words[0] + r * (words[1] + r * (... + r * words[N-1]))
    var tail = words[N - 1];
    for (var i = N - 2; i > 0; i--) {
        horner[i - 1] <== tail * r + words[i];
        tail = horner[i - 1];
    }
    e <== tail * r + words[0];
}
