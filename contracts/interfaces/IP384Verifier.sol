// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  P384Verifier
/// @notice ECDSA over secp384r1 (FIPS 186-5) on a given SHA-384 hash, without state, owner or key of its own.
/// @dev Both s and n - s are accepted, as X.509 and COSE do: never use a signature's bytes as an identity.
interface IP384Verifier {
    /// @notice The key is not x and y of 48 bytes each.
    error KeyLengthMismatch(uint256 expectedBytes, uint256 actualBytes);
    /// @notice The signature is not r and s of 48 bytes each.
    error SignatureLengthMismatch(uint256 expectedBytes, uint256 actualBytes);
    /// @notice The upper part of a hash has more than 128 bits.
    error HashOutOfRange(uint256 hashHi);
    /// @notice The MODEXP precompile gave no answer: it ran out of gas, or the chain has none.
    error PrecompileFailed();

    /// @notice Whether `signature` is one of the hash by `key`.
    /// @param hashHi Upper 128 bits of the SHA-384 hash.
    /// @param hashLo Lower 256 bits of the SHA-384 hash.
    /// @param key x and y, 48 bytes each, big-endian; false when they are no point of the curve or not below p.
    /// @param signature r and s, 48 bytes each, big-endian; false when one of them is 0 or not below the order n.
    /// @return valid True only for a signature that verifies; about 2.1 million gas.
    function verify(
        uint256 hashHi,
        uint256 hashLo,
        bytes calldata key,
        bytes calldata signature
    ) external view returns (bool valid);

    /// @notice Whether `key` is a point of the curve, and so a public key: the curve has prime order.
    /// @param key x and y, 48 bytes each, big-endian.
    /// @return valid False when a coordinate is not below p or y² = x³ - 3x + b does not hold.
    function isOnCurve(bytes calldata key) external pure returns (bool valid);
}
