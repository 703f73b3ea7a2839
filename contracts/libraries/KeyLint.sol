// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IModelRegistry, KeyFault } from "../interfaces/IModelRegistry.sol";
import { Bn254 } from "./Bn254.sol";
import { Groth16 } from "./Groth16.sol";

/// @title  KeyLint
/// @notice Refuses verifying keys that anybody could forge with. It cannot see who knows the secrets of a setup.
/// @dev Points are numbered 0 α, 1 β, 2 γ, 3 δ, 4 + i IC_i. Two points that differ in sign only are as bad as equal
/// ones, so everything is compared by x. Why G2 points must differ:
///   γ = ±δ   A = α, B = β, C = ∓L proves anything (a setup whose second phase was skipped has γ = δ = generator)
///   β = ±γ   A = α ± L, B = β, C = 0
///   β = ±δ   A = L, B = γ, C = ∓α
library KeyLint {
    uint256 private constant COORDINATE_BYTES = 32;
    uint256 private constant FIRST_IC = 4;
    uint256 private constant G2_GENERATOR_X_IMAG =
        11559732032986387107991004021392285783925812861821192530917403151452391805634;
    uint256 private constant G2_GENERATOR_X_REAL =
        10857046999023057135944570762232829481370756359578518086990519993285655852781;

    /// @notice Reverts BadVerifyingKey unless `key` is sound and is a key for `signalCount` public signals.
    function requireSound(bytes calldata key, uint256 signalCount) internal view {
        if (key.length != Groth16.keyBytes(signalCount)) {
            revert IModelRegistry.BadVerifyingKey(KeyFault.Length, key.length);
        }
        for (uint256 i; i < key.length / COORDINATE_BYTES; ++i) {
            if (_coordinate(key, i) >= Bn254.Q) revert IModelRegistry.BadVerifyingKey(KeyFault.CoordinateNotInField, i);
        }

        _requireG1(key, 0);
        for (uint256 i; i <= signalCount; ++i) _requireG1(key, FIRST_IC + i);
        for (uint256 i = 1; i < FIRST_IC; ++i) _requireG2(key, i);
        _requireDistinctG2(key);
        _requireDistinctIc(key, signalCount);
    }

    /// @dev Affine, not infinity, on the curve: the whole curve is the group.
    function _requireG1(bytes calldata key, uint256 point) private pure {
        uint256 first = _firstCoordinate(point);
        (uint256 x, uint256 y) = (_coordinate(key, first), _coordinate(key, first + 1));
        if (x | y == 0) revert IModelRegistry.BadVerifyingKey(KeyFault.PointAtInfinity, point);
        if (!Bn254.isOnG1(x, y)) revert IModelRegistry.BadVerifyingKey(KeyFault.NotOnCurve, point);
    }

    /// @dev Affine, not infinity, on the twisted curve, in the group of order P.
    function _requireG2(bytes calldata key, uint256 point) private view {
        uint256 first = _firstCoordinate(point);
        (uint256 xImag, uint256 xReal) = (_coordinate(key, first), _coordinate(key, first + 1));
        (uint256 yImag, uint256 yReal) = (_coordinate(key, first + 2), _coordinate(key, first + 3));
        if (xImag | xReal | yImag | yReal == 0) {
            revert IModelRegistry.BadVerifyingKey(KeyFault.PointAtInfinity, point);
        }
        if (!Bn254.isOnG2(xImag, xReal, yImag, yReal)) {
            revert IModelRegistry.BadVerifyingKey(KeyFault.NotOnCurve, point);
        }
        if (!Bn254.isInG2(xImag, xReal, yImag, yReal)) {
            revert IModelRegistry.BadVerifyingKey(KeyFault.NotInSubgroup, point);
        }
    }

    /// @dev β, γ, δ differ, and δ is not the generator, which an initial, unfinished setup leaves there.
    function _requireDistinctG2(bytes calldata key) private pure {
        if (_sameX2(key, 2, 3)) revert IModelRegistry.BadVerifyingKey(KeyFault.GammaEqualsDelta, 3);
        uint256 delta = _firstCoordinate(3);
        if (_coordinate(key, delta) == G2_GENERATOR_X_IMAG && _coordinate(key, delta + 1) == G2_GENERATOR_X_REAL) {
            revert IModelRegistry.BadVerifyingKey(KeyFault.DeltaIsGenerator, 3);
        }
        for (uint256 i = 2; i <= 3; ++i) {
            if (_sameX2(key, 1, i)) revert IModelRegistry.BadVerifyingKey(KeyFault.BetaRepeated, i);
        }
    }

    /// @dev Equal points would bind only the sum of two signals, opposite points only their difference.
    function _requireDistinctIc(bytes calldata key, uint256 signalCount) private pure {
        for (uint256 i = 1; i <= signalCount; ++i) {
            uint256 x = _coordinate(key, _firstCoordinate(FIRST_IC + i));
            for (uint256 j; j < i; ++j) {
                if (x == _coordinate(key, _firstCoordinate(FIRST_IC + j))) {
                    revert IModelRegistry.BadVerifyingKey(KeyFault.DuplicateIc, FIRST_IC + i);
                }
            }
        }
    }

    function _sameX2(bytes calldata key, uint256 a, uint256 b) private pure returns (bool) {
        (uint256 atA, uint256 atB) = (_firstCoordinate(a), _firstCoordinate(b));
        return _coordinate(key, atA) == _coordinate(key, atB) && _coordinate(key, atA + 1) == _coordinate(key, atB + 1);
    }

    /// @dev Index of a point's first coordinate: α has 2, β, γ, δ have 4, every IC has 2.
    function _firstCoordinate(uint256 point) private pure returns (uint256) {
        if (point == 0) return 0;
        return point < FIRST_IC ? 4 * point - 2 : 14 + 2 * (point - FIRST_IC);
    }

    function _coordinate(bytes calldata key, uint256 index) private pure returns (uint256) {
        return uint256(bytes32(key[COORDINATE_BYTES * index:COORDINATE_BYTES * (index + 1)]));
    }
}
