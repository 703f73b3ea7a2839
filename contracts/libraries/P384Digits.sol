// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  P384Digits
/// @notice Scalars as sums of few signed odd multiples of powers of two (width-w non-adjacent form).
/// @dev A scalar below 2^384 is Σ d_i·2^i over 0 <= i <= 384 with d_i zero or odd, |d_i| < 2^(w-1), and of w
/// neighbours at most one not zero. Cells of four bytes hold the digits of two scalars at one i, two bytes each: 1 when
/// the digit is negative, then its magnitude, so that a cell is 0 when both digits are.
library P384Digits {
    /// @notice Number of the highest digit of a scalar below 2^384: its last carry.
    uint256 internal constant LAST = 384;
    /// @notice Bytes of a cell. The cells take LAST + 1 times as many; reading the last one touches 28 more.
    uint256 internal constant CELL_BYTES = 4;

    /// @notice Writes the digits of one scalar into cells that were 0.
    /// @param hi Upper part of the scalar, below 2^128.
    /// @param width w, from 2 to 9.
    /// @param cells Address of the first cell plus 0 or 2: which half of the cells the scalar has.
    function write(uint256 hi, uint256 lo, uint256 width, uint256 cells) internal pure {
        // Invariant: the digits below `i` and carry·2^i and the bits from `i` on make up the scalar. Shifts by 256 and
        // more, also by what is negative as an integer, give 0, so `bits` is the scalar shifted right by i for
        // every i. The last carry goes to i = 384 at most: bits above are 0, and a carry meets the first of them.
        assembly ("memory-safe") {
            let span := shl(width, 1)
            let carry := 0
            for {
                let i := 0
            } lt(i, 385) {} {
                let bits := or(or(shr(i, lo), shl(sub(256, i), hi)), shr(sub(i, 256), hi))
                switch eq(and(bits, 1), carry)
                case 1 {
                    i := add(i, 1)
                }
                default {
                    let digit := add(and(bits, sub(span, 1)), carry) // odd, from 1 to span - 1
                    carry := gt(digit, shr(1, span))
                    if carry {
                        digit := sub(span, digit)
                    }
                    let cell := add(cells, shl(2, i))
                    mstore8(cell, carry)
                    mstore8(add(cell, 1), digit)
                    i := add(i, width)
                }
            }
        }
    }

    /// @notice A cell: one scalar's digit in the upper 16 bits, the other's in the lower 16.
    function read(uint256 cell) internal pure returns (uint256 digits) {
        // Reads 32 bytes from the cell on, which the caller has reserved.
        assembly ("memory-safe") {
            digits := shr(224, mload(cell))
        }
    }
}
