// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IGroth16Verifier } from "../interfaces/IGroth16Verifier.sol";
import { Bn254 } from "./Bn254.sol";

/// @title  Groth16
/// @notice The verification equation e(A, B) = e(α, β) · e(L, γ) · e(C, δ) with L = IC_0 + Σ s_i · IC_(i+1).
/// @dev A key is α (64 bytes), β, γ, δ (128 each), IC_0 … IC_n (64 each) in EIP-197 order, kept by CodeStore.
library Groth16 {
    uint256 private constant GAMMA_AT = 0xc0;
    uint256 private constant DELTA_AT = 0x140;
    uint256 private constant IC_AT = 0x1c0;
    uint256 private constant G1_BYTES = 0x40;

    /// @notice Bytes of a key for `signalCount` public signals.
    function keyBytes(uint256 signalCount) internal pure returns (uint256) {
        return IC_AT + G1_BYTES * (signalCount + 1);
    }

    /// @notice Copies the key at `pointer` to memory; reverts when it is not one for `signalCount` signals.
    /// @return key Memory address of its first byte.
    function load(address pointer, uint256 signalCount) internal view returns (uint256 key) {
        uint256 expected = keyBytes(signalCount);
        uint256 codeLength = pointer.code.length;
        if (codeLength != expected + 1) {
            revert IGroth16Verifier.KeyLengthMismatch(pointer, expected, codeLength == 0 ? 0 : codeLength - 1);
        }

        // The code starts with CodeStore's STOP byte. The length equals `expected`, a multiple of 32.
        assembly ("memory-safe") {
            key := mload(0x40)
            extcodecopy(pointer, key, 1, expected)
            mstore(0x40, add(key, expected))
        }
    }

    /// @notice Reverts unless every signal lies below P and every coordinate below Q, so that none has a second form.
    function requireInField(uint256[] calldata signals, uint256[8] calldata proof) internal pure {
        (uint256 p, uint256 q) = (Bn254.P, Bn254.Q);
        bool below = true;
        // Reads the signals and the eight coordinates, which the ABI decoder has found to lie in the calldata.
        assembly ("memory-safe") {
            let limit := add(signals.offset, shl(5, signals.length))
            for {
                let next := signals.offset
            } lt(next, limit) {
                next := add(next, 0x20)
            } {
                below := and(below, lt(calldataload(next), p))
            }
            limit := add(proof, 0x100)
            for {
                let next := proof
            } lt(next, limit) {
                next := add(next, 0x20)
            } {
                below := and(below, lt(calldataload(next), q))
            }
        }
        if (!below) _nameFault(signals, proof);
    }

    /// @dev Finds which one it was.
    function _nameFault(uint256[] calldata signals, uint256[8] calldata proof) private pure {
        for (uint256 i; i < signals.length; ++i) {
            if (signals[i] >= Bn254.P) revert IGroth16Verifier.SignalNotInField(i, signals[i]);
        }
        for (uint256 i; i < proof.length; ++i) {
            if (proof[i] >= Bn254.Q) revert IGroth16Verifier.CoordinateNotInField(i, proof[i]);
        }
    }

    /// @notice Whether the equation holds; false also when a point of the proof is not on its curve or in its group.
    /// @param key Memory address from `load` for the same number of signals.
    function holds(
        uint256 key,
        uint256[] calldata signals,
        uint256[8] calldata proof
    ) internal view returns (bool valid) {
        uint256 order = Bn254.Q;
        // Works in the 0x300 bytes behind the free memory pointer: four pairs (G1, G2) of 0xc0 bytes each, asking
        // for e(-A, B) · e(α, β) · e(L, γ) · e(C, δ) = 1. L grows in its place, the term to add right behind it.
        assembly ("memory-safe") {
            let pairs := mload(0x40)
            let sum := add(pairs, 0x180)
            let term := add(sum, 0x40)
            let ic := add(key, IC_AT)
            let limit := add(signals.offset, shl(5, signals.length))
            mcopy(sum, ic, 0x40)
            valid := 1
            for {
                let at := signals.offset
            } lt(at, limit) {
                at := add(at, 0x20)
            } {
                ic := add(ic, G1_BYTES)
                mcopy(term, ic, 0x40)
                mstore(add(term, 0x40), calldataload(at))
                valid := and(valid, staticcall(gas(), 7, term, 0x60, term, 0x40)) // ecMul
                valid := and(valid, staticcall(gas(), 6, sum, 0x80, sum, 0x40)) // ecAdd
            }
            calldatacopy(pairs, proof, 0xc0) // A, B
            mstore(add(pairs, 0x20), mod(sub(order, mload(add(pairs, 0x20))), order)) // -A; y < order was checked
            mcopy(add(pairs, 0xc0), key, 0xc0) // α, β
            mcopy(term, add(key, GAMMA_AT), 0x80)
            calldatacopy(add(pairs, 0x240), add(proof, 0xc0), 0x40) // C
            mcopy(add(pairs, 0x280), add(key, DELTA_AT), 0x80)
            // A failed call leaves the scratch word as it was, so `valid` is 0 before that word is looked at.
            valid := and(valid, staticcall(gas(), 8, pairs, 0x300, 0x00, 0x20))
            valid := and(valid, mload(0x00))
        }
    }
}
