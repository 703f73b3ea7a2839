// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IModelRegistry, KeyFault } from "../../../contracts/interfaces/IModelRegistry.sol";
import { Bn254 } from "../../../contracts/libraries/Bn254.sol";
import { KeyLint } from "../../../contracts/libraries/KeyLint.sol";
import { bound } from "../support/Bound.sol";
import { ForgeableKey } from "../support/ForgeableKey.sol";
import { vm } from "../support/Vm.sol";

/// @dev Points are numbered 0 α, 1 β, 2 γ, 3 δ, 4 + i IC_i; coordinates in the order of the bytes.
contract KeyLintTest {
    uint256 private constant SIGNALS = 3;

    function testFuzz_requireSound_acceptsHonestKeys(uint256 seed, uint256 signals) public view {
        signals = bound(signals, 2, 5);

        this.lint(ForgeableKey.keyBytes(seed, signals), signals);
    }

    function test_requireSound_acceptsKeysOfAnIndependentSetup() public view {
        this.lint(vectorKey(0, ".key"), 3);
        this.lint(vectorKey(1, ".key"), 4);
    }

    function test_requireSound_RevertWhen_Length() public {
        bytes memory key = ForgeableKey.keyBytes(1, SIGNALS);

        expectFault(KeyFault.Length, 704);
        this.lint(key, SIGNALS + 1);
        expectFault(KeyFault.Length, 705);
        this.lint(bytes.concat(key, hex"00"), SIGNALS);
        expectFault(KeyFault.Length, 0);
        this.lint("", SIGNALS);
    }

    function testFuzz_requireSound_RevertWhen_CoordinateNotInField(uint256 index, uint256 value) public {
        bytes memory key = ForgeableKey.keyBytes(1, SIGNALS);
        index = bound(index, 0, key.length / 32 - 1);
        setCoordinate(key, index, bound(value, Bn254.Q, type(uint256).max));

        expectRefused(key, KeyFault.CoordinateNotInField, index);
    }

    /// @dev T-03 for keys: the same point written with x + q.
    function testFuzz_requireSound_RevertWhen_CoordinateIsAliased(uint256 index) public {
        bytes memory key = ForgeableKey.keyBytes(1, SIGNALS);
        index = bound(index, 0, key.length / 32 - 1);
        setCoordinate(key, index, coordinate(key, index) + Bn254.Q);

        expectRefused(key, KeyFault.CoordinateNotInField, index);
    }

    function testFuzz_requireSound_RevertWhen_PointAtInfinity(uint256 point) public {
        bytes memory key = ForgeableKey.keyBytes(1, SIGNALS);
        point = bound(point, 0, 4 + SIGNALS);
        (uint256 first, uint256 count) = coordinatesOf(point);
        for (uint256 i = first; i < first + count; ++i) setCoordinate(key, i, 0);

        expectRefused(key, KeyFault.PointAtInfinity, point);
    }

    function testFuzz_requireSound_RevertWhen_NotOnCurve(uint256 point) public {
        bytes memory key = ForgeableKey.keyBytes(1, SIGNALS);
        point = bound(point, 0, 4 + SIGNALS);
        (uint256 first, ) = coordinatesOf(point);
        setCoordinate(key, first, addmod(coordinate(key, first), 1, Bn254.Q));

        expectRefused(key, KeyFault.NotOnCurve, point);
    }

    function testFuzz_requireSound_RevertWhen_NotInSubgroup(uint256 point) public {
        point = bound(point, 1, 3);
        bytes[3] memory g2 = [ForgeableKey.betaPoint(), ForgeableKey.gammaPoint(), ForgeableKey.deltaPoint()];
        g2[point - 1] = ForgeableKey.strangePoint();

        expectRefused(keyWith(g2[0], g2[1], g2[2]), KeyFault.NotInSubgroup, point);
    }

    /// @dev T-01: a key whose second phase was skipped.
    function test_requireSound_RevertWhen_GammaEqualsDelta() public {
        bytes memory beta = ForgeableKey.betaPoint();
        bytes memory gamma = ForgeableKey.gammaPoint();

        expectRefused(keyWith(beta, gamma, gamma), KeyFault.GammaEqualsDelta, 3);
        expectRefused(keyWith(beta, gamma, negated(gamma)), KeyFault.GammaEqualsDelta, 3);
        expectRefused(vectorKey(0, ".unfinishedKey"), KeyFault.GammaEqualsDelta, 3);
    }

    function test_requireSound_RevertWhen_DeltaIsGenerator() public {
        bytes memory beta = ForgeableKey.betaPoint();
        bytes memory gamma = ForgeableKey.gammaPoint();
        bytes memory generator = ForgeableKey.generator2();

        expectRefused(keyWith(beta, gamma, generator), KeyFault.DeltaIsGenerator, 3);
        expectRefused(keyWith(beta, gamma, negated(generator)), KeyFault.DeltaIsGenerator, 3);
    }

    function test_requireSound_acceptsGammaAsGenerator() public view {
        this.lint(keyWith(ForgeableKey.betaPoint(), ForgeableKey.generator2(), ForgeableKey.deltaPoint()), SIGNALS);
    }

    function test_requireSound_RevertWhen_BetaRepeated() public {
        bytes memory gamma = ForgeableKey.gammaPoint();
        bytes memory delta = ForgeableKey.deltaPoint();

        expectRefused(keyWith(gamma, gamma, delta), KeyFault.BetaRepeated, 2);
        expectRefused(keyWith(negated(gamma), gamma, delta), KeyFault.BetaRepeated, 2);
        expectRefused(keyWith(delta, gamma, delta), KeyFault.BetaRepeated, 3);
        expectRefused(keyWith(negated(delta), gamma, delta), KeyFault.BetaRepeated, 3);
    }

    function testFuzz_requireSound_RevertWhen_DuplicateIc(uint256 a, uint256 b, bool opposite) public {
        a = bound(a, 0, SIGNALS - 1);
        b = bound(b, a + 1, SIGNALS);
        bytes memory key = ForgeableKey.keyBytes(1, SIGNALS);
        uint256 y = coordinate(key, 15 + 2 * a);
        setCoordinate(key, 14 + 2 * b, coordinate(key, 14 + 2 * a));
        setCoordinate(key, 15 + 2 * b, opposite ? Bn254.Q - y : y);

        expectRefused(key, KeyFault.DuplicateIc, 4 + b);
    }

    function lint(bytes calldata key, uint256 signals) external view {
        KeyLint.requireSound(key, signals);
    }

    function expectFault(KeyFault fault, uint256 index) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.BadVerifyingKey.selector, fault, index));
    }

    function expectRefused(bytes memory key, KeyFault fault, uint256 index) private {
        expectFault(fault, index);
        this.lint(key, SIGNALS);
    }

    function keyWith(bytes memory beta, bytes memory gamma, bytes memory delta) private view returns (bytes memory) {
        return ForgeableKey.keyBytesWith(1, SIGNALS, beta, gamma, delta);
    }

    function negated(bytes memory point) private pure returns (bytes memory) {
        uint256[4] memory c = abi.decode(point, (uint256[4]));
        return abi.encode(c[0], c[1], c[2] == 0 ? 0 : Bn254.Q - c[2], c[3] == 0 ? 0 : Bn254.Q - c[3]);
    }

    function coordinatesOf(uint256 point) private pure returns (uint256 first, uint256 count) {
        if (point == 0) return (0, 2);
        return point < 4 ? (4 * point - 2, 4) : (14 + 2 * (point - 4), 2);
    }

    function coordinate(bytes memory key, uint256 index) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(key, 0x20), mul(index, 0x20)))
        }
    }

    function setCoordinate(bytes memory key, uint256 index, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore(add(add(key, 0x20), mul(index, 0x20)), value)
        }
    }

    function vectorKey(uint256 index, string memory member) private view returns (bytes memory) {
        string memory json = vm.readFile("test/vectors/groth16.json");
        return vm.parseJsonBytes(json, string.concat("$.cases[", vm.toString(index), "]", member));
    }
}
