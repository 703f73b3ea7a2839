// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "../interfaces/IAttestationErrors.sol";
import { ByteRange } from "../types/ByteRange.sol";
import { Cbor } from "./Cbor.sol";

/// @notice What a Nitro document says, as offsets into its payload.
struct NitroFields {
    ByteRange moduleId;
    uint256 timestampMs; // unix milliseconds
    uint256[] pcrs; // where each of 32 registers starts; 0 = absent
    ByteRange certificate; // of the key that signed the document
    ByteRange[] cabundle; // certificates above it, root first
    ByteRange publicKey; // empty when absent, null or empty; likewise the next two
    ByteRange userData;
    ByteRange nonce;
    bool hasDigest;
}

/// @title  NitroDocument
/// @notice Reads the payload of a Nitro document front to back; the first fault decides.
/// @dev It judges form, not truth: nothing is signed yet.
library NitroDocument {
    uint256 internal constant PCR_BYTES = 48;
    uint256 internal constant MAX_PCRS = 32;

    uint256 private constant MAX_MODULE_ID_BYTES = 128;
    uint256 private constant MAX_CERTIFICATE_BYTES = 1024;
    uint256 private constant MAX_CABUNDLE = 8;
    uint256 private constant MAX_DATA_BYTES = 1024;
    uint256 private constant MAX_TIMESTAMP_MS = 2 ** 53;

    /// @dev The outer map may be of unknown length: bf entries ff.
    bytes1 private constant OPEN_MAP = 0xbf;
    bytes1 private constant BREAK = 0xff;
    uint256 private constant OUTER_DEPTH = 1;

    bytes32 private constant DIGEST_NAME = keccak256("SHA384");

    /// @notice Reads all of a payload, of at least one byte.
    function read(bytes calldata payload) internal pure returns (NitroFields memory fields) {
        fields.pcrs = new uint256[](MAX_PCRS);
        bool isOpen = payload[0] == OPEN_MAP;
        (uint256 count, uint256 offset) = isOpen ? (0, 1) : _definiteMap(payload);

        bytes32[] memory seen = new bytes32[](Cbor.MAX_MAP_ENTRIES);
        uint256 i;
        while (isOpen ? !_isBreak(payload, offset) : i < count) {
            if (i == Cbor.MAX_MAP_ENTRIES) revert IAttestationErrors.CborInvalid(offset);
            offset = _readEntry(payload, offset, seen, i, fields);
            ++i;
        }
        if (isOpen) ++offset;
        if (offset != payload.length) revert IAttestationErrors.CborTrailing(offset);
        _requireComplete(fields);
    }

    function _definiteMap(bytes calldata payload) private pure returns (uint256 count, uint256 offset) {
        uint8 major;
        (major, count, offset) = Cbor.head(payload, 0, OUTER_DEPTH);
        if (major != Cbor.MAP) revert IAttestationErrors.CborInvalid(0);
    }

    function _isBreak(bytes calldata payload, uint256 offset) private pure returns (bool) {
        if (offset >= payload.length) revert IAttestationErrors.CborTruncated(offset);
        return payload[offset] == BREAK;
    }

    function _readEntry(
        bytes calldata payload,
        uint256 offset,
        bytes32[] memory seen,
        uint256 count,
        NitroFields memory fields
    ) private pure returns (uint256 next) {
        (uint8 major, uint256 length, uint256 start) = Cbor.head(payload, offset, OUTER_DEPTH + 1);
        if (major != Cbor.TEXT) revert IAttestationErrors.CborInvalid(offset);
        next = Cbor.stringEnd(payload, start, length);
        bytes32 key = keccak256(payload[start:next]);
        Cbor.keep(seen, count, key, offset);
        // Ordinary instances have documents of the same form under the same root.
        if (key == keccak256("nitrotpm_pcrs")) revert IAttestationErrors.NotAnEnclave(payload[start:next]);
        return _readValue(payload, next, key, fields);
    }

    function _readValue(
        bytes calldata payload,
        uint256 offset,
        bytes32 key,
        NitroFields memory fields
    ) private pure returns (uint256 next) {
        if (key == keccak256("module_id")) {
            fields.moduleId = _string(payload, offset, Cbor.TEXT, MAX_MODULE_ID_BYTES, "module_id");
            return fields.moduleId.end;
        }
        if (key == keccak256("digest")) return _readDigest(payload, offset, fields);
        if (key == keccak256("timestamp")) return _readTimestamp(payload, offset, fields);
        if (key == keccak256("pcrs")) return _readPcrs(payload, offset, fields);
        if (key == keccak256("certificate")) {
            fields.certificate = _string(payload, offset, Cbor.BYTES, MAX_CERTIFICATE_BYTES, "certificate");
            return fields.certificate.end;
        }
        if (key == keccak256("cabundle")) return _readCabundle(payload, offset, fields);
        if (key == keccak256("public_key")) return _readData(payload, offset, fields.publicKey, "public_key");
        if (key == keccak256("user_data")) return _readData(payload, offset, fields.userData, "user_data");
        if (key == keccak256("nonce")) return _readData(payload, offset, fields.nonce, "nonce");
        return Cbor.skip(payload, offset, OUTER_DEPTH + 1);
    }

    function _readDigest(
        bytes calldata payload,
        uint256 offset,
        NitroFields memory fields
    ) private pure returns (uint256 next) {
        ByteRange memory name = _string(payload, offset, Cbor.TEXT, payload.length, "digest");
        if (keccak256(payload[name.start:name.end]) != DIGEST_NAME) {
            revert IAttestationErrors.FieldInvalid("digest", offset);
        }
        fields.hasDigest = true;
        return name.end;
    }

    function _readTimestamp(
        bytes calldata payload,
        uint256 offset,
        NitroFields memory fields
    ) private pure returns (uint256 next) {
        uint8 major;
        (major, fields.timestampMs, next) = Cbor.head(payload, offset, OUTER_DEPTH + 1);
        if (major != Cbor.UNSIGNED || fields.timestampMs == 0 || fields.timestampMs >= MAX_TIMESTAMP_MS) {
            revert IAttestationErrors.FieldInvalid("timestamp", offset);
        }
    }

    function _readPcrs(
        bytes calldata payload,
        uint256 offset,
        NitroFields memory fields
    ) private pure returns (uint256 next) {
        uint256 start = offset;
        uint256 count;
        (count, next) = _container(payload, offset, Cbor.MAP, "pcrs");
        for (; count > 0; --count) {
            offset = next;
            uint8 major;
            uint256 index;
            (major, index, next) = Cbor.head(payload, offset, OUTER_DEPTH + 2);
            if (major != Cbor.UNSIGNED || index >= MAX_PCRS) revert IAttestationErrors.FieldInvalid("pcrs", offset);
            if (fields.pcrs[index] != 0) revert IAttestationErrors.CborDuplicateKey(offset);
            ByteRange memory value = _string(payload, next, Cbor.BYTES, PCR_BYTES, "pcrs");
            if (value.end - value.start != PCR_BYTES) revert IAttestationErrors.FieldInvalid("pcrs", next);
            fields.pcrs[index] = value.start;
            next = value.end;
        }
        if (fields.pcrs[0] == 0 || fields.pcrs[1] == 0 || fields.pcrs[2] == 0) {
            revert IAttestationErrors.FieldInvalid("pcrs", start);
        }
    }

    function _readCabundle(
        bytes calldata payload,
        uint256 offset,
        NitroFields memory fields
    ) private pure returns (uint256 next) {
        uint256 count;
        (count, next) = _container(payload, offset, Cbor.ARRAY, "cabundle");
        if (count > MAX_CABUNDLE) revert IAttestationErrors.FieldInvalid("cabundle", offset);
        fields.cabundle = new ByteRange[](count);
        for (uint256 i; i < count; ++i) {
            fields.cabundle[i] = _string(payload, next, Cbor.BYTES, MAX_CERTIFICATE_BYTES, "cabundle");
            next = fields.cabundle[i].end;
        }
    }

    /// @dev Data of the enclave's own choice, or null.
    function _readData(
        bytes calldata payload,
        uint256 offset,
        ByteRange memory range,
        string memory field
    ) private pure returns (uint256 next) {
        (uint8 major, uint256 length, uint256 start) = Cbor.head(payload, offset, OUTER_DEPTH + 1);
        if (major == Cbor.NULL) return start;
        if (major != Cbor.BYTES) revert IAttestationErrors.FieldInvalid(field, offset);
        next = Cbor.stringEnd(payload, start, length);
        if (length > MAX_DATA_BYTES) revert IAttestationErrors.FieldInvalid(field, offset);
        (range.start, range.end) = (start, next);
    }

    /// @dev A string of this type and of 1..maxBytes bytes.
    function _string(
        bytes calldata payload,
        uint256 offset,
        uint8 expected,
        uint256 maxBytes,
        string memory field
    ) private pure returns (ByteRange memory range) {
        uint8 major;
        uint256 length;
        (major, length, range.start) = Cbor.head(payload, offset, Cbor.MAX_DEPTH);
        if (major != expected) revert IAttestationErrors.FieldInvalid(field, offset);
        range.end = Cbor.stringEnd(payload, range.start, length);
        if (length == 0 || length > maxBytes) revert IAttestationErrors.FieldInvalid(field, offset);
    }

    /// @dev A container of this type that is not empty.
    function _container(
        bytes calldata payload,
        uint256 offset,
        uint8 expected,
        string memory field
    ) private pure returns (uint256 count, uint256 next) {
        uint8 major;
        (major, count, next) = Cbor.head(payload, offset, OUTER_DEPTH + 1);
        if (major != expected || count == 0) revert IAttestationErrors.FieldInvalid(field, offset);
    }

    function _requireComplete(NitroFields memory fields) private pure {
        if (fields.moduleId.end == 0) revert IAttestationErrors.FieldMissing("module_id");
        if (!fields.hasDigest) revert IAttestationErrors.FieldMissing("digest");
        if (fields.timestampMs == 0) revert IAttestationErrors.FieldMissing("timestamp");
        if (fields.pcrs[0] == 0) revert IAttestationErrors.FieldMissing("pcrs");
        if (fields.certificate.end == 0) revert IAttestationErrors.FieldMissing("certificate");
        if (fields.cabundle.length == 0) revert IAttestationErrors.FieldMissing("cabundle");
    }
}
