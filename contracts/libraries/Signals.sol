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
///   committed  a side without words; its hash is one signal in front of bind, the input's first
///
/// @dev test/vectors/words.json pins it for every language.
library Signals {
    using IoSpecLib for uint256;

    /// @notice What signals are rebuilt from, besides the bytes of input and output.
    struct Parts {
        uint256 ioSpec;
        bytes32 vkHash; // only bound signals depend on it
        uint256 bind; // what the proof is bound to, below 2^253
        uint256 c; // the circuit's commitment to its public words; ignored when packed
        bytes32 inputHash; // of a committed input; ignored when the input is public
        bytes32 outputHash; // of a committed output; ignored when the output is public
    }

    /// @dev Bytes of abi.encode(TAG_R, vkHash, c, words) in front of the length of words.
    uint256 private constant HEADER_BYTES = 0x80;

    /// @dev The top bit of every element of a full word, by element size in bytes.
    uint256 private constant FLIP_1 = 0x80808080808080808080808080808080808080808080808080808080808080;
    uint256 private constant FLIP_2 = 0x800080008000800080008000800080008000800080008000800080008000;
    uint256 private constant FLIP_4 = 0x80000000800000008000000080000000800000008000000080000000;
    uint256 private constant FLIP_8 = 0x800000000000000080000000000000008000000000000000;

    /// @notice The public signals of one inference. Input and output must have exactly the lengths of the ioSpec: none
    /// for a committed side.
    function rebuild(
        Parts memory parts,
        bytes calldata input,
        bytes calldata output
    ) internal pure returns (uint256[] memory signals) {
        (uint256[] memory words, uint256 inputs) = _wordsOf(parts, input, output);
        return _arrange(parts, words, inputs);
    }

    /// @notice The public signals of the same inference with another output: the lowest bit of its first element
    /// changed, or the next commitment in the field.
    function rebuildFlipped(
        Parts memory parts,
        bytes calldata input,
        bytes calldata output
    ) internal pure returns (uint256[] memory signals) {
        (uint256[] memory words, uint256 inputs) = _wordsOf(parts, input, output);
        uint256 side = parts.ioSpec.outputOf();
        bool committed = side.isCommitted();
        if (!committed) words[inputs] ^= 1 << (8 * (side.wordBytes() - side.sizeOf()));
        signals = _arrange(parts, words, inputs);
        // The output's hash stands right in front of bind.
        if (committed) signals[signals.length - 2] = addmod(signals[signals.length - 2], 1, Bn254.P);
    }

    /// @dev Signals in the circuit's order; `words` must come from `_wordsOf`.
    function _arrange(
        Parts memory parts,
        uint256[] memory words,
        uint256 inputs
    ) private pure returns (uint256[] memory signals) {
        signals = _publicOnly(parts, words, inputs);
        if (parts.ioSpec.committedSides() != 0) return _withHashes(parts, signals);
    }

    /// @dev The same signals with the hashes of committed sides in front of bind, which is the last.
    function _withHashes(Parts memory parts, uint256[] memory open) private pure returns (uint256[] memory signals) {
        signals = new uint256[](open.length + parts.ioSpec.committedSides());
        uint256 next = open.length - 1;
        for (uint256 i; i < next; ++i) signals[i] = open[i];
        if (parts.ioSpec.inputOf().isCommitted()) signals[next++] = uint256(parts.inputHash);
        if (parts.ioSpec.outputOf().isCommitted()) signals[next++] = uint256(parts.outputHash);
        signals[next] = parts.bind;
    }

    /// @dev Signals of the public sides and bind.
    function _publicOnly(
        Parts memory parts,
        uint256[] memory words,
        uint256 inputs
    ) private pure returns (uint256[] memory signals) {
        if (words.length > IoSpecLib.MAX_PACKED_WORDS) return _bound(parts, words);

        uint256 bind = parts.bind;
        // Allocates words.length + 1 elements: output words, input words, bind. inputs <= words.length <= 4.
        assembly ("memory-safe") {
            let count := mload(words)
            let first := add(words, 0x20)
            let inputBytes := shl(5, inputs)
            let outputBytes := shl(5, sub(count, inputs))
            signals := mload(0x40)
            mstore(signals, add(count, 1))
            let to := add(signals, 0x20)
            mcopy(to, add(first, inputBytes), outputBytes)
            to := add(to, outputBytes)
            mcopy(to, first, inputBytes)
            to := add(to, inputBytes)
            mstore(to, bind)
            mstore(0x40, add(to, 0x20))
        }
    }

    /// @dev [c, e, r, bind]
    function _bound(Parts memory parts, uint256[] memory words) private pure returns (uint256[] memory signals) {
        uint256 r = _challenge(words);
        signals = new uint256[](4);
        (signals[0], signals[1], signals[2], signals[3]) = (parts.c, _evaluate(words, r), r, parts.bind);
    }

    /// @dev Input words, output words, lying in memory as the tail of abi.encode(TAG_R, vkHash, c, words), so that
    /// `_challenge` hashes them where they are.
    /// @return words  All of them.
    /// @return inputs How many of them are of the input.
    function _wordsOf(
        Parts memory parts,
        bytes calldata input,
        bytes calldata output
    ) private pure returns (uint256[] memory words, uint256 inputs) {
        uint256 inputSide = parts.ioSpec.inputOf();
        uint256 outputSide = parts.ioSpec.outputOf();
        inputs = inputSide.wordCount();
        words = _allocate(parts, inputs + outputSide.wordCount());
        _pack(input, inputSide, words, 0);
        _pack(output, outputSide, words, inputs);
    }

    /// @dev The header of the preimage of r, and `count` words behind it, not yet written.
    function _allocate(Parts memory parts, uint256 count) private pure returns (uint256[] memory words) {
        (bytes32 tag, bytes32 vkHash, uint256 c) = (TAG_R, parts.vkHash, parts.c);
        // count < 2^33: no overflow. The caller writes every word before anything reads them.
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

    /// @dev Writes the words of one side into `words` from index `first` on.
    function _pack(bytes calldata data, uint256 side, uint256[] memory words, uint256 first) private pure {
        uint256 width = side.wordBytes();
        uint256 flip = side.isSigned() ? _flipOf(side.sizeOf()) : 0;
        // Writes ceil(data.length / width) words. The caller has checked that data has the byteLength of its side, so
        // these are its wordCount, for which `_allocate` made room.
        assembly ("memory-safe") {
            let unused := sub(256, shl(3, width))
            let from := data.offset
            let limit := add(from, data.length)
            let to := add(add(words, 0x20), shl(5, first))
            for {} lt(from, limit) {
                from := add(from, width)
            } {
                mstore(to, xor(shr(unused, calldataload(from)), flip))
                to := add(to, 0x20)
            }
            // The last word was read `excess` bits past the data: clear them below the flip.
            let excess := shl(3, sub(from, limit))
            if excess {
                let last := sub(to, 0x20)
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
}
