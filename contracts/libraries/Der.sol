// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "../interfaces/IAttestationErrors.sol";
import { ByteRange } from "../types/ByteRange.sol";
import { Calendar, CalendarTime } from "./Calendar.sol";

/// @title  Der
/// @notice Reads DER front to back: definite lengths in shortest form, at most 65,535 bytes, every element within its
/// container. Whatever else it meets is DerInvalid at its offset.
/// @dev `limit` is the end of the container and never beyond `data`; every reader checks against it before it reads, so
/// no index is ever out of bounds.
library Der {
    uint8 internal constant BOOLEAN = 0x01;
    uint8 internal constant INTEGER = 0x02;
    uint8 internal constant BIT_STRING = 0x03;
    uint8 internal constant OCTET_STRING = 0x04;
    uint8 internal constant OBJECT_IDENTIFIER = 0x06;
    uint8 internal constant UTC_TIME = 0x17;
    uint8 internal constant GENERALIZED_TIME = 0x18;
    uint8 internal constant SEQUENCE = 0x30;

    uint256 private constant LONG_FORM = 0x80;
    /// @dev "YYMMDDHHMMSSZ" and "YYYYMMDDHHMMSSZ".
    uint256 private constant UTC_TIME_BYTES = 13;
    uint256 private constant GENERALIZED_TIME_BYTES = 15;

    /// @notice Contents of the element at `offset`, which must have this tag.
    function element(
        bytes calldata data,
        uint256 offset,
        uint256 limit,
        uint8 tag
    ) internal pure returns (uint256 start, uint256 end) {
        if (offset + 2 > limit || uint8(data[offset]) != tag) revert IAttestationErrors.DerInvalid(offset);
        uint256 length = uint8(data[offset + 1]);
        start = offset + 2;
        if (length >= LONG_FORM) {
            uint256 lengthBytes = length - LONG_FORM;
            if (lengthBytes == 0 || lengthBytes > 2 || start + lengthBytes > limit) {
                revert IAttestationErrors.DerInvalid(offset);
            }
            length = lengthBytes == 1 ? uint8(data[start]) : uint16(bytes2(data[start:start + 2]));
            if (length < (lengthBytes == 1 ? LONG_FORM : 0x100)) revert IAttestationErrors.DerInvalid(offset);
            start += lengthBytes;
        }
        end = start + length;
        if (end > limit) revert IAttestationErrors.DerInvalid(offset);
    }

    /// @notice Reverts unless everything of a container was read.
    function requireEnd(uint256 offset, uint256 limit) internal pure {
        if (offset != limit) revert IAttestationErrors.DerInvalid(offset);
    }

    /// @notice Passes over bytes that are always the same.
    /// @param expected The bytes, left-aligned.
    /// @param length   How many, at most 32.
    function fixedBytes(
        bytes calldata data,
        uint256 offset,
        uint256 limit,
        bytes32 expected,
        uint256 length
    ) internal pure returns (uint256 next) {
        next = offset + length;
        // A slice that is shorter than a word is padded with zeros.
        if (next > limit || bytes32(data[offset:next]) != expected) revert IAttestationErrors.DerInvalid(offset);
    }

    /// @notice Contents of an INTEGER that is minimal and not negative.
    /// @param maxBytes  Of its magnitude.
    /// @return contents  As they stand there, perhaps with a leading zero byte.
    /// @return magnitude Where its magnitude starts; of zero it is one zero byte.
    function unsignedInteger(
        bytes calldata data,
        uint256 offset,
        uint256 limit,
        uint256 maxBytes
    ) internal pure returns (ByteRange memory contents, uint256 magnitude) {
        (contents.start, contents.end) = element(data, offset, limit, INTEGER);
        magnitude = contents.start;
        uint256 length = contents.end - contents.start;
        if (length == 0 || uint8(data[magnitude]) >= 0x80) revert IAttestationErrors.DerInvalid(offset);
        if (length > 1 && data[magnitude] == 0) {
            ++magnitude;
            if (uint8(data[magnitude]) < 0x80) revert IAttestationErrors.DerInvalid(offset);
        }
        if (contents.end - magnitude > maxBytes) revert IAttestationErrors.DerInvalid(offset);
    }

    /// @notice A UTCTime or GeneralizedTime in whole seconds, from 1970 on.
    /// @return timestamp Unix seconds.
    function time(
        bytes calldata data,
        uint256 offset,
        uint256 limit
    ) internal pure returns (uint64 timestamp, uint256 next) {
        bool isGeneral = offset < limit && uint8(data[offset]) == GENERALIZED_TIME;
        uint256 start;
        (start, next) = element(data, offset, limit, isGeneral ? GENERALIZED_TIME : UTC_TIME);
        if (next - start != (isGeneral ? GENERALIZED_TIME_BYTES : UTC_TIME_BYTES) || data[next - 1] != "Z") {
            revert IAttestationErrors.DerInvalid(offset);
        }

        CalendarTime memory date;
        date.year = _twoDigits(data, start);
        if (isGeneral) {
            start += 2;
            date.year = 100 * date.year + _twoDigits(data, start);
        } else {
            date.year += date.year < 50 ? 2000 : 1900;
        }
        date.month = _twoDigits(data, start + 2);
        date.day = _twoDigits(data, start + 4);
        date.hour = _twoDigits(data, start + 6);
        date.minute = _twoDigits(data, start + 8);
        date.second = _twoDigits(data, start + 10);
        if (!Calendar.exists(date)) revert IAttestationErrors.DerInvalid(offset);
        // A year of four digits is below 2^38 seconds.
        timestamp = uint64(Calendar.timestampOf(date));
    }

    function _twoDigits(bytes calldata data, uint256 offset) private pure returns (uint256) {
        return 10 * _digit(data, offset) + _digit(data, offset + 1);
    }

    function _digit(bytes calldata data, uint256 offset) private pure returns (uint256) {
        uint8 character = uint8(data[offset]);
        if (character < 0x30 || character > 0x39) revert IAttestationErrors.DerInvalid(offset);
        return character - 0x30;
    }
}
