// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @dev Folds a fuzzed number into [low, high], both inclusive; every value of the range can come out.
function bound(uint256 value, uint256 low, uint256 high) pure returns (uint256) {
    return low + (value % (high - low + 1));
}
