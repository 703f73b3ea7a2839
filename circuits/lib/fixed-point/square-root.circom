// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// The greatest r with r * r <= n, for 0 <= n < 2^250: Newton's method from above.
function squareRootFloor(n) {
    var root = 1;
    while (root * root <= n) {
        root = root * 2;
    }
    var next = (root + n \ root) \ 2;
    while (next < root && next > 0) {
        root = next;
        next = (root + n \ root) \ 2;
    }
    return n == 0 ? 0 : root;
}

/// @title  SquareRoot
/// @notice y = floor(sqrt(x)).
/// @param  K      y has K bits. 1 <= K <= 124, so y * y + r cannot wrap p. Compile-time assert.
/// @input  x      In [0, 2^(2K)): what lies further out has no witness or its true root. Range ENFORCED HERE.
/// @output y      The only value the constraints allow.
/// @constraints   2 K + 2 non-linear (exact test: (1) = 4, (4) = 10, (12) = 26)
/// @soundness     With u, v of K bits each and a bit low, y = low + u + v and x = y * y + r where r = low + 2 u. So
///                r >= 0 and 2 y - r = low + 2 v >= 0, that is y * y <= x < (y + 1)^2 for integers that cannot wrap p:
///                y is the root, r = x - y * y, and its bits give low, u and then v. Assumes nothing of the caller.
/// @example       SquareRoot(4)(35) = 5   SquareRoot(4)(36) = 6
template SquareRoot(K) {
    assert(K >= 1 && K <= 124);
    signal input x;
    signal output y;
    signal remainderBit[K]; // remainderBit[i] has weight 2^i of u = floor(r / 2)
    signal gapBit[K]; // gapBit[i] has weight 2^i of v = floor((2 y - r) / 2)

    var isNegative = x < 0;
    var root = squareRootFloor(isNegative ? 0 : x);
    y <-- root; // bound by: low * (low - 1) === 0 and y * y === x - r below
    var u = 0;
    var v = 0;
    for (var i = 0; i < K; i++) {
        remainderBit[i] <-- ((x - root * root) >> (i + 1)) & 1; // bound by: boolean next line, value by x - r
        remainderBit[i] * (remainderBit[i] - 1) === 0;
        u += (1 << i) * remainderBit[i];
        gapBit[i] <-- ((2 * root - x + root * root) >> (i + 1)) & 1; // bound by: boolean next line, value by low
        gapBit[i] * (gapBit[i] - 1) === 0;
        v += (1 << i) * gapBit[i];
    }

    // y = low + u + v
    var low = y - u - v;
    low * (low - 1) === 0;

    // x = y * y + r
    y * y === x - (low + 2 * u);
}
