// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

include "./poseidon-16.circom";

/// @title  CommitWords
/// @notice Holds words to a commitment that hides them:
///         h_0 = salt, h_(j+1) = Poseidon16(h_j, next 15 words, zero-padded), hash = h_last.
/// @param  N      Number of words. 1 <= N < 2^32. Compile-time assert.
/// @input  words[N]  Any field elements; nothing is assumed. The caller makes them with PackWord or PackSignedWord.
/// @input  salt   Any field element. That nobody can guess it is ASSUMED for hiding alone: binding holds for every salt.
/// @input  hash   Any field element; public, or a constant. Constrained by the last step.
/// @output (none) The template only constrains.
/// @constraints   610 * ceil(N / 15), of which constant inputs make some linear (exact test: (1) = 610, (15) = 610,
///                (16) = 1220, (27) = 1220)
/// @soundness     No hint. For one N the chain is collision-resistant: who has two openings of one hash has two
///                preimages of some Poseidon16. N is the circuit's; words of another number may have the same hash.
/// @example       CommitWords(1)([7], salt = 5, hash = Poseidon16([5, 7, 0, .., 0])) holds
template CommitWords(N) {
    assert(N >= 1 && N < 1 << 32);
    signal input words[N];
    signal input salt;
    signal input hash;

    var BLOCKS = (N + 14) \ 15;
    component step[BLOCKS];
    for (var j = 0; j < BLOCKS; j++) {
        step[j] = Poseidon16();
        if (j == 0) {
            step[j].x[0] <== salt;
        } else {
            step[j].x[0] <== step[j - 1].y;
        }
        for (var k = 0; k < 15; k++) {
            if (15 * j + k < N) {
                step[j].x[k + 1] <== words[15 * j + k];
            } else {
                step[j].x[k + 1] <== 0;
            }
        }
    }
    hash === step[BLOCKS - 1].y;
}
