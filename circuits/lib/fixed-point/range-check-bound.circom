// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// Bits needed to write the positive number n.
function bitLength(n) {
    var bits = 0;
    while (n > 0) {
        n = n >> 1;
        bits++;
    }
    return bits;
}

/// Ones of n that stand above its lowest zero, the highest one not counted: the products RangeCheckBound needs.
function prefixProducts(n) {
    var top = bitLength(n) - 1;
    var products = 0;
    var pending = 0;
    for (var i = top - 1; i >= 0; i--) {
        if ((n >> i) & 1 == 1) {
            pending++;
        } else {
            products += pending;
            pending = 0;
        }
    }
    return products;
}

/// @title  RangeCheckBound
/// @notice MIN <= x <= MAX, exactly, whether or not the width is a power of two.
/// @param  MIN    Smallest value, may be negative. -2^250 <= MIN. Compile-time assert.
/// @param  MAX    Largest value. MIN < MAX <= 2^250. Compile-time assert.
/// @input  x      Any field element; negative v is p - |v|. Range ENFORCED HERE.
/// @output (none) The template only constrains.
/// @constraints   W + Z + P non-linear, W = bits of S = MAX - MIN, Z = runs of zeros in S, P = ones of S above its
///                lowest zero, less one (exact test: (0,255) = 8, (-128,127) = 8, (0,16) = 6, (0,9) = 5, (-3,7) = 7)
/// @soundness     d = x - MIN has W boolean bits (lowest := the rest), hence 0 <= d < 2^W < p and no other bits fit.
///                d <= S iff for every zero bit of S: if d has all higher ones of S, d is zero there too, said by
///                agree * (sum of d's bits in a run of zeros) === 0, the sum being < p. Assumes nothing of the caller.
/// @example       RangeCheckBound(0,16)(16) holds   RangeCheckBound(0,16)(17) has no witness
template RangeCheckBound(MIN, MAX) {
    assert(MIN < MAX && MAX <= 1 << 250 && MIN >= -(1 << 250));
    var SPAN = MAX - MIN;
    var W = bitLength(SPAN);
    signal input x;
    signal bit[W - 1]; // bit[i - 1] has weight 2^i; the lowest bit is what remains
    signal prefix[prefixProducts(SPAN)];

    // x - MIN = low + sum_{i>=1} 2^i bit[i]
    var low = x - MIN;
    for (var i = 1; i < W; i++) {
        bit[i - 1] <-- ((x - MIN) >> i) & 1; // bound by: boolean on the next line, value by low * (low - 1) === 0
        bit[i - 1] * (bit[i - 1] - 1) === 0;
        low -= (1 << i) * bit[i - 1];
    }
    low * (low - 1) === 0;

    // From the top: agree = 1 while every one of SPAN so far is a one of x - MIN; then a zero of SPAN is a zero too.
    var agree = 1;
    var run = 0; // sum of the bits in the current run of zeros of SPAN
    var used = 0;
    for (var i = W - 1; i >= 0; i--) {
        var digit = low;
        if (i > 0) {
            digit = bit[i - 1];
        }
        if ((SPAN >> i) & 1 == 0) {
            run += digit;
            if (i == 0 || (SPAN >> (i - 1)) & 1 == 1) {
                agree * run === 0;
                run = 0;
            }
        } else if (i == W - 1) {
            agree = digit;
        } else if (used < prefixProducts(SPAN)) {
            prefix[used] <== agree * digit;
            agree = prefix[used];
            used++;
        }
    }
}
