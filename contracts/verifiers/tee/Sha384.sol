// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISha384 } from "../../interfaces/ISha384.sol";
import { Sha384Digest } from "../../libraries/Sha384Digest.sol";

/// @title  Sha384
/// @notice The hash alone, because its 16 kilobytes of code fit into no contract beside others.
contract Sha384 is ISha384 {
    /// @inheritdoc ISha384
    function sha384(bytes calldata message) external pure returns (uint256 hi, uint256 lo) {
        return Sha384Digest.hash(message);
    }
}
