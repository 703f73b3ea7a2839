// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  PlainP384
/// @notice The plain twin of two-word modular arithmetic: numbers of 13 limbs of 32 bits, the lowest first, schoolbook
/// products, and remainders by the MODEXP precompile. No assembly, no unchecked blocks, no property of any modulus.
library PlainP384 {
    uint256 private constant LIMBS = 13;
    uint256 private constant BASE = 2 ** 32;

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
        for (uint256 i; i < LIMBS; ++i) a[i] = (i < 8 ? lo >> (32 * i) : hi >> (32 * (i - 8))) % BASE;
    }

    /// @notice The residue of a two-word number whose upper word is signed, |hi| below 2^159.
    function residueOf(uint256 hi, uint256 lo, uint256[13] memory m) internal view returns (uint256[13] memory) {
        if (hi < 2 ** 255) return reduce(fromWords(hi, lo), m);
        // hi·2^256 + lo = lo - |hi|·2^256.
        return subMod(fromWords(0, lo), reduce(fromWords(type(uint256).max - hi + 1, 0), m), m);
    }

    /// @notice a + b mod m, for a + b below 2^416.
    function addMod(
        uint256[13] memory a,
        uint256[13] memory b,
        uint256[13] memory m
    ) internal view returns (uint256[13] memory) {
        uint256[26] memory sum;
        for (uint256 i; i < LIMBS; ++i) sum[i] = a[i] + b[i];
        return _remainder(_carried(sum), m);
    }

    /// @notice a - b mod m, for a below 2^415 and b below m.
    function subMod(
        uint256[13] memory a,
        uint256[13] memory b,
        uint256[13] memory m
    ) internal view returns (uint256[13] memory) {
        uint256[13] memory negative;
        uint256 borrow;
        for (uint256 i; i < LIMBS; ++i) {
            uint256 taken = b[i] + borrow;
            borrow = m[i] < taken ? 1 : 0;
            negative[i] = m[i] + borrow * BASE - taken;
        }
        return addMod(a, negative, m);
    }

    /// @notice a·b mod m.
    function mulMod(
        uint256[13] memory a,
        uint256[13] memory b,
        uint256[13] memory m
    ) internal view returns (uint256[13] memory) {
        return _remainder(product(a, b), m);
    }

    /// @notice a·b.
    function product(uint256[13] memory a, uint256[13] memory b) internal pure returns (uint256[26] memory sum) {
        for (uint256 i; i < LIMBS; ++i) for (uint256 j; j < LIMBS; ++j) sum[i + j] += a[i] * b[j];
        return _carried(sum);
    }

    /// @notice a mod m.
    function reduce(uint256[13] memory a, uint256[13] memory m) internal view returns (uint256[13] memory) {
        uint256[26] memory long;
        for (uint256 i; i < LIMBS; ++i) long[i] = a[i];
        return _remainder(long, m);
    }

    /// @notice Whether a = b.
    function isEqual(uint256[13] memory a, uint256[13] memory b) internal pure returns (bool) {
        return keccak256(abi.encode(a)) == keccak256(abi.encode(b));
    }

    /// @dev The same number with every limb below 2^32.
    function _carried(uint256[26] memory a) private pure returns (uint256[26] memory) {
        for (uint256 i; i + 1 < 2 * LIMBS; ++i) {
            a[i + 1] += a[i] / BASE;
            a[i] %= BASE;
        }
        return a;
    }

    /// @dev a^1 mod m.
    function _remainder(uint256[26] memory a, uint256[13] memory m) private view returns (uint256[13] memory rest) {
        bytes memory base = new bytes(8 * LIMBS);
        bytes memory modulus = new bytes(4 * LIMBS);
        for (uint256 i; i < base.length; ++i) base[base.length - 1 - i] = bytes1(uint8(a[i / 4] >> (8 * (i % 4))));
        for (uint256 i; i < modulus.length; ++i)
            modulus[modulus.length - 1 - i] = bytes1(uint8(m[i / 4] >> (8 * (i % 4))));
        (bool ok, bytes memory result) = address(5).staticcall(
            abi.encodePacked(base.length, uint256(1), modulus.length, base, uint8(1), modulus)
        );
        require(ok && result.length == modulus.length, "MODEXP failed");
        for (uint256 i; i < LIMBS; ++i) {
            for (uint256 j; j < 4; ++j) rest[i] += uint256(uint8(result[result.length - 1 - 4 * i - j])) << (8 * j);
        }
    }
}
