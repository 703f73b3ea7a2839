// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "../interfaces/IAttestationErrors.sol";
import { ByteRange } from "../types/ByteRange.sol";
import { Der } from "./Der.sol";

/// @notice What the certificates of one vendor have in common.
struct CertificateProfile {
    bytes32 algorithm; // AlgorithmIdentifier of signatures, DER, left-aligned
    uint256 algorithmBytes;
    bytes32 keyPrefix; // SubjectPublicKeyInfo up to and with the 04 before the point, left-aligned
    uint256 keyPrefixBytes;
    uint256 coordinateBytes; // of a point; also of r and s
    bytes32 privateOidHash; // keccak256 of the contents of an extension's identifier that is known beside the usual; 0 = none
}

/// @notice One certificate, as offsets into its bytes.
struct Certificate {
    ByteRange signed; // TBSCertificate, whole
    ByteRange serial; // contents of the INTEGER
    ByteRange issuer; // Name, whole
    ByteRange subject; // Name, whole
    ByteRange key; // x‖y
    uint64 notBefore; // unix seconds, inclusive
    uint64 notAfter; // unix seconds, inclusive
    bool isAuthority;
    bool isAuthorityCritical; // whether the extension that says so is critical
    uint256 pathLength; // authorities that may follow; X509.NO_LIMIT when it names none
    uint8 keyUsage; // first byte of the bit string; 0 when absent
    bool isPrivateCritical; // it has the profile's private extension, critical
    bytes signature; // r‖s
}

/// @title  X509
/// @notice Reads X.509 v3 certificates of one narrow profile, so that nothing in them can be read in two ways.
/// @dev In two steps, because whether the key is a point of its curve is judged between them, by somebody else.
library X509 {
    uint8 internal constant DIGITAL_SIGNATURE = 0x80;
    uint8 internal constant KEY_CERT_SIGN = 0x04;
    uint256 internal constant NO_LIMIT = type(uint8).max;

    uint8 private constant EXTENSIONS = 0xa3;
    uint256 private constant MAX_EXTENSIONS = 16;
    uint256 private constant MAX_SERIAL_BYTES = 20;
    bytes5 private constant VERSION_3 = hex"a003020102";
    bytes3 private constant TRUE = hex"0101ff";
    bytes32 private constant BASIC_CONSTRAINTS = keccak256(hex"551d13");
    bytes32 private constant KEY_USAGE = keccak256(hex"551d0f");

    /// @dev One extension: identifier, critical, value.
    struct Extension {
        ByteRange oid;
        bool isCritical;
        ByteRange value;
    }

    /// @notice ecdsa-with-SHA384 over secp384r1.
    function p384Profile() internal pure returns (CertificateProfile memory) {
        return
            CertificateProfile({
                algorithm: hex"300a06082a8648ce3d040303",
                algorithmBytes: 12,
                keyPrefix: hex"3076301006072a8648ce3d020106052b8104002203620004",
                keyPrefixBytes: 24,
                coordinateBytes: 48,
                privateOidHash: 0
            });
    }

    /// @notice ecdsa-with-SHA256 over prime256v1.
    function p256Profile() internal pure returns (CertificateProfile memory) {
        return
            CertificateProfile({
                algorithm: hex"300a06082a8648ce3d040302",
                algorithmBytes: 12,
                keyPrefix: hex"3059301306072a8648ce3d020106082a8648ce3d03010703420004",
                keyPrefixBytes: 27,
                coordinateBytes: 32,
                privateOidHash: 0
            });
    }

    /// @notice Reads a certificate up to its key.
    function readHead(
        bytes calldata der,
        CertificateProfile memory profile
    ) internal pure returns (Certificate memory certificate) {
        (uint256 offset, uint256 limit) = Der.element(der, 0, der.length, Der.SEQUENCE);
        Der.requireEnd(limit, der.length);
        certificate.signed.start = offset;
        (offset, limit) = Der.element(der, offset, limit, Der.SEQUENCE);
        certificate.signed.end = limit;

        offset = Der.fixedBytes(der, offset, limit, VERSION_3, VERSION_3.length);
        offset = _readSerial(der, offset, certificate);
        offset = Der.fixedBytes(der, offset, limit, profile.algorithm, profile.algorithmBytes);
        offset = _readName(der, offset, limit, certificate.issuer);
        offset = _readValidity(der, offset, certificate);
        offset = _readName(der, offset, limit, certificate.subject);
        offset = Der.fixedBytes(der, offset, limit, profile.keyPrefix, profile.keyPrefixBytes);
        // The prefix names the length of the key, so the key must be whole.
        certificate.key = ByteRange({ start: offset, end: offset + 2 * profile.coordinateBytes });
        if (certificate.key.end > limit) revert IAttestationErrors.DerInvalid(offset);
    }

    /// @notice Reads what follows the key.
    function readTail(
        bytes calldata der,
        CertificateProfile memory profile,
        Certificate memory certificate
    ) internal pure {
        _readExtensions(der, profile, certificate);
        uint256 offset = Der.fixedBytes(
            der,
            certificate.signed.end,
            der.length,
            profile.algorithm,
            profile.algorithmBytes
        );
        certificate.signature = _readSignature(der, offset, profile.coordinateBytes);
    }

    function _readSerial(
        bytes calldata der,
        uint256 offset,
        Certificate memory certificate
    ) private pure returns (uint256 next) {
        uint256 magnitude;
        (certificate.serial, magnitude) = Der.unsignedInteger(der, offset, certificate.signed.end, MAX_SERIAL_BYTES);
        if (der[magnitude] == 0) revert IAttestationErrors.DerInvalid(offset);
        return certificate.serial.end;
    }

    function _readName(
        bytes calldata der,
        uint256 offset,
        uint256 limit,
        ByteRange memory name
    ) private pure returns (uint256 next) {
        (, next) = Der.element(der, offset, limit, Der.SEQUENCE);
        (name.start, name.end) = (offset, next);
    }

    function _readValidity(
        bytes calldata der,
        uint256 offset,
        Certificate memory certificate
    ) private pure returns (uint256 next) {
        (offset, next) = Der.element(der, offset, certificate.signed.end, Der.SEQUENCE);
        (certificate.notBefore, offset) = Der.time(der, offset, next);
        (certificate.notAfter, offset) = Der.time(der, offset, next);
        Der.requireEnd(offset, next);
    }

    function _readExtensions(
        bytes calldata der,
        CertificateProfile memory profile,
        Certificate memory certificate
    ) private pure {
        certificate.pathLength = NO_LIMIT;
        (uint256 offset, uint256 wrapperEnd) = Der.element(
            der,
            certificate.key.end,
            certificate.signed.end,
            EXTENSIONS
        );
        Der.requireEnd(wrapperEnd, certificate.signed.end);
        uint256 end;
        (offset, end) = Der.element(der, offset, wrapperEnd, Der.SEQUENCE);
        Der.requireEnd(end, wrapperEnd);
        if (offset == end) revert IAttestationErrors.DerInvalid(offset);

        bytes32[] memory seen = new bytes32[](MAX_EXTENSIONS);
        for (uint256 count; offset < end; ++count) {
            if (count == MAX_EXTENSIONS) revert IAttestationErrors.DerInvalid(offset);
            Extension memory extension;
            (extension, offset) = _readExtension(der, offset, end);
            bytes32 oidHash = keccak256(der[extension.oid.start:extension.oid.end]);
            for (uint256 i; i < count; ++i) {
                if (seen[i] == oidHash) {
                    revert IAttestationErrors.ExtensionDuplicate(der[extension.oid.start:extension.oid.end]);
                }
            }
            seen[count] = oidHash;
            _apply(der, profile, certificate, extension, oidHash);
        }
    }

    function _readExtension(
        bytes calldata der,
        uint256 offset,
        uint256 limit
    ) private pure returns (Extension memory extension, uint256 end) {
        (offset, end) = Der.element(der, offset, limit, Der.SEQUENCE);
        (extension.oid.start, extension.oid.end) = Der.element(der, offset, end, Der.OBJECT_IDENTIFIER);
        if (extension.oid.start == extension.oid.end) revert IAttestationErrors.DerInvalid(offset);
        (extension.isCritical, offset) = _readTrue(der, extension.oid.end, end);
        (extension.value.start, extension.value.end) = Der.element(der, offset, end, Der.OCTET_STRING);
        Der.requireEnd(extension.value.end, end);
    }

    /// @dev An optional BOOLEAN, of which DER writes only TRUE.
    function _readTrue(
        bytes calldata der,
        uint256 offset,
        uint256 limit
    ) private pure returns (bool found, uint256 next) {
        if (offset == limit || uint8(der[offset]) != Der.BOOLEAN) return (false, offset);
        return (true, Der.fixedBytes(der, offset, limit, TRUE, TRUE.length));
    }

    function _apply(
        bytes calldata der,
        CertificateProfile memory profile,
        Certificate memory certificate,
        Extension memory extension,
        bytes32 oidHash
    ) private pure {
        if (oidHash == BASIC_CONSTRAINTS) {
            certificate.isAuthorityCritical = extension.isCritical;
            _readBasicConstraints(der, extension.value, certificate);
        } else if (oidHash == KEY_USAGE) {
            certificate.keyUsage = _readKeyUsage(der, extension.value);
        } else if (oidHash == profile.privateOidHash) {
            certificate.isPrivateCritical = extension.isCritical;
        } else if (extension.isCritical) {
            revert IAttestationErrors.UnknownCriticalExtension(der[extension.oid.start:extension.oid.end]);
        }
    }

    function _readBasicConstraints(
        bytes calldata der,
        ByteRange memory value,
        Certificate memory certificate
    ) private pure {
        (uint256 offset, uint256 end) = Der.element(der, value.start, value.end, Der.SEQUENCE);
        (certificate.isAuthority, offset) = _readTrue(der, offset, end);
        if (certificate.isAuthority && offset < end) {
            (ByteRange memory number, ) = Der.unsignedInteger(der, offset, end, 1);
            // One content byte below 0x80, so never NO_LIMIT.
            if (number.end - number.start != 1) revert IAttestationErrors.DerInvalid(offset);
            certificate.pathLength = uint8(der[number.start]);
            offset = number.end;
        }
        Der.requireEnd(offset, end);
        Der.requireEnd(end, value.end);
    }

    function _readKeyUsage(bytes calldata der, ByteRange memory value) private pure returns (uint8) {
        (uint256 offset, uint256 end) = Der.element(der, value.start, value.end, Der.BIT_STRING);
        uint256 length = end - offset;
        if (length < 2 || length > 3) revert IAttestationErrors.DerInvalid(offset);
        uint256 unusedBits = uint8(der[offset]);
        if (unusedBits > 7 || uint8(der[end - 1]) & ((1 << unusedBits) - 1) != 0) {
            revert IAttestationErrors.DerInvalid(offset);
        }
        Der.requireEnd(end, value.end);
        return uint8(der[offset + 1]);
    }

    /// @dev BIT STRING of SEQUENCE { r, s } into r‖s, padded on the left.
    function _readSignature(
        bytes calldata der,
        uint256 offset,
        uint256 numberBytes
    ) private pure returns (bytes memory) {
        (uint256 start, uint256 end) = Der.element(der, offset, der.length, Der.BIT_STRING);
        if (start == end || der[start] != 0) revert IAttestationErrors.DerInvalid(start);
        uint256 sequenceEnd;
        (start, sequenceEnd) = Der.element(der, start + 1, end, Der.SEQUENCE);
        (ByteRange memory r, uint256 rStart) = Der.unsignedInteger(der, start, sequenceEnd, numberBytes);
        (ByteRange memory s, uint256 sStart) = Der.unsignedInteger(der, r.end, sequenceEnd, numberBytes);
        Der.requireEnd(s.end, sequenceEnd);
        Der.requireEnd(sequenceEnd, end);
        Der.requireEnd(end, der.length);
        return
            bytes.concat(
                new bytes(numberBytes + rStart - r.end),
                der[rStart:r.end],
                new bytes(numberBytes + sStart - s.end),
                der[sStart:s.end]
            );
    }
}
