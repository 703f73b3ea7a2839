// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  IoSpecLib
/// @notice Element types and counts of a model version, in one word, from the low end:
///
///   version 1 (8 bits), then for input and for output:
///   ONNX data type (8), significant bits (8), mode 0 public / 1 committed (8), element count (32)
///
/// @dev A `side` is the 56 bits of input or output. A word for circuits holds `floor(31 / size)` whole elements.
/// `offchain/protocol/ioSpec.ts` has the same table; test/vectors/words.json pins both.
library IoSpecLib {
    uint256 internal constant VERSION = 1;
    /// @dev Up to this many words become public signals one by one; more are bound by (c, e, r).
    uint256 internal constant MAX_PACKED_WORDS = 4;

    uint256 private constant SIDE = (1 << 56) - 1;
    uint256 private constant INPUT_MODE_AT = 24;
    uint256 private constant OUTPUT_MODE_AT = 80;
    /// @dev Bytes per element, one nibble per ONNX data type from the low end; 0 = no fixed size, so not usable.
    /// FLOAT 1, UINT8 2, INT8 3, UINT16 4, INT16 5, INT32 6, INT64 7, BOOL 9, FLOAT16 10, DOUBLE 11, UINT32 12,
    /// UINT64 13, BFLOAT16 16.
    uint256 private constant SIZES = 0x20084821084221140;
    /// @dev One bit per ONNX data type: INT8, INT16, INT32, INT64.
    uint256 private constant SIGNED = (1 << 3) | (1 << 5) | (1 << 6) | (1 << 7);
    /// @dev One bit per ONNX data type that words for circuits exist for: integers, BOOL, and FLOAT by its raw bits.
    uint256 private constant PROVABLE = SIGNED | (1 << 1) | (1 << 2) | (1 << 4) | (1 << 9) | (1 << 12) | (1 << 13);

    /// @notice Whether the word is well-formed: version, known types, significant bits within the type, known modes,
    /// at least one element on each side, nothing above.
    function isCanonical(uint256 spec) internal pure returns (bool) {
        return spec & 0xff == VERSION && spec >> 120 == 0 && _isSound(inputOf(spec)) && _isSound(outputOf(spec));
    }

    /// @notice Whether a key can be registered for it: both sides of a type that words exist for.
    function isProvable(uint256 spec) internal pure returns (bool) {
        return isCanonical(spec) && _isProvable(inputOf(spec)) && _isProvable(outputOf(spec));
    }

    /// @notice Whether a side's bytes stay private and only a commitment is public.
    function isCommitted(uint256 side) internal pure returns (bool) {
        return (side >> 16) & 0xff != 0;
    }

    /// @notice How many sides are committed: 0, 1 or 2. Only for a canonical word.
    function committedSides(uint256 spec) internal pure returns (uint256) {
        // Modes are 0 or 1.
        unchecked {
            return ((spec >> INPUT_MODE_AT) & 1) + ((spec >> OUTPUT_MODE_AT) & 1);
        }
    }

    /// @notice The 56 bits that describe the input.
    function inputOf(uint256 spec) internal pure returns (uint256) {
        return (spec >> 8) & SIDE;
    }

    /// @notice The 56 bits that describe the output.
    function outputOf(uint256 spec) internal pure returns (uint256) {
        return (spec >> 64) & SIDE;
    }

    /// @notice ONNX data type of a side.
    function dtypeOf(uint256 side) internal pure returns (uint256) {
        return side & 0xff;
    }

    /// @notice Number of elements of a side.
    function countOf(uint256 side) internal pure returns (uint256) {
        return side >> 24;
    }

    /// @notice Bytes per element of a side: 1, 2, 4 or 8; 0 for an unknown type.
    function sizeOf(uint256 side) internal pure returns (uint256) {
        return (SIZES >> ((side & 0xff) << 2)) & 0xf;
    }

    /// @notice Whether elements are two's complement, so that words hold them in offset binary.
    function isSigned(uint256 side) internal pure returns (bool) {
        return (SIGNED >> (side & 0xff)) & 1 != 0;
    }

    /// @notice Bytes of a side in an answer: its canonical encoding, or none when it is committed.
    function byteLength(uint256 side) internal pure returns (uint256) {
        if (isCommitted(side)) return 0;
        // Below 2^32 elements of at most 8 bytes.
        unchecked {
            return countOf(side) * sizeOf(side);
        }
    }

    /// @notice Bytes of elements that one word holds: floor(31 / size) * size. Only for a side of known type.
    function wordBytes(uint256 side) internal pure returns (uint256) {
        // size divides 32, so the most whole elements in 31 bytes are one fewer than in 32.
        unchecked {
            return 32 - sizeOf(side);
        }
    }

    /// @notice Public words of a side: none when it is committed. Only for a side of known type.
    function wordCount(uint256 side) internal pure returns (uint256) {
        // byteLength < 2^36, wordBytes >= 24.
        unchecked {
            uint256 width = wordBytes(side);
            return (byteLength(side) + width - 1) / width;
        }
    }

    /// @notice Public words of input and output together.
    function wordCounts(uint256 spec) internal pure returns (uint256) {
        // Both below 2^32.
        unchecked {
            return wordCount(inputOf(spec)) + wordCount(outputOf(spec));
        }
    }

    /// @notice Whether the words are bound by (c, e, r) instead of being signals themselves.
    function isBound(uint256 spec) internal pure returns (bool) {
        return wordCounts(spec) > MAX_PACKED_WORDS;
    }

    /// @notice Public signals of a key for this spec: every word and bind, or (c, e, r, bind); and one for each
    /// committed side.
    function signalCount(uint256 spec) internal pure returns (uint256) {
        uint256 words = wordCounts(spec);
        return committedSides(spec) + (words > MAX_PACKED_WORDS ? 4 : words + 1);
    }

    /// @dev Significant bits lie in 1..8 * size, which also refuses types without a size.
    function _isSound(uint256 side) private pure returns (bool) {
        uint256 bits = (side >> 8) & 0xff;
        return bits != 0 && bits <= 8 * sizeOf(side) && (side >> 16) & 0xff <= 1 && countOf(side) != 0;
    }

    function _isProvable(uint256 side) private pure returns (bool) {
        return (PROVABLE >> dtypeOf(side)) & 1 != 0;
    }
}
