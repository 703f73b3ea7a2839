// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice Where something stands in a byte string: [start, end).
struct ByteRange {
    uint256 start;
    uint256 end;
}
