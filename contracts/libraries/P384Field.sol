// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  P384Field
/// @notice Arithmetic modulo p = 2^384 - FOLD, the base field of secp384r1, in two words.
///
///   element    an integer x = hi·2^256 + lo, where hi is signed (two's complement) and lo is not. Many integers stand
///              for one residue. Curve arithmetic keeps residues in Montgomery form: a is held as a·2^256 mod p.
///   tight      -2^383 - 2^256 < x < 2^383 + 2^256. All products and sums below are tight. Since that is less than p,
///              0 is the only tight integer that stands for the residue 0.
///   product    T = a·b, |T| < 1.75 · 2^766, which holds for all tight a and b.
///   reduction  q = T / FOLD mod 2^256 makes T + q·p divisible by 2^256, and W = (T + q·p) / 2^256 is T·2^-256 mod p.
///              With 2^256 = 1 mod MAX, its low word W0 and W mod MAX give the high word without any further product:
///              W1 = W - W0 mod MAX, and |W1| < 2^255 - 2^127 makes that unique.
///   fold       W1 + HALF = v·2^128 + rest, and 2^384 = FOLD mod p, so W = (rest - HALF)·2^256 + W0 + v·FOLD, which is
///              tight. |v·FOLD| < 2^255, thus v·FOLD, v and W1 + HALF have one sign.
///
/// @dev A word that holds a negative integer i is 2^256 + i, which is i + 1 mod MAX: `sar(255, word)`, -1 for it, puts
/// that right. W1 + HALF comes as a residue mod MAX, so when negative it is one too low as a word, while v·FOLD as a
/// word is 2^256 too high: the two cancel, for they have one sign.
library P384Field {
    /// @dev p in two words.
    uint256 internal constant P_HI = 0xffffffffffffffffffffffffffffffff;
    uint256 internal constant P_LO = 0xfffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff;

    /// @dev 2^256 - 1.
    uint256 private constant MAX = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;
    /// @dev 2^384 - p = 2^128 + 2^96 - 2^32 + 1.
    uint256 private constant FOLD = 0x100000000ffffffffffffffff00000001;
    /// @dev 1 / FOLD mod 2^256.
    uint256 private constant FOLD_INVERSE = 0xfffffffcfffffffafffffffbfffffffe00000000000000010000000100000001;
    /// @dev p mod MAX = MAX - (2^96 - 2^32 + 1).
    uint256 private constant P_MOD_MAX = 0xffffffffffffffffffffffffffffffffffffffff0000000000000000fffffffe;
    /// @dev 2^127, which centres the high word around 0.
    uint256 private constant HALF = 0x80000000000000000000000000000000;
    /// @dev 2^128 - 1.
    uint256 private constant LOW_128 = 0xffffffffffffffffffffffffffffffff;
    /// @dev p·2^125: its low word, and itself plus HALF modulo MAX.
    uint256 private constant OFFSET_LO = 0xdfffffffe0000000000000001fffffffe0000000000000000000000000000000;
    uint256 private constant OFFSET_MOD_MAX = 0xffffffffe000000000000000200000005fffffffffffffffffffffffffffffff;

    /// @dev 2^512 mod p: takes a residue to its Montgomery form.
    uint256 private constant SQUARE_HI = 1;
    uint256 private constant SQUARE_LO = 0xffffffffffffffff0000000100000000000000000000000000000000;
    /// @dev 2^768 mod p: takes the inverse of a Montgomery form to the Montgomery form of the inverse.
    uint256 private constant CUBE_HI = 1;
    uint256 private constant CUBE_LO = 0x200000000fffffffe000000000000000200000000fffffffe00000001;

    /// @notice a·b / 2^256, tight, for |a·b| < 1.75 · 2^766.
    function mul(uint256 aHi, uint256 aLo, uint256 bHi, uint256 bLo) internal pure returns (uint256 hi, uint256 lo) {
        // high word of x·y = mulmod(x, y, MAX) - low - (mulmod < low). The low words of aLo·bLo and q·FOLD are equal
        // and cancel. Every word of W0 is meant modulo 2^256. Bounds: see "reduction" and "fold".
        assembly ("memory-safe") {
            let t := mul(aLo, bLo)
            let m := mulmod(aLo, bLo, MAX)
            let q := mul(t, FOLD_INVERSE)
            lo := add(add(mul(aLo, bHi), mul(aHi, bLo)), shl(128, q))
            lo := add(lo, sub(m, lt(m, t)))
            m := mulmod(q, FOLD, MAX)
            lo := sub(lo, sub(m, lt(m, t))) // W0

            t := addmod(bLo, add(bHi, sar(255, bHi)), MAX)
            t := mulmod(addmod(aLo, add(aHi, sar(255, aHi)), MAX), t, MAX)
            t := addmod(addmod(t, mulmod(q, P_MOD_MAX, MAX), MAX), HALF, MAX) // W + HALF mod MAX
            hi := sub(sub(t, lo), lt(t, lo)) // W1 + HALF mod MAX

            t := mul(sar(128, hi), FOLD)
            lo := add(lo, t)
            hi := add(sub(and(hi, LOW_128), HALF), lt(lo, t))
        }
    }

    /// @notice a² / 2^256, tight, for |a²| < 1.75 · 2^766.
    function square(uint256 aHi, uint256 aLo) internal pure returns (uint256 hi, uint256 lo) {
        // As in `mul`, with both cross products at once.
        assembly ("memory-safe") {
            let t := mul(aLo, aLo)
            let m := mulmod(aLo, aLo, MAX)
            let q := mul(t, FOLD_INVERSE)
            lo := add(add(mul(aLo, shl(1, aHi)), shl(128, q)), sub(m, lt(m, t)))
            m := mulmod(q, FOLD, MAX)
            lo := sub(lo, sub(m, lt(m, t)))

            t := addmod(aLo, add(aHi, sar(255, aHi)), MAX)
            t := addmod(addmod(mulmod(t, t, MAX), mulmod(q, P_MOD_MAX, MAX), MAX), HALF, MAX)
            hi := sub(sub(t, lo), lt(t, lo))

            t := mul(sar(128, hi), FOLD)
            lo := add(lo, t)
            hi := add(sub(and(hi, LOW_128), HALF), lt(lo, t))
        }
    }

    /// @notice (a·b - c²) / 2^256, tight, for tight a, b and c.
    /// @dev One reduction for two products. -2^767 < T < 2^766 but for less than 2^642; adding p·2^381 makes it
    /// |T| < 1.75 · 2^766. It is added to W, as p·2^125.
    function mulSubSquare(
        uint256 aHi,
        uint256 aLo,
        uint256 bHi,
        uint256 bLo,
        uint256 cHi,
        uint256 cLo
    ) internal pure returns (uint256 hi, uint256 lo) {
        // t and s are the low words of aLo·bLo and cLo²; c and MAX - c = not(c) make -c² mod MAX. Otherwise as `mul`.
        assembly ("memory-safe") {
            let t := mul(aLo, bLo)
            let m := mulmod(aLo, bLo, MAX)
            lo := sub(add(mul(aLo, bHi), mul(aHi, bLo)), mul(cLo, shl(1, cHi)))
            lo := add(lo, sub(m, lt(m, t)))
            let s := mul(cLo, cLo)
            m := mulmod(cLo, cLo, MAX)
            lo := sub(sub(lo, sub(m, lt(m, s))), lt(t, s))
            t := sub(t, s)
            let q := mul(t, FOLD_INVERSE)
            m := mulmod(q, FOLD, MAX)
            lo := add(sub(add(lo, shl(128, q)), sub(m, lt(m, t))), OFFSET_LO)

            t := addmod(bLo, add(bHi, sar(255, bHi)), MAX)
            t := mulmod(addmod(aLo, add(aHi, sar(255, aHi)), MAX), t, MAX)
            s := addmod(cLo, add(cHi, sar(255, cHi)), MAX)
            t := addmod(t, mulmod(s, not(s), MAX), MAX)
            t := addmod(addmod(t, mulmod(q, P_MOD_MAX, MAX), MAX), OFFSET_MOD_MAX, MAX)
            hi := sub(sub(t, lo), lt(t, lo))

            t := mul(sar(128, hi), FOLD)
            lo := add(lo, t)
            hi := add(sub(and(hi, LOW_128), HALF), lt(lo, t))
        }
    }

    /// @notice a + b as integers, not made tight. |a| and |b| below 2^510.
    function plus(uint256 aHi, uint256 aLo, uint256 bHi, uint256 bLo) internal pure returns (uint256 hi, uint256 lo) {
        // The carry of the low words; the high word stays below 2^255.
        assembly ("memory-safe") {
            lo := add(aLo, bLo)
            hi := add(add(aHi, bHi), lt(lo, bLo))
        }
    }

    /// @notice a - b as integers, not made tight. |a| and |b| below 2^510.
    function minus(uint256 aHi, uint256 aLo, uint256 bHi, uint256 bLo) internal pure returns (uint256 hi, uint256 lo) {
        // The borrow of the low words; the high word stays below 2^255.
        assembly ("memory-safe") {
            hi := sub(sub(aHi, bHi), lt(aLo, bLo))
            lo := sub(aLo, bLo)
        }
    }

    /// @notice 2·a as integers, not made tight. |a| below 2^510.
    function twice(uint256 aHi, uint256 aLo) internal pure returns (uint256 hi, uint256 lo) {
        // The top bit of the low word moves up; the high word stays below 2^255.
        assembly ("memory-safe") {
            hi := or(shl(1, aHi), shr(255, aLo))
            lo := shl(1, aLo)
        }
    }

    /// @notice The same residue, tight. |a| below 2^500.
    function tighten(uint256 aHi, uint256 aLo) internal pure returns (uint256 hi, uint256 lo) {
        // "fold" with aHi for W1: |v·FOLD| < 2^246. As a word it is 2^256 too high when negative.
        assembly ("memory-safe") {
            hi := add(aHi, HALF)
            let y := mul(sar(128, hi), FOLD)
            lo := add(aLo, y)
            hi := add(add(sub(and(hi, LOW_128), HALF), lt(lo, y)), sar(255, y))
        }
    }

    /// @notice a - b, tight. |a| and |b| below 2^499.
    function sub(uint256 aHi, uint256 aLo, uint256 bHi, uint256 bLo) internal pure returns (uint256 hi, uint256 lo) {
        // `minus` and `tighten` in one call.
        assembly ("memory-safe") {
            hi := add(sub(sub(aHi, bHi), lt(aLo, bLo)), HALF)
            let y := mul(sar(128, hi), FOLD)
            lo := add(sub(aLo, bLo), y)
            hi := add(add(sub(and(hi, LOW_128), HALF), lt(lo, y)), sar(255, y))
        }
    }

    /// @notice 2·(a - b), tight. |a| and |b| below 2^498.
    function subTwice(
        uint256 aHi,
        uint256 aLo,
        uint256 bHi,
        uint256 bLo
    ) internal pure returns (uint256 hi, uint256 lo) {
        // `minus`, `twice` and `tighten` in one call.
        assembly ("memory-safe") {
            hi := sub(sub(aHi, bHi), lt(aLo, bLo))
            lo := sub(aLo, bLo)
            hi := add(or(shl(1, hi), shr(255, lo)), HALF)
            let y := mul(sar(128, hi), FOLD)
            lo := add(shl(1, lo), y)
            hi := add(add(sub(and(hi, LOW_128), HALF), lt(lo, y)), sar(255, y))
        }
    }

    /// @notice The Montgomery form of a residue, tight. 0 <= a < 2^384.
    function toMontgomery(uint256 aHi, uint256 aLo) internal pure returns (uint256 hi, uint256 lo) {
        return mul(aHi, aLo, SQUARE_HI, SQUARE_LO);
    }

    /// @notice The Montgomery form of 1 / a, tight, from the inverse of the Montgomery form of a. 0 <= it < 2^384.
    function inverseToMontgomery(uint256 aHi, uint256 aLo) internal pure returns (uint256 hi, uint256 lo) {
        return mul(aHi, aLo, CUBE_HI, CUBE_LO);
    }

    /// @notice The integer in [0, p) of the same residue, for tight a.
    function canonical(uint256 aHi, uint256 aLo) internal pure returns (uint256 hi, uint256 lo) {
        // Tight means -p < a < p, so one addition of p does.
        return int256(aHi) < 0 ? plus(aHi, aLo, P_HI, P_LO) : (aHi, aLo);
    }
}
