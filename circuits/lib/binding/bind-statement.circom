// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  BindStatement
/// @notice Makes the public signal `bind` part of the constraint system: a proof holds for one statement only.
/// @input  bind   Any field element; nothing is assumed. The gate computes it as uint256(digest) >> 3 < 2^253 < p.
/// @output (none) The template only constrains.
/// @constraints   1 non-linear (exact test: () = 1)
/// @soundness     square === bind * bind puts bind into A and B: the verifying key has a non-zero IC point for it, and
///                a proof made for one bind does not verify under another. The constraint allows one square.
/// @example       BindStatement()(digest >> 3) holds for the one bind that is public
template BindStatement() {
    signal input bind;
    signal square;

    square <== bind * bind;
}
