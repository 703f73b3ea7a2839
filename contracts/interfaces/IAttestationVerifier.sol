// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice What one attestation document says, once everything in it was verified.
/// @dev Ids are those of libraries/EnclaveIds.sol.
struct Attestation {
    bytes32 rootId; // of the vendor's root key that the document chains to
    bytes32 measurementId; // of the code that runs inside
    bytes userData; // Nitro user_data, TDX and SGX report_data (64 bytes)
    uint64 issuedAt; // unix seconds; 0 = this kind of document carries no time
    uint64 notAfter; // unix seconds; the earliest end of all certificates and collateral, inclusive
    bytes32[] traits; // everything in it that can be revoked: root, certificates, platform
}

/// @title  IAttestationVerifier
/// @notice Verifies the attestation documents of one TEE family under one vendor root that is part of its code.
/// @dev It reverts with a typed error unless the document is genuine, current, unrevoked and not of a debug enclave.
/// What the document is good for (whose key, which model) is not its business: that is TeeRegistry's.
interface IAttestationVerifier {
    /// @notice The family of evidence that documents of this kind stand for.
    /// @return A FAMILY_TEE_* of types/Constants.sol.
    function family() external view returns (uint8);

    /// @notice Whether documents are signed under a development root, whose key everybody has.
    /// @return True for stand-ins, which work on development chains only.
    function isSimulated() external view returns (bool);

    /// @notice Verifies one document at the time of the block.
    /// @param document   Nitro: the COSE_Sign1 document. TDX: the quote.
    /// @param collateral What the document needs beside it; Nitro: empty. TDX stand-in: abi.encode(leaf, intermediate).
    /// @return magic       This function's selector.
    /// @return attestation What the document says.
    function verify(
        bytes calldata document,
        bytes calldata collateral
    ) external returns (bytes4 magic, Attestation memory attestation);
}
