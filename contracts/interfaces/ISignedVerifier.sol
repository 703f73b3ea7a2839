// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  SignedVerifier
/// @notice ECDSA over secp256k1: 65 bytes r‖s‖v, low s, v 27 or 28.
interface ISignedVerifier {
    error SignatureMalformed(uint256 length);
    /// @notice High s or v outside 27, 28: one signature has one form.
    error SignatureNotCanonical(bytes32 s, uint8 v);
    error SignerMismatch(address expected, address recovered);

    /// @notice Reverts unless `signature` over `digest` is by `key`.
    /// @return magic `ISignedVerifier.verify.selector`.
    function verify(bytes32 digest, address key, bytes calldata signature) external view returns (bytes4 magic);
}
