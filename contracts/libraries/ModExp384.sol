// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IP384Verifier } from "../interfaces/IP384Verifier.sol";

/// @title  ModExp384
/// @notice Arithmetic modulo a prime of 384 bits by the MODEXP precompile (EIP-198), for the few operations that a
/// signature needs besides curve arithmetic.
/// @dev Numbers are two words, hi below 2^128. Operands have exactly 48 bytes: EIP-7883 charges more than twice as much
/// for 64. The frame lies behind the free memory pointer and is not kept.
library ModExp384 {
    /// @notice 1 / a mod m = a^(m - 2) mod m, by Fermat; 0 for a = 0.
    /// @param mLo Low word of the prime; at least 2.
    function inverse(
        uint256 aHi,
        uint256 aLo,
        uint256 mHi,
        uint256 mLo
    ) internal view returns (uint256 hi, uint256 lo) {
        bool answered;
        // 240 bytes: three lengths of 48, base, exponent, modulus. A high word is stored first, in the upper half of
        // its place; the low word then overwrites the lower half. mLo >= 2, so the exponent borrows nothing.
        assembly ("memory-safe") {
            let frame := mload(0x40)
            mstore(frame, 48)
            mstore(add(frame, 32), 48)
            mstore(add(frame, 64), 48)
            mstore(add(frame, 96), shl(128, aHi))
            mstore(add(frame, 112), aLo)
            mstore(add(frame, 144), shl(128, mHi))
            mstore(add(frame, 160), sub(mLo, 2))
            mstore(add(frame, 192), shl(128, mHi))
            mstore(add(frame, 208), mLo)
            answered := staticcall(gas(), 5, frame, 240, frame, 48)
            answered := and(answered, eq(returndatasize(), 48))
            hi := shr(128, mload(frame))
            lo := mload(add(frame, 16))
        }
        if (!answered) revert IP384Verifier.PrecompileFailed();
    }

    /// @notice a·b mod m.
    function mulMod(
        uint256 aHi,
        uint256 aLo,
        uint256 bHi,
        uint256 bLo,
        uint256 mHi,
        uint256 mLo
    ) internal view returns (uint256 hi, uint256 lo) {
        (uint256 t2, uint256 t1, uint256 t0) = product(aHi, aLo, bHi, bLo);
        bool answered;
        // 241 bytes: lengths of 96, 1 and 48, the product, the exponent 1, the modulus.
        assembly ("memory-safe") {
            let frame := mload(0x40)
            mstore(frame, 96)
            mstore(add(frame, 32), 1)
            mstore(add(frame, 64), 48)
            mstore(add(frame, 96), t2)
            mstore(add(frame, 128), t1)
            mstore(add(frame, 160), t0)
            mstore8(add(frame, 192), 1)
            mstore(add(frame, 193), shl(128, mHi))
            mstore(add(frame, 209), mLo)
            answered := staticcall(gas(), 5, frame, 241, frame, 48)
            answered := and(answered, eq(returndatasize(), 48))
            hi := shr(128, mload(frame))
            lo := mload(add(frame, 16))
        }
        if (!answered) revert IP384Verifier.PrecompileFailed();
    }

    /// @notice a·b as an integer of three words, the highest first.
    function product(
        uint256 aHi,
        uint256 aLo,
        uint256 bHi,
        uint256 bLo
    ) internal pure returns (uint256 t2, uint256 t1, uint256 t0) {
        // High word of x·y = mulmod(x, y, 2^256 - 1) - low - (mulmod < low). Both cross products are below 2^384, so
        // their sum's high word is below 2^129 and comes the same way; the product is below 2^768, so t2 holds.
        assembly ("memory-safe") {
            let max := not(0)
            t0 := mul(aLo, bLo)
            t1 := mulmod(aLo, bLo, max)
            t1 := sub(sub(t1, t0), lt(t1, t0))
            let cross := add(mul(aLo, bHi), mul(aHi, bLo))
            t2 := addmod(mulmod(aLo, bHi, max), mulmod(aHi, bLo, max), max)
            t2 := add(sub(sub(t2, cross), lt(t2, cross)), mul(aHi, bHi))
            t1 := add(t1, cross)
            t2 := add(t2, lt(t1, cross))
        }
    }
}
