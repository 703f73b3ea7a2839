// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  Groth16Verifier
/// @notice One verifier for every key: the key is read from code, the caller rebuilds the public signals.
interface IGroth16Verifier {
    /// @notice A public signal is not below the scalar field order.
    error SignalNotInField(uint256 index, uint256 value);
    /// @notice A proof coordinate is not below the base field order.
    error CoordinateNotInField(uint256 index, uint256 value);
    /// @notice The key at `pointer` does not fit the number of signals, or there is none.
    error KeyLengthMismatch(address pointer, uint256 expectedBytes, uint256 actualBytes);
    /// @notice The pairing equation does not hold, or a point is not on the curve.
    error ProofInvalid();

    /// @notice Reverts unless `proof` (A, B, C in EIP-197 order) proves `signals` under the key stored at `pointer`.
    /// @param pointer SSTORE2 contract holding alpha, beta, gamma, delta, IC in EIP-197 order.
    /// @return magic `IGroth16Verifier.verify.selector`.
    function verify(
        address pointer,
        uint256[] calldata signals,
        uint256[8] calldata proof
    ) external view returns (bytes4 magic);
}
