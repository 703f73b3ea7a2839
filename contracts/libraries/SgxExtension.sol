// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "../interfaces/IAttestationErrors.sol";
import { ByteRange } from "../types/ByteRange.sol";
import { Der } from "./Der.sol";
import { Certificate } from "./X509.sol";

/// @title  SgxExtension
/// @notice Reads what Intel certifies of a platform: extension 1.2.840.113741.1.13.1 of its certificate.
/// @dev The certificate was read by X509 before, so the list of extensions and each of them is known to be well formed.
library SgxExtension {
    uint8 private constant EXTENSIONS = 0xa3;
    bytes private constant OID = hex"2a864886f84d010d01";
    bytes private constant TCB_OID = hex"2a864886f84d010d0102";
    uint256 private constant PPID = 1;
    uint256 private constant PPID_BYTES = 16;
    uint256 private constant TCB = 2;
    uint256 private constant PCE_ID = 3;
    uint256 private constant PCE_ID_BYTES = 2;
    uint256 private constant FMSPC = 4;
    uint256 private constant FMSPC_BYTES = 6;
    uint256 private constant COMPONENT_COUNT = 16;
    uint256 private constant PCE_SVN = 17;
    uint256 private constant MAX_KEPT = 18;

    /// @notice PPID ‖ FMSPC: the machine and its model. Reverts DerInvalid when the extension is absent or malformed.
    function platformOf(bytes calldata der, Certificate memory certificate) internal pure returns (bytes memory) {
        ByteRange[MAX_KEPT] memory parts = _readParts(der, _find(der, certificate), OID);
        ByteRange[MAX_KEPT] memory tcb = _readParts(der, parts[TCB], TCB_OID);
        for (uint256 i = 1; i <= COMPONENT_COUNT; ++i) {
            _requireNumber(der, tcb[i], 1);
        }
        _requireNumber(der, tcb[PCE_SVN], 2);

        bytes calldata ppid = _octets(der, parts[PPID], PPID_BYTES);
        _octets(der, parts[PCE_ID], PCE_ID_BYTES);
        return bytes.concat(ppid, _octets(der, parts[FMSPC], FMSPC_BYTES));
    }

    /// @dev Value of the extension; reverts when there is none.
    function _find(bytes calldata der, Certificate memory certificate) private pure returns (ByteRange memory value) {
        (uint256 offset, uint256 limit) = Der.element(der, certificate.key.end, certificate.signed.end, EXTENSIONS);
        (offset, limit) = Der.element(der, offset, limit, Der.SEQUENCE);
        while (offset < limit) {
            (uint256 start, uint256 end) = Der.element(der, offset, limit, Der.SEQUENCE);
            (uint256 oidStart, uint256 oidEnd) = Der.element(der, start, end, Der.OBJECT_IDENTIFIER);
            if (keccak256(der[oidStart:oidEnd]) == keccak256(OID)) {
                if (uint8(der[oidEnd]) == Der.BOOLEAN) (, oidEnd) = Der.element(der, oidEnd, end, Der.BOOLEAN);
                (value.start, value.end) = Der.element(der, oidEnd, end, Der.OCTET_STRING);
                return value;
            }
            offset = end;
        }
        revert IAttestationErrors.DerInvalid(offset);
    }

    /// @dev SEQUENCE of parts with identifiers below `prefix`; returns the whole values of those below MAX_KEPT by the
    /// last byte of their identifiers.
    function _readParts(
        bytes calldata der,
        ByteRange memory range,
        bytes memory prefix
    ) private pure returns (ByteRange[MAX_KEPT] memory parts) {
        (uint256 offset, uint256 limit) = Der.element(der, range.start, range.end, Der.SEQUENCE);
        Der.requireEnd(limit, range.end);
        uint256 seen;
        while (offset < limit) {
            (uint256 last, ByteRange memory value) = _readPart(der, offset, limit, prefix);
            if (seen & (1 << last) != 0) revert IAttestationErrors.DerInvalid(offset);
            seen |= 1 << last;
            if (last < MAX_KEPT) parts[last] = value;
            offset = value.end;
        }
    }

    /// @dev SEQUENCE { identifier, value }; the identifier is `prefix` and one byte more.
    function _readPart(
        bytes calldata der,
        uint256 offset,
        uint256 limit,
        bytes memory prefix
    ) private pure returns (uint256 last, ByteRange memory value) {
        (offset, limit) = Der.element(der, offset, limit, Der.SEQUENCE);
        (uint256 start, uint256 end) = Der.element(der, offset, limit, Der.OBJECT_IDENTIFIER);
        if (end - start != prefix.length + 1 || keccak256(der[start:end - 1]) != keccak256(prefix) || end == limit) {
            revert IAttestationErrors.DerInvalid(offset);
        }
        last = uint8(der[end - 1]);
        value.start = end;
        (, value.end) = Der.element(der, end, limit, uint8(der[end]));
        Der.requireEnd(value.end, limit);
    }

    /// @dev An absent part is an empty range, in which no element is found.
    function _octets(
        bytes calldata der,
        ByteRange memory range,
        uint256 length
    ) private pure returns (bytes calldata contents) {
        (uint256 start, uint256 end) = Der.element(der, range.start, range.end, Der.OCTET_STRING);
        if (end - start != length) revert IAttestationErrors.DerInvalid(range.start);
        return der[start:end];
    }

    function _requireNumber(bytes calldata der, ByteRange memory range, uint256 maxBytes) private pure {
        Der.unsignedInteger(der, range.start, range.end, maxBytes);
    }
}
