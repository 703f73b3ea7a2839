// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  PlainP384
/// @notice The plain twin of two-word modular arithmetic: numbers of 13 limbs of 32 bits, the lowest first, products by
/// doubling and adding. Slow, without assembly, unchecked blocks or any property of p.
library PlainP384 {
    uint256 private constant LIMBS = 13;

    /// @notice p of secp384r1.
    function p() internal pure returns (uint256[13] memory) {
        return
            fromWords(
                0xffffffffffffffffffffffffffffffff,
                0xfffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff
            );
    }

    /// @notice n of secp384r1.
    function n() internal pure returns (uint256[13] memory) {
        return
            fromWords(
                0xffffffffffffffffffffffffffffffff,
                0xffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973
            );
    }

    /// @notice The number hi·2^256 + lo, hi below 2^160.
    function fromWords(uint256 hi, uint256 lo) internal pure returns (uint256[13] memory a) {
        for (uint256 i; i < LIMBS; ++i) a[i] = (i < 8 ? lo >> (32 * i) : hi >> (32 * (i - 8))) % 2 ** 32;
    }

    /// @notice The residue of a two-word number whose upper word is signed, |hi| below 2^159.
    function residueOf(uint256 hi, uint256 lo, uint256[13] memory m) internal pure returns (uint256[13] memory) {
        if (hi < 2 ** 255) return _reduce(fromWords(hi, lo), m);
        // hi·2^256 + lo = lo - |hi|·2^256.
        uint256[13] memory above = _reduce(fromWords(type(uint256).max - hi + 1, 0), m);
        uint256[13] memory below = _reduce(fromWords(0, lo), m);
        return subMod(below, above, m);
    }

    /// @notice a + b mod m, for residues.
    function addMod(
        uint256[13] memory a,
        uint256[13] memory b,
        uint256[13] memory m
    ) internal pure returns (uint256[13] memory sum) {
        uint256 carry;
        for (uint256 i; i < LIMBS; ++i) {
            carry += a[i] + b[i];
            sum[i] = carry % 2 ** 32;
            carry /= 2 ** 32;
        }
        return isLess(sum, m) ? sum : _minus(sum, m);
    }

    /// @notice a - b mod m, for residues.
    function subMod(
        uint256[13] memory a,
        uint256[13] memory b,
        uint256[13] memory m
    ) internal pure returns (uint256[13] memory) {
        return addMod(a, _minus(m, b), m);
    }

    /// @notice a·b mod m, for residues.
    function mulMod(
        uint256[13] memory a,
        uint256[13] memory b,
        uint256[13] memory m
    ) internal pure returns (uint256[13] memory sum) {
        for (uint256 i = 32 * LIMBS; i > 0; --i) {
            sum = addMod(sum, sum, m);
            if ((b[(i - 1) / 32] >> ((i - 1) % 32)) % 2 == 1) sum = addMod(sum, a, m);
        }
    }

    /// @notice Whether a < b.
    function isLess(uint256[13] memory a, uint256[13] memory b) internal pure returns (bool) {
        for (uint256 i = LIMBS; i > 0; --i) if (a[i - 1] != b[i - 1]) return a[i - 1] < b[i - 1];
        return false;
    }

    /// @notice Whether a = b.
    function isEqual(uint256[13] memory a, uint256[13] memory b) internal pure returns (bool) {
        return keccak256(abi.encode(a)) == keccak256(abi.encode(b));
    }

    /// @dev a mod m, bit by bit.
    function _reduce(uint256[13] memory a, uint256[13] memory m) private pure returns (uint256[13] memory rest) {
        uint256[13] memory one = fromWords(0, 1);
        for (uint256 i = 32 * LIMBS; i > 0; --i) {
            rest = addMod(rest, rest, m);
            if ((a[(i - 1) / 32] >> ((i - 1) % 32)) % 2 == 1) rest = addMod(rest, one, m);
        }
    }

    /// @dev a - b, for a >= b.
    function _minus(uint256[13] memory a, uint256[13] memory b) private pure returns (uint256[13] memory difference) {
        uint256 borrow;
        for (uint256 i; i < LIMBS; ++i) {
            uint256 taken = b[i] + borrow;
            borrow = a[i] < taken ? 1 : 0;
            difference[i] = a[i] + borrow * 2 ** 32 - taken;
        }
    }
}
