// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Bn254 } from "../../../contracts/libraries/Bn254.sol";
import { ForgeableKey } from "../support/ForgeableKey.sol";
import { vm } from "../support/Vm.sol";

contract Bn254Test {
    function testFuzz_isOnG1_holdsForMultiplesOfTheGenerator(uint256 scalar) public view {
        (uint256 x, uint256 y) = abi.decode(ForgeableKey.g1(scalar), (uint256, uint256));
        vm.assume(x | y != 0);

        vm.assertTrue(Bn254.isOnG1(x, y));
        vm.assertTrue(Bn254.isOnG1(x, Bn254.Q - y));
    }

    /// @dev The precompile refuses exactly the points that do not solve the equation.
    function testFuzz_isOnG1_agreesWithThePrecompile(uint256 x, uint256 y) public view {
        (x, y) = (x % Bn254.Q, y % Bn254.Q);
        vm.assume(x | y != 0);

        (bool accepted, ) = address(6).staticcall{ gas: 1000 }(abi.encode(x, y, uint256(0), uint256(0)));

        vm.assertEq(Bn254.isOnG1(x, y), accepted);
    }

    function test_isOnG2_holdsForPointsOfBothKinds() public pure {
        bytes[5] memory points = [
            ForgeableKey.generator2(),
            ForgeableKey.betaPoint(),
            ForgeableKey.gammaPoint(),
            ForgeableKey.deltaPoint(),
            ForgeableKey.strangePoint()
        ];
        for (uint256 i; i < points.length; ++i) vm.assertTrue(isOnG2(points[i]));
    }

    function testFuzz_isOnG2_failsForAnyOtherPoint(uint256 which, uint256 change) public pure {
        bytes memory point = ForgeableKey.betaPoint();
        uint256[4] memory c = abi.decode(point, (uint256[4]));
        change = 1 + (change % (Bn254.Q - 1));
        uint256 changed = addmod(c[which % 4], change, Bn254.Q);
        // The one change that stays on the curve: y to -y needs both of its coordinates, so a single one never does.
        c[which % 4] = changed;

        vm.assertFalse(Bn254.isOnG2(c[0], c[1], c[2], c[3]));
    }

    function test_isInG2_tellsTheGroupFromTheCurve() public view {
        vm.assertTrue(isInG2(ForgeableKey.deltaPoint()));
        vm.assertFalse(isInG2(ForgeableKey.strangePoint()));
        vm.assertFalse(Bn254.isInG2(1, 2, 3, 4));
    }

    function isOnG2(bytes memory point) private pure returns (bool) {
        uint256[4] memory c = abi.decode(point, (uint256[4]));
        return Bn254.isOnG2(c[0], c[1], c[2], c[3]);
    }

    function isInG2(bytes memory point) private view returns (bool) {
        uint256[4] memory c = abi.decode(point, (uint256[4]));
        return Bn254.isInG2(c[0], c[1], c[2], c[3]);
    }
}
