// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Sha512Block } from "./Sha512Block.sol";
import { Workspace } from "./Workspace.sol";

/// @title  Sha384Digest
/// @notice SHA-384 of bytes in calldata, block by block: memory does not grow with the message.
library Sha384Digest {
    uint256 private constant BLOCK_BYTES = 128;
    /// @dev Of the last block, the length of the message in bits takes 16 bytes and the bit behind the message one.
    uint256 private constant LAST_BLOCK_BYTES = 111;
    /// @dev Sha512Block.BLOCK and STATE: assembly takes no constant of another library.
    uint256 private constant BLOCK = 0x400;
    uint256 private constant STATE = 0x480;

    /// @notice The hash of `message` as its upper 128 and its lower 256 bits.
    function hash(bytes calldata message) internal pure returns (uint256 hi, uint256 lo) {
        Workspace.reserve(Sha512Block.WORKSPACE_END);
        _start();

        uint256 rest = message.length % BLOCK_BYTES;
        uint256 full = message.length - rest;
        for (uint256 from; from != full; from += BLOCK_BYTES) {
            _copy(message, from, BLOCK_BYTES);
            Sha512Block.compress();
        }

        _copy(message, full, rest);
        _mark(rest);
        if (rest > LAST_BLOCK_BYTES) {
            Sha512Block.compress();
            _copy(message, full, 0);
        }
        _writeLength(message.length);
        Sha512Block.compress();
        return _digest();
    }

    /// @dev The first state of FIPS 180-4, 5.3.4.
    function _start() private pure {
        _set(0, 0xcbbb9d5dc1059ed8);
        _set(1, 0x629a292a367cd507);
        _set(2, 0x9159015a3070dd17);
        _set(3, 0x152fecd8f70e5939);
        _set(4, 0x67332667ffc00b31);
        _set(5, 0x8eb44a8768581511);
        _set(6, 0xdb0c2e0d64f98fa7);
        _set(7, 0x47b5481dbefa4fa4);
    }

    /// @dev A word of the state; each is held twice, 64 bits apart.
    function _set(uint256 index, uint64 word) private pure {
        // index < 8; the workspace is reserved.
        assembly ("memory-safe") {
            mstore(add(STATE, shl(5, index)), or(word, shl(64, word)))
        }
    }

    /// @dev Makes the block `count` bytes of the message from `from` on, then zeros.
    function _copy(bytes calldata message, uint256 from, uint256 count) private pure {
        // count <= 128 and from + count <= message.length, which the ABI decoder has found to lie in the calldata.
        // Reading behind the calldata gives zeros.
        assembly ("memory-safe") {
            calldatacopy(BLOCK, calldatasize(), 128)
            calldatacopy(BLOCK, add(message.offset, from), count)
        }
    }

    /// @dev The bit behind the message.
    function _mark(uint256 rest) private pure {
        // rest < 128, so the byte is in the block.
        assembly ("memory-safe") {
            mstore8(add(BLOCK, rest), 0x80)
        }
    }

    /// @dev The length in bits, in the last 16 bytes of the block, which are 0.
    function _writeLength(uint256 count) private pure {
        // No message is near 2^125 bytes, so only the lowest 16 bytes of this word change.
        assembly ("memory-safe") {
            let last := add(BLOCK, 96)
            mstore(last, or(mload(last), shl(3, count)))
        }
    }

    /// @dev The first six words of the state.
    function _digest() private pure returns (uint256 hi, uint256 lo) {
        // The workspace is reserved. The upper copy of a word is cut off or shifted out, but for the words that
        // come lower: these are masked.
        assembly ("memory-safe") {
            function word(index) -> value {
                value := and(mload(add(STATE, shl(5, index))), 0xffffffffffffffff)
            }
            hi := or(shl(64, word(0)), word(1))
            lo := or(or(shl(192, word(2)), shl(128, word(3))), or(shl(64, word(4)), word(5)))
        }
    }
}
