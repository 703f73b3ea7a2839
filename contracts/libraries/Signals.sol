// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { TAG_R } from "../types/Constants.sol";
import { IoSpecLib } from "../types/IoSpec.sol";
import { Bn254 } from "./Bn254.sol";

/// @title  Signals
/// @notice Rebuilds the public signals of a proof from the bytes of input and output; only `c` comes with the proof.
///
///   words    whole elements, big-endian, at most 31 bytes; signed elements with the sign bit flipped (offset binary);
///            the last word is filled with elements of value 0 before the flip
///   packed   at most four words: [output words, input words, bind]
///   bound    more: [c, e, r, bind] over w = input words, output words, where c is a commitment that the circuit
///            makes to w, r = keccak256(abi.encode(TAG_R, vkHash, c, w)) mod p and e = Σ w_i·r^i mod p.
///            r is fixed only after c, so nobody finds other words with the same e.
///
/// @dev test/vectors/words.json pins it for every language.
library Signals {
    using IoSpecLib for uint256;

    /// @notice What signals are rebuilt from, besides the bytes of input and output.
    struct Parts {
        uint256 ioSpec;
        bytes32 vkHash; // only bound signals depend on it
        uint256 bind; // what the proof is bound to, below 2^253
        uint256 c; // the circuit's commitment to its words; ignored when packed
    }

    /// @dev Bytes of abi.encode(TAG_R, vkHash, c, words) in front of the length of words.
    uint256 private constant HEADER_BYTES = 0x80;

    /// @dev The top bit of every element of a full word, by element size in bytes.
    uint256 private constant FLIP_1 = 0x80808080808080808080808080808080808080808080808080808080808080;
    uint256 private constant FLIP_2 = 0x800080008000800080008000800080008000800080008000800080008000;
    uint256 private constant FLIP_4 = 0x80000000800000008000000080000000800000008000000080000000;
    uint256 private constant FLIP_8 = 0x800000000000000080000000000000008000000000000000;

    /// @notice The public signals of one inference. Input and output must have exactly the lengths of the ioSpec.
    function rebuild(
        Parts memory parts,
        bytes calldata input,
        bytes calldata output
    ) internal pure returns (uint256[] memory signals) {
        return _arrange(parts, _wordsOf(parts, input, output));
    }

    /// @notice The public signals of the same inference with the lowest bit of the first output element changed.
    function rebuildFlipped(
        Parts memory parts,
        bytes calldata input,
        bytes calldata output
    ) internal pure returns (uint256[] memory signals) {
        uint256[] memory words = _wordsOf(parts, input, output);
        uint256 side = parts.ioSpec.outputOf();
        uint256 lowestBit = 8 * (side.wordBytes() - side.sizeOf());
        words[parts.ioSpec.inputOf().wordCount()] ^= 1 << lowestBit;
        return _arrange(parts, words);
    }

    /// @dev Signals in the circuit's order; `words` must come from `_wordsOf`.
    function _arrange(Parts memory parts, uint256[] memory words) private pure returns (uint256[] memory signals) {
        uint256 count = words.length;
        if (count > IoSpecLib.MAX_PACKED_WORDS) {
            uint256 r = _challenge(words);
            signals = new uint256[](4);
            (signals[0], signals[1], signals[2], signals[3]) = (parts.c, _evaluate(words, r), r, parts.bind);
            return signals;
        }

        uint256 inputs = parts.ioSpec.inputOf().wordCount();
        signals = new uint256[](count + 1);
        for (uint256 i; i < count; ++i) signals[i] = words[i < count - inputs ? inputs + i : i - (count - inputs)];
        signals[count] = parts.bind;
    }

    /// @dev Input words, output words, lying in memory as the tail of abi.encode(TAG_R, vkHash, c, words), so that
    /// `_challenge` hashes them where they are.
    function _wordsOf(
        Parts memory parts,
        bytes calldata input,
        bytes calldata output
    ) private pure returns (uint256[] memory words) {
        bytes32 tag = TAG_R;
        bytes32 vkHash = parts.vkHash;
        uint256 c = parts.c;
        uint256 count = parts.ioSpec.wordCounts();
        // count < 2^34, and the caller has checked that the calldata holds that many words: no overflow.
        assembly ("memory-safe") {
            let header := mload(0x40)
            mstore(header, tag)
            mstore(add(header, 0x20), vkHash)
            mstore(add(header, 0x40), c)
            mstore(add(header, 0x60), HEADER_BYTES) // where the dynamic array starts
            words := add(header, HEADER_BYTES)
            mstore(words, count)
            mstore(0x40, add(words, shl(5, add(count, 1))))
        }
        uint256 next = _pack(input, parts.ioSpec.inputOf(), _firstOf(words));
        _pack(output, parts.ioSpec.outputOf(), next);
    }

    /// @dev r = keccak256(abi.encode(TAG_R, vkHash, c, words)) mod p; `words` must come from `_wordsOf`.
    function _challenge(uint256[] memory words) private pure returns (uint256 r) {
        uint256 order = Bn254.P;
        // Reads only what `_wordsOf` allocated.
        assembly ("memory-safe") {
            let length := add(HEADER_BYTES, shl(5, add(mload(words), 1)))
            r := mod(keccak256(sub(words, HEADER_BYTES), length), order)
        }
    }

    /// @dev e = Σ w_i·r^i mod p, from the last word down (Horner).
    function _evaluate(uint256[] memory words, uint256 r) private pure returns (uint256 e) {
        uint256 order = Bn254.P;
        // Reads the array only: `at` runs from its last word to its first.
        assembly ("memory-safe") {
            for {
                let at := add(words, shl(5, mload(words)))
            } gt(at, words) {
                at := sub(at, 0x20)
            } {
                e := addmod(mulmod(e, r, order), mload(at), order)
            }
        }
    }

    /// @dev Writes the words of one side from `to` on and returns where they end; the caller has allocated them.
    function _pack(bytes calldata data, uint256 side, uint256 to) private pure returns (uint256 end) {
        uint256 width = side.wordBytes();
        uint256 flip = side.isSigned() ? _flipOf(side.sizeOf()) : 0;
        // ceil(length / width) words, which is wordCount of a side whose bytes have their exact length.
        assembly ("memory-safe") {
            let unused := sub(256, shl(3, width))
            let from := data.offset
            let limit := add(from, data.length)
            end := to
            for {} lt(from, limit) {
                from := add(from, width)
            } {
                mstore(end, xor(shr(unused, calldataload(from)), flip))
                end := add(end, 0x20)
            }
            // The last word was read `excess` bits past the data: clear them below the flip.
            let excess := shl(3, sub(from, limit))
            if excess {
                let last := sub(end, 0x20)
                mstore(last, xor(shl(excess, shr(excess, xor(mload(last), flip))), flip))
            }
        }
    }

    /// @dev Sign bits of a full word.
    function _flipOf(uint256 size) private pure returns (uint256) {
        if (size == 1) return FLIP_1;
        if (size == 2) return FLIP_2;
        return size == 4 ? FLIP_4 : FLIP_8;
    }

    /// @dev Memory address of the first element.
    function _firstOf(uint256[] memory list) private pure returns (uint256 first) {
        assembly ("memory-safe") {
            first := add(list, 0x20)
        }
    }
}
