// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  Divide
/// @notice q = floor(a / b) for a positive b.
/// @param  MIN    Smallest q; may be negative. |MIN| <= 2^(250-B). Compile-time assert.
/// @param  Q      MIN <= q < MIN + 2^Q. 1 <= Q <= 250 - B. Compile-time assert.
/// @param  B      1 <= b <= 2^B. 1 <= B <= 248. Compile-time assert.
/// @input  a      Signed; negative v is the field element p - |v|. Any a whose q is in range. Range ENFORCED HERE.
/// @input  b      In [1, 2^B]; from there to 2^(B+1) there is the true quotient or no witness. Range ENFORCED HERE.
/// @output q      In [MIN, MIN + 2^Q). The only value the constraints allow.
/// @constraints   Q + 2 B + 1 non-linear (exact test: (0,4,3) = 11, (-8,5,6) = 18, (0,1,1) = 4)
/// @soundness     r = sum 2^i remainderBit[i] and b - 1 - r both have B bits, so 0 <= r < b < 2^(B+1); q - MIN has Q.
///                a = q * b + r then holds for integers below p / 2 in magnitude: division with remainder, unique.
///                Assumes nothing of the caller; b = 0 and b < 0 have no witness.
/// @example       Divide(-8,4,3)(17, 5) = 3   Divide(-8,4,3)(-17, 5) = -4
template Divide(MIN, Q, B) {
    assert(B >= 1 && B <= 248 && Q >= 1 && Q <= 250 - B);
    assert(MIN >= -(1 << (250 - B)) && MIN <= 1 << (250 - B));
    signal input a;
    signal input b;
    signal output q;
    signal remainderBit[B]; // remainderBit[i] has weight 2^i of r
    signal gapBit[B - 1]; // gapBit[i - 1] has weight 2^i of b - 1 - r; the lowest bit is what remains
    signal quotientBit[Q - 1]; // quotientBit[i - 1] has weight 2^i of q - MIN; likewise

    // a = q * b + r
    var divisor = b == 0 ? 1 : b; // so that a witness generator reaches the constraint that refuses b = 0
    q <-- ((a - MIN * b) \ divisor) + MIN; // bound by: a - r === q * b and the bits of all three below
    var r = 0;
    for (var i = 0; i < B; i++) {
        remainderBit[i] <-- (((a - MIN * b) % divisor) >> i) & 1; // bound by: boolean next line, value by a - r === q * b
        remainderBit[i] * (remainderBit[i] - 1) === 0;
        r += (1 << i) * remainderBit[i];
    }
    q * b === a - r;

    // r < b
    var lowGap = b - 1 - r;
    for (var i = 1; i < B; i++) {
        gapBit[i - 1] <-- ((b - 1 - (a - MIN * b) % divisor) >> i) & 1; // bound by: boolean next line, value by lowGap
        gapBit[i - 1] * (gapBit[i - 1] - 1) === 0;
        lowGap -= (1 << i) * gapBit[i - 1];
    }
    lowGap * (lowGap - 1) === 0;

    // 0 <= q - MIN < 2^Q
    var lowQuotient = q - MIN;
    for (var i = 1; i < Q; i++) {
        quotientBit[i - 1] <-- (((a - MIN * b) \ divisor) >> i) & 1; // bound by: boolean next line, value by lowQuotient
        quotientBit[i - 1] * (quotientBit[i - 1] - 1) === 0;
        lowQuotient -= (1 << i) * quotientBit[i - 1];
    }
    lowQuotient * (lowQuotient - 1) === 0;
}
