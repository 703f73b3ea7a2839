// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  Sha384
/// @notice SHA-384 (FIPS 180-4), which the EVM has no precompile for.
interface ISha384 {
    /// @notice The SHA-384 hash of `message`.
    /// @param message Any number of bytes; gas grows by about 21 thousand for every 128 of them.
    /// @return hi Upper 128 bits of the hash.
    /// @return lo Lower 256 bits of the hash.
    function sha384(bytes calldata message) external pure returns (uint256 hi, uint256 lo);
}
