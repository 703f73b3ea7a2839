// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { P384Field as Field } from "../../../contracts/libraries/P384Field.sol";
import { P384Multiples } from "../../../contracts/libraries/P384Multiples.sol";
import { P384Point as Point } from "../../../contracts/libraries/P384Point.sol";
import { Workspace } from "../../../contracts/libraries/Workspace.sol";
import { vm } from "../support/Vm.sol";

contract P384PointTest {
    struct Affine {
        uint256 xHi;
        uint256 xLo;
        uint256 wHi;
        uint256 wLo;
    }

    uint256 private constant MULTIPLES = 128;
    uint256 private constant WORKSPACE_END = 0x4c0;

    /// @dev Every entry is the one before plus twice the first; so the table is right when G is.
    function test_add_walksThroughTheTable() external pure {
        Workspace.reserve(WORKSPACE_END);
        bytes memory table = P384Multiples.OF_BASE;
        vm.assertEq(table.length, 96 * MULTIPLES);

        Affine memory base = entry(table, 0);
        assign(base);
        for (uint256 i = 1; i < MULTIPLES; ++i) {
            add(base);
            add(base);
            assertIs(entry(table, i));
        }
    }

    /// @dev The generator as the standard has it (SEC 2, 2.5.1).
    function test_table_beginsWithTheGenerator() external pure {
        Affine memory base = entry(P384Multiples.OF_BASE, 0);
        Affine memory standard;
        (standard.xHi, standard.xLo) = Field.toMontgomery(
            0xaa87ca22be8b05378eb1c71ef320ad74,
            0x6e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7
        );
        (standard.wHi, standard.wLo) = Field.toMontgomery(
            0x3617de4a96262c6f5d9e98bf9292dc29,
            0xf8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f
        );
        (standard.wHi, standard.wLo) = Field.twice(standard.wHi, standard.wLo);

        (uint256 hi, uint256 lo) = Field.sub(base.xHi, base.xLo, standard.xHi, standard.xLo);
        vm.assertEq(hi | lo, 0);
        (hi, lo) = Field.sub(base.wHi, base.wLo, standard.wHi, standard.wLo);
        vm.assertEq(hi | lo, 0);
    }

    function testFuzz_add_ofAPointToItselfDoublesIt(uint256 which, uint256 from) external pure {
        Workspace.reserve(WORKSPACE_END);
        bytes memory table = P384Multiples.OF_BASE;
        Affine memory first = entry(table, from % MULTIPLES);
        Affine memory point = entry(table, which % MULTIPLES);

        // first - first + point: the same point with another Z
        assign(first);
        add(point);
        add(negated(first));
        assertIs(point);
        add(point);
        uint256[6] memory sum = accumulator();
        assign(point);
        Point.double();

        assertSame(sum, accumulator());
    }

    function testFuzz_add_ofTheNegativeIsInfinity(uint256 which, uint256 next) external pure {
        Workspace.reserve(WORKSPACE_END);
        bytes memory table = P384Multiples.OF_BASE;
        Affine memory point = entry(table, which % MULTIPLES);

        assign(point);
        vm.assertFalse(Point.isInfinity());
        Point.double();
        add(negated(point));
        add(negated(point));

        vm.assertTrue(Point.isInfinity());
        Point.double();
        vm.assertTrue(Point.isInfinity());
        add(entry(table, next % MULTIPLES));
        assertIs(entry(table, next % MULTIPLES));
    }

    /// @dev (a + b) + c = (c + b) + a, whatever they are.
    function testFuzz_add_doesNotDependOnTheOrder(uint256 a, uint256 b, uint256 c) external pure {
        Workspace.reserve(WORKSPACE_END);
        bytes memory table = P384Multiples.OF_BASE;

        assign(signed(table, a));
        add(signed(table, b));
        Point.double();
        add(signed(table, c));
        add(signed(table, a));
        uint256[6] memory sum = accumulator();
        assign(signed(table, b));
        add(signed(table, a));
        Point.double();
        add(signed(table, a));
        add(signed(table, c));

        assertSame(sum, accumulator());
    }

    function entry(bytes memory table, uint256 i) private pure returns (Affine memory point) {
        assembly ("memory-safe") {
            let from := add(add(table, 0x20), mul(i, 96))
            mstore(point, sar(128, mload(from)))
            mstore(add(point, 0x20), mload(add(from, 16)))
            mstore(add(point, 0x40), sar(128, mload(add(from, 48))))
            mstore(add(point, 0x60), mload(add(from, 64)))
        }
    }

    function signed(bytes memory table, uint256 selector) private pure returns (Affine memory point) {
        point = entry(table, (selector >> 1) % MULTIPLES);
        if (selector & 1 == 1) point = negated(point);
    }

    function negated(Affine memory point) private pure returns (Affine memory negative) {
        (negative.xHi, negative.xLo) = (point.xHi, point.xLo);
        (negative.wHi, negative.wLo) = Field.minus(0, 0, point.wHi, point.wLo);
    }

    function assign(Affine memory point) private pure {
        Point.assign(point.xHi, point.xLo, point.wHi, point.wLo);
    }

    function add(Affine memory point) private pure {
        Point.add(point.xHi, point.xLo, point.wHi, point.wLo);
    }

    function accumulator() private pure returns (uint256[6] memory words) {
        (words[0], words[1]) = Point.load(Point.X);
        (words[2], words[3]) = Point.load(Point.W);
        (words[4], words[5]) = Point.load(Point.Z);
    }

    function assertIs(Affine memory point) private pure {
        assertSame(accumulator(), [point.xHi, point.xLo, point.wHi, point.wLo, 1, 0]);
    }

    /// @dev X·Z'² = X'·Z² and W·Z'³ = W'·Z³, or both infinity.
    function assertSame(uint256[6] memory a, uint256[6] memory b) private pure {
        vm.assertEq(a[4] | a[5] == 0, b[4] | b[5] == 0);
        (uint256 lHi, uint256 lLo) = scaled(a, b, 0, 2);
        (uint256 rHi, uint256 rLo) = scaled(b, a, 0, 2);
        vm.assertTrue(lHi == rHi && lLo == rLo, "another x");
        (lHi, lLo) = scaled(a, b, 2, 3);
        (rHi, rLo) = scaled(b, a, 2, 3);
        vm.assertTrue(lHi == rHi && lLo == rLo, "another w");
    }

    /// @dev A coordinate of `a` times a power of Z of `b`, as its least residue.
    function scaled(
        uint256[6] memory a,
        uint256[6] memory b,
        uint256 index,
        uint256 power
    ) private pure returns (uint256 hi, uint256 lo) {
        (hi, lo) = (a[index], a[index + 1]);
        for (uint256 i; i < power; ++i) (hi, lo) = Field.mul(hi, lo, b[4], b[5]);
        return Field.canonical(hi, lo);
    }
}
