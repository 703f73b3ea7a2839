// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { P384Digits } from "../../../contracts/libraries/P384Digits.sol";
import { vm } from "../support/Vm.sol";

contract P384DigitsTest {
    uint256 private constant CELLS = 385;

    function testFuzz_write_sumsUpToTheScalar(uint128 hi, uint256 lo, uint256 width) public pure {
        assertDigits(hi, lo, 2 + (width % 8));
    }

    function test_write_takesTheEdges() public pure {
        uint256[5] memory words = [uint256(0), 1, type(uint256).max, 1 << 255, type(uint256).max << 128];
        for (uint256 width = 2; width < 10; ++width) {
            for (uint256 i; i < words.length; ++i) {
                for (uint256 j; j < words.length; ++j) assertDigits(words[i] >> 128, words[j], width);
            }
        }
    }

    function testFuzz_write_keepsTheOtherScalar(uint128 hi, uint256 lo) public pure {
        uint256 cells = emptyCells();
        P384Digits.write(hi, lo, 9, cells);
        P384Digits.write(hi, lo, 5, cells + 2);

        uint256 others = emptyCells();
        P384Digits.write(hi, lo, 9, others);
        uint256 last = emptyCells();
        P384Digits.write(hi, lo, 5, last + 2);
        for (uint256 i; i < CELLS; ++i) {
            uint256 both = P384Digits.read(cells + 4 * i);
            vm.assertEq(both, P384Digits.read(others + 4 * i) | P384Digits.read(last + 4 * i));
        }
    }

    /// @dev Adds the digits up from the highest, whose sum is never negative, and looks at each.
    function assertDigits(uint256 hi, uint256 lo, uint256 width) private pure {
        uint256 cells = emptyCells();
        P384Digits.write(hi, lo, width, cells);

        (uint256 sumHi, uint256 sumLo) = (0, 0);
        uint256 lastSet = type(uint256).max;
        for (uint256 i = CELLS; i > 0; --i) {
            uint256 digit = P384Digits.read(cells + 4 * (i - 1));
            (sumHi, sumLo) = (2 * sumHi + (sumLo >> 255), sumLo << 1);
            if (digit == 0) continue;
            vm.assertGe(lastSet, i - 1 + width, "digits too near");
            lastSet = i - 1;
            vm.assertEq(digit & 0x1ffff, 0x10000, "digit not odd");
            uint256 magnitude = (digit >> 16) & 0xff;
            vm.assertLt(magnitude, 2 ** (width - 1));
            vm.assertLt(digit >> 24, 2);
            (sumHi, sumLo) = digit >> 24 == 1 ? minus(sumHi, sumLo, magnitude) : plus(sumHi, sumLo, magnitude);
        }
        vm.assertEq(sumHi, hi);
        vm.assertEq(sumLo, lo);
    }

    function plus(uint256 hi, uint256 lo, uint256 small) private pure returns (uint256, uint256) {
        uint256 room = type(uint256).max - lo;
        return small > room ? (hi + 1, small - room - 1) : (hi, lo + small);
    }

    function minus(uint256 hi, uint256 lo, uint256 small) private pure returns (uint256, uint256) {
        return small > lo ? (hi - 1, type(uint256).max - (small - lo - 1)) : (hi, lo - small);
    }

    function emptyCells() private pure returns (uint256 cells) {
        bytes memory room = new bytes(4 * CELLS + 28);
        assembly ("memory-safe") {
            cells := add(room, 0x20)
        }
    }
}
