// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  IAttestationErrors
/// @notice Why an attestation document is refused. offchain/protocol refuses the same documents by the same names.
/// @dev An offset counts bytes from the start of what was read: of the document for its envelope, of the payload for
/// CBOR, of the certificate for DER. Certificates are numbered from the root, which is 0.
interface IAttestationErrors {
    error BadLength(uint256 length);

    /// @notice The envelope is not a COSE_Sign1 with ES384 and a signature of 96 bytes.
    error CoseInvalid(uint256 offset);
    /// @notice A type, depth or indefinite length that no attestation document has.
    error CborInvalid(uint256 offset);
    error CborTruncated(uint256 offset);
    /// @notice A length or number that is not in its shortest form.
    error CborNotMinimal(uint256 offset);
    error CborDuplicateKey(uint256 offset);
    error CborTrailing(uint256 offset);

    error FieldMissing(string field);
    /// @notice A field has another type, length or value than its format allows.
    error FieldInvalid(string field, uint256 offset);
    /// @notice The document is of a machine that is no enclave.
    /// @param found The key or the module id that shows it.
    error NotAnEnclave(bytes found);
    error DebugEnclave();

    /// @param rootHash keccak256 of the certificate that stands where the vendor's root should.
    error UntrustedRoot(bytes32 rootHash);
    /// @notice A development verifier was given something that is not made under the development root.
    /// @param found keccak256 of the root or module id, or trait of the certificate, that shows it.
    error NotSimulated(bytes32 found);
    error NotADevelopmentChain(uint256 chainId);

    /// @notice Not DER in the one profile that is accepted.
    error DerInvalid(uint256 offset);
    /// @notice Not a point of the curve, or a coordinate that is not below its prime.
    error PublicKeyInvalid(bytes key);
    error ExtensionDuplicate(bytes oid);
    error UnknownCriticalExtension(bytes oid);

    error IssuerMismatch(uint256 certificate);
    error CertNotYetValid(uint256 certificate, uint256 notBefore, uint256 timestamp);
    error CertExpired(uint256 certificate, uint256 notAfter, uint256 timestamp);
    error NotACertificateAuthority(uint256 certificate);
    error LeafIsAuthority(uint256 certificate);
    error KeyUsageInvalid(uint256 certificate);
    error PathTooLong(uint256 certificate);
    error BadCertSignature(uint256 certificate);

    error BadSignature();
    error EvidenceFromFuture(uint256 issuedAt, uint256 timestamp);
    error EvidenceTooOld(uint256 issuedAt, uint256 maxAgeSeconds, uint256 timestamp);
}
