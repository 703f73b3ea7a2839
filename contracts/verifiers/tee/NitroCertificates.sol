// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAttestationPolicy, Standing } from "../../interfaces/IAttestationPolicy.sol";
import { INitroVerifier } from "../../interfaces/INitroVerifier.sol";
import { IP384Verifier } from "../../interfaces/IP384Verifier.sol";
import { ISha384 } from "../../interfaces/ISha384.sol";
import { EnclaveIds } from "../../libraries/EnclaveIds.sol";
import { NitroFields } from "../../libraries/NitroDocument.sol";
import { Certificate, CertificateProfile, X509 } from "../../libraries/X509.sol";
import { ByteRange } from "../../types/ByteRange.sol";

/// @title  NitroCertificates
/// @notice Walks the certificates of Nitro documents from the root down and remembers those that it verified.
abstract contract NitroCertificates is INitroVerifier {
    /// @dev What is kept of a verified certificate. 2 slots, written once.
    struct Verified {
        // slot 0: 5 + 5 + 2 + 2 + 2 + 1 + 1 + 1 + 1 + 1 = 21 bytes
        uint40 notBefore; // unix seconds, inclusive
        uint40 notAfter; // unix seconds, inclusive; 0 = not verified
        uint16 keyStart; // where x‖y stands in its bytes
        uint16 subjectStart;
        uint16 subjectEnd;
        uint8 pathLength; // authorities that may follow, as its parents allow too; X509.NO_LIMIT = any number
        uint8 keyUsage;
        bool isAuthority;
        bool isAuthorityCritical;
        bool isPrivateCritical;
        // slot 1
        bytes32 trait;
    }

    /// @dev Where a walk down a chain stands.
    struct Walk {
        CertificateProfile profile;
        uint256 budget; // signatures that may still be checked
        uint256 index; // of the next certificate
        bool isLeaf; // whether that is the last one
        bytes32 entry; // of its parent, the certificate before it; likewise the next two
        ByteRange der; // in the payload
        Verified parent;
        uint64 notAfter; // the earliest so far
        bytes32[] traits;
    }

    uint256 internal constant KEY_BYTES = 96;
    uint256 internal constant ROOT = 0;

    /// @inheritdoc INitroVerifier
    IAttestationPolicy public immutable policy;
    /// @inheritdoc INitroVerifier
    IP384Verifier public immutable p384;
    /// @inheritdoc INitroVerifier
    ISha384 public immutable sha384;

    mapping(bytes32 entry => Verified) private _verified;

    constructor(IAttestationPolicy policy_, IP384Verifier p384_, ISha384 sha384_) {
        policy = policy_;
        p384 = p384_;
        sha384 = sha384_;
    }

    /// @inheritdoc INitroVerifier
    function rootHash() public view virtual returns (bytes32);

    /// @dev Profile of all certificates.
    function _profile() internal pure virtual returns (CertificateProfile memory);

    /// @dev Reverts unless this is the trusted root.
    function _requireRoot(bytes32 hash) internal view virtual;

    /// @dev Walks down until a signature would be needed that the budget does not have.
    function _walk(
        bytes calldata payload,
        NitroFields memory fields,
        uint256 budget,
        uint256 moreTraits
    ) internal returns (Walk memory walk) {
        uint256 count = fields.cabundle.length + 1;
        walk.profile = _profile();
        walk.budget = budget;
        walk.notAfter = type(uint64).max;
        walk.traits = new bytes32[](count + moreTraits);
        while (walk.index < count) {
            walk.isLeaf = walk.index == count - 1;
            ByteRange memory der = walk.isLeaf ? fields.certificate : fields.cabundle[walk.index];
            if (!_step(walk, payload, der)) break;
            ++walk.index;
        }
    }

    /// @dev How many certificates of a document are not remembered. Below the first such one there is none.
    function _countUnverified(bytes calldata payload, NitroFields memory fields) internal view returns (uint256) {
        uint256 count = fields.cabundle.length + 1;
        bytes32 entry;
        for (uint256 i; i < count; ++i) {
            ByteRange memory der = i == count - 1 ? fields.certificate : fields.cabundle[i];
            bytes32 hash = keccak256(payload[der.start:der.end]);
            if (i == ROOT) _requireRoot(hash);
            entry = _entryOf(entry, hash);
            // The root needs no signature, so it does not count.
            if (i != ROOT && _verified[entry].notAfter == 0) return count - i;
        }
        return 0;
    }

    /// @dev x‖y of the certificate at which a walk stands.
    function _lastKey(Walk memory walk, bytes calldata payload) internal pure returns (bytes calldata) {
        uint256 start = walk.der.start + walk.parent.keyStart;
        return payload[start:start + KEY_BYTES];
    }

    /// @return done False when the budget has no signature for it.
    function _step(Walk memory walk, bytes calldata payload, ByteRange memory der) private returns (bool done) {
        bytes32 hash = keccak256(payload[der.start:der.end]);
        if (walk.index == ROOT) _requireRoot(hash);
        bytes32 entry = _entryOf(walk.entry, hash);
        Verified memory record = _verified[entry];

        if (record.notAfter == 0) {
            if (walk.index != ROOT) {
                if (walk.budget == 0) return false;
                --walk.budget;
            }
            record = _verify(walk, payload, der);
            _verified[entry] = record;
            emit CertificateVerified(entry, record.trait, record.notAfter);
        } else {
            _judge(walk, record);
        }

        walk.entry = entry;
        walk.der = der;
        walk.parent = record;
        walk.traits[walk.index] = record.trait;
        if (record.notAfter < walk.notAfter) walk.notAfter = record.notAfter;
        return true;
    }

    /// @dev Reads a certificate and verifies it under its parent.
    function _verify(
        Walk memory walk,
        bytes calldata payload,
        ByteRange memory range
    ) private view returns (Verified memory record) {
        bytes calldata der = payload[range.start:range.end];
        Certificate memory certificate = _read(der, walk.profile);
        if (walk.index != ROOT) _requireIssuer(walk, payload, der[certificate.issuer.start:certificate.issuer.end]);
        record = _recordOf(certificate);
        record.trait =
            walk.index == ROOT
                ? EnclaveIds.rootIdOf(der[certificate.key.start:certificate.key.end])
                : EnclaveIds.certificateTraitOf(
                    der[certificate.issuer.start:certificate.issuer.end],
                    der[certificate.serial.start:certificate.serial.end]
                );
        _judge(walk, record);

        // The root is known by its bytes; what it says of itself shows nothing.
        if (walk.index == ROOT) return record;
        record.pathLength = _effectivePathLength(record.pathLength, walk.parent.pathLength);
        (uint256 hashHi, uint256 hashLo) = sha384.sha384(der[certificate.signed.start:certificate.signed.end]);
        if (!p384.verify(hashHi, hashLo, _lastKey(walk, payload), certificate.signature)) {
            revert BadCertSignature(walk.index);
        }
    }

    function _read(
        bytes calldata der,
        CertificateProfile memory profile
    ) private view returns (Certificate memory certificate) {
        certificate = X509.readHead(der, profile);
        bytes calldata key = der[certificate.key.start:certificate.key.end];
        if (!p384.isOnCurve(key)) revert PublicKeyInvalid(key);
        X509.readTail(der, profile, certificate);
    }

    function _requireIssuer(Walk memory walk, bytes calldata payload, bytes calldata issuer) private pure {
        uint256 start = walk.der.start;
        bytes calldata subject = payload[start + walk.parent.subjectStart:start + walk.parent.subjectEnd];
        if (keccak256(issuer) != keccak256(subject)) revert IssuerMismatch(walk.index);
    }

    /// @dev What depends on the time, on governance and on the place in the chain: at every use, remembered or not.
    function _judge(Walk memory walk, Verified memory record) private view {
        if (block.timestamp < record.notBefore) {
            revert CertNotYetValid(walk.index, record.notBefore, block.timestamp);
        }
        if (block.timestamp > record.notAfter) revert CertExpired(walk.index, record.notAfter, block.timestamp);

        if (walk.isLeaf) _judgeLeaf(walk, record);
        else if (walk.index != ROOT) _judgeAuthority(walk, record);
        if (walk.index != ROOT && walk.profile.privateOidHash != 0 && !record.isPrivateCritical) {
            revert NotSimulated(record.trait);
        }

        Standing standing = policy.standingOf(record.trait);
        if (standing != Standing.Good) revert IAttestationPolicy.TraitRevoked(record.trait, standing);
    }

    function _judgeLeaf(Walk memory walk, Verified memory record) private pure {
        if (record.isAuthority) revert LeafIsAuthority(walk.index);
        if (record.keyUsage & X509.DIGITAL_SIGNATURE == 0) revert KeyUsageInvalid(walk.index);
    }

    function _judgeAuthority(Walk memory walk, Verified memory record) private pure {
        if (!record.isAuthority || !record.isAuthorityCritical) revert NotACertificateAuthority(walk.index);
        if (record.keyUsage & X509.KEY_CERT_SIGN == 0) revert KeyUsageInvalid(walk.index);
        if (walk.parent.pathLength == 0) revert PathTooLong(walk.index);
    }

    /// @dev A certificate has at most 1,024 bytes (NitroDocument), so its offsets fit; a year of four digits ends before
    /// 2^38 seconds.
    function _recordOf(Certificate memory certificate) private pure returns (Verified memory record) {
        record.notBefore = uint40(certificate.notBefore);
        record.notAfter = uint40(certificate.notAfter);
        record.keyStart = uint16(certificate.key.start);
        record.subjectStart = uint16(certificate.subject.start);
        record.subjectEnd = uint16(certificate.subject.end);
        record.pathLength = uint8(certificate.pathLength);
        record.keyUsage = certificate.keyUsage;
        record.isAuthority = certificate.isAuthority;
        record.isAuthorityCritical = certificate.isAuthorityCritical;
        record.isPrivateCritical = certificate.isPrivateCritical;
    }

    /// @dev min(own, parent's - 1). Of a leaf it means nothing.
    function _effectivePathLength(uint8 own, uint8 parents) private pure returns (uint8) {
        if (parents == X509.NO_LIMIT || parents == 0) return own;
        return own < parents ? own : parents - 1;
    }

    function _entryOf(bytes32 parent, bytes32 hash) private pure returns (bytes32) {
        return keccak256(abi.encode(parent, hash));
    }
}
