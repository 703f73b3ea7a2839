// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  ClassOutput
/// @notice Reads the output of a model that ends in ArgMax: one non-negative integer.
library ClassOutput {
    /// @notice The output is not one integer of 1 to 32 bytes.
    error NotOneInteger(uint256 length);

    /// @notice The class that was chosen. Canonical tensors are big-endian, so every integer width reads alike.
    /// @param output Canonical bytes of one element.
    function classOf(bytes calldata output) internal pure returns (uint256) {
        if (output.length == 0 || output.length > 32) revert NotOneInteger(output.length);
        return uint256(bytes32(output)) >> (256 - 8 * output.length);
    }
}
