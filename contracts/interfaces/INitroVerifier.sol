// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "./IAttestationErrors.sol";
import { IAttestationPolicy } from "./IAttestationPolicy.sol";
import { IAttestationVerifier } from "./IAttestationVerifier.sol";
import { IP384Verifier } from "./IP384Verifier.sol";
import { ISha384 } from "./ISha384.sol";

/// @title  NitroVerifier
/// @notice Verifies documents of AWS Nitro Enclaves, or stand-ins of that form, and remembers the certificates that it
/// verified: each costs about 2.6 million gas once, and is then good for every document under it.
/// @dev A remembered certificate is its bytes under its parent's entry, so it is no use under another parent or key, and
/// a hit skips reading it and its signature only. Dates, revocation and what it may do are judged at every use.
interface INitroVerifier is IAttestationVerifier, IAttestationErrors {
    /// @param entry    keccak256(abi.encode(parent's entry, keccak256(certificate))); the root's parent is 0.
    /// @param trait    Id by which governance can revoke it.
    /// @param notAfter Unix seconds, inclusive; its own end, whatever its parents' are.
    event CertificateVerified(bytes32 indexed entry, bytes32 indexed trait, uint64 notAfter);

    /// @notice Nothing is needed beside a Nitro document.
    error UnexpectedCollateral(uint256 length);

    /// @notice Verifies and remembers the certificates of a document, from the root down, for chains or blocks in which
    /// `verify` of all at once (about 13 million gas with four certificates) does not fit. Anybody may
    /// call it: what it remembers is true. The document's own signature and age are not judged.
    /// @param document      The COSE_Sign1 document.
    /// @param maxSignatures How many signatures to check at most; six fit in a transaction of 16,777,216 gas.
    /// @return verified  How many certificates were new.
    /// @return remaining How many are still to be verified.
    function cacheChain(
        bytes calldata document,
        uint256 maxSignatures
    ) external returns (uint256 verified, uint256 remaining);

    /// @notice How many certificates of a document `verify` would have to check a signature of, beside the document's.
    /// @dev Says nothing of whether they are good; reverts when the document cannot be read or has another root.
    function uncached(bytes calldata document) external view returns (uint256);

    /// @notice keccak256 of the one root certificate that is trusted.
    function rootHash() external view returns (bytes32);

    function policy() external view returns (IAttestationPolicy);

    function p384() external view returns (IP384Verifier);

    function sha384() external view returns (ISha384);
}
