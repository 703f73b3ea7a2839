// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { PolicyLib } from "../types/Policy.sol";

/// @notice One evaluation of a policy as a transaction of its own, to measure its gas.
contract PolicyMeter {
    /// @notice Whether the families present meet the policy.
    function satisfied(uint256 word, uint16 present) external pure returns (bool) {
        return PolicyLib.satisfied(word, present);
    }
}
