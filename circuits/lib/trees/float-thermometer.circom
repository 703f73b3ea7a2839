// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

include "./thermometer.circom";

/// @title  FloatThermometer
/// @notice Which thresholds a float32 number reaches, from its raw bits: c[k] = 1 iff key(x) >= T[k + 1]. The key keeps
///         the order of the numbers: x + 2^31 where the sign bit is 0, else 2^32 - 1 - x.
/// @param  N      Number of thresholds, that of +0 among them. 1 <= N. Compile-time assert.
/// @param  T      Keys, strictly ascending: T[0] = 0x007fffff (-inf), T[1] .. T[N] thresholds, T[N + 1] = 0xff800001
///                (one above +inf). Compile-time assert.
/// @param  Z      T[Z] = 2^31, the key of +0, 1 <= Z <= N: there the sign changes. Compile-time assert.
/// @input  x      Any field element. That it is the 32 bits of a number, not of a NaN, is ENFORCED HERE.
/// @output c[N]   Bits, never ascending. The only ones the constraints allow; c[Z - 1] is 1 less the sign bit.
/// @constraints   N + 2B + 1 non-linear, B as of Thermometer (exact test: one threshold, that of +0, = 64)
/// @soundness     The key has one product with c[Z - 1], which Thermometer makes a bit that is 1 iff key >= 2^31. So
///                x = key - 2^31 in [0, 0x7f800000] or x = 2^32 - 1 - key in [2^31, 0xff800000]: two disjoint ranges,
///                in each of which x determines the key. Assumes nothing of the caller.
/// @example       FloatThermometer(1, [8388607, 2147483648, 4286578689], 1)(0x3f800000): c = [1], the number is 1.0
template FloatThermometer(N, T, Z) {
    assert(Z >= 1 && Z <= N);
    assert(T[Z] == 1 << 31);
    assert(T[0] == 0x007fffff && T[N + 1] == 0xff800001);
    signal input x;
    signal output c[N];
    signal key;

    key <-- x < (1 << 31) ? x + (1 << 31) : (1 << 32) - 1 - x; // bound by: the product below
    component steps = Thermometer(N, T);
    steps.x <== key;
    c <== steps.c;

    // key = 2^32 - 1 - x where the sign bit is 1, and 2x - 2^31 + 1 more where it is 0
    key === (1 << 32) - 1 - x + c[Z - 1] * (2 * x - (1 << 31) + 1);
}
