// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "../interfaces/IAttestationErrors.sol";

/// @title  Cbor
/// @notice Reads the part of CBOR that attestation documents use: unsigned integers, byte and text strings, arrays and
/// maps of known length, and null; lengths and numbers in shortest form only, maps of at most 32 entries without
/// repeated keys, containers at most 3 deep.
/// @dev Every reader checks against the end of `data` before it reads, so no index is ever out of bounds.
library Cbor {
    uint8 internal constant UNSIGNED = 0;
    uint8 internal constant BYTES = 2;
    uint8 internal constant TEXT = 3;
    uint8 internal constant ARRAY = 4;
    uint8 internal constant MAP = 5;
    uint8 internal constant NULL = 7;

    uint256 internal constant MAX_MAP_ENTRIES = 32;
    /// @dev The outermost container is 1 deep.
    uint256 internal constant MAX_DEPTH = 3;

    uint8 private constant NULL_BYTE = 0xf6;
    /// @dev The low 5 bits of the first byte: the number itself below 24, else 24..27 for 1, 2, 4 or 8 bytes of it.
    uint8 private constant ONE_BYTE_NUMBER = 24;
    uint8 private constant EIGHT_BYTE_NUMBER = 27;

    /// @notice The head of an item.
    /// @param depth How deep a container that starts here is.
    /// @return major  One of the constants above.
    /// @return number The integer, or how many bytes, items or entries follow; below 2^64.
    /// @return next   Where its contents start.
    function head(
        bytes calldata data,
        uint256 offset,
        uint256 depth
    ) internal pure returns (uint8 major, uint256 number, uint256 next) {
        if (offset >= data.length) revert IAttestationErrors.CborTruncated(offset);
        uint8 first = uint8(data[offset]);
        if (first == NULL_BYTE) return (NULL, 0, offset + 1);

        major = first >> 5;
        number = first & 0x1f;
        if (major == 1 || major > MAP || number > EIGHT_BYTE_NUMBER) revert IAttestationErrors.CborInvalid(offset);
        next = offset + 1;
        if (number >= ONE_BYTE_NUMBER) (number, next) = _longNumber(data, offset, 1 << (number - ONE_BYTE_NUMBER));
        if (major == MAP && number > MAX_MAP_ENTRIES) revert IAttestationErrors.CborInvalid(offset);
        if (major >= ARRAY && depth > MAX_DEPTH) revert IAttestationErrors.CborInvalid(offset);
    }

    /// @notice End of the contents of a string.
    /// @param start Where they start, not beyond the end of `data`.
    function stringEnd(bytes calldata data, uint256 start, uint256 length) internal pure returns (uint256 end) {
        end = start + length;
        if (end > data.length) revert IAttestationErrors.CborTruncated(start);
    }

    /// @notice End of the item at `offset`, whatever it is.
    /// @param depth How deep a container that starts here is.
    function skip(bytes calldata data, uint256 offset, uint256 depth) internal pure returns (uint256 next) {
        uint8 major;
        uint256 number;
        (major, number, next) = head(data, offset, depth);
        if (major == BYTES || major == TEXT) return stringEnd(data, next, number);
        if (major == MAP) return _skipEntries(data, next, number, depth + 1);
        if (major == ARRAY) {
            // Every item has at least one byte, so this ends at the end of the data at the latest.
            for (uint256 i; i < number; ++i) next = skip(data, next, depth + 1);
        }
    }

    /// @notice Keeps a key of a map, which must not be there yet.
    /// @param seen  Keys so far; room for all of them.
    /// @param count How many there are.
    function keep(bytes32[] memory seen, uint256 count, bytes32 key, uint256 offset) internal pure {
        for (uint256 i; i < count; ++i) {
            if (seen[i] == key) revert IAttestationErrors.CborDuplicateKey(offset);
        }
        seen[count] = key;
    }

    function _skipEntries(
        bytes calldata data,
        uint256 offset,
        uint256 count,
        uint256 depth
    ) private pure returns (uint256 next) {
        bytes32[] memory seen = new bytes32[](count);
        next = offset;
        for (uint256 i; i < count; ++i) {
            uint256 keyStart = next;
            uint8 major;
            uint256 number;
            (major, number, next) = head(data, keyStart, depth);
            if (major != TEXT && major != UNSIGNED) revert IAttestationErrors.CborInvalid(keyStart);
            if (major == TEXT) next = stringEnd(data, next, number);
            // The whole encoding is compared; as only the shortest is read, equal keys have equal ones.
            keep(seen, i, keccak256(data[keyStart:next]), keyStart);
            next = skip(data, next, depth);
        }
    }

    /// @dev The number of `size` bytes after the byte at `offset`. It must need them: at least 24 for one byte, and not fit
    /// half of them otherwise.
    function _longNumber(
        bytes calldata data,
        uint256 offset,
        uint256 size
    ) private pure returns (uint256 number, uint256 next) {
        next = offset + 1 + size;
        if (next > data.length) revert IAttestationErrors.CborTruncated(offset);
        number = uint256(bytes32(data[offset + 1:next])) >> (256 - 8 * size);
        if (number < (size == 1 ? ONE_BYTE_NUMBER : 1 << (4 * size))) revert IAttestationErrors.CborNotMinimal(offset);
    }
}
