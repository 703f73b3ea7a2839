// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Terms } from "../interfaces/IInferenceHub.sol";
import { TAG_REQUEST_HUB, TAG_REQUEST_PULL } from "../types/Constants.sol";

/// @title  RequestIds
/// @notice How a requestId commits to everything that its requester fixed; test/vectors pins it for every language.
library RequestIds {
    /// @notice Id of a request made by `requester` to `hub` on this chain.
    function hubId(address hub, address requester, bytes32 salt, Terms calldata terms) internal view returns (bytes32) {
        bytes32 termsHash = keccak256(abi.encode(terms));
        return keccak256(abi.encode(TAG_REQUEST_HUB, block.chainid, hub, requester, salt, termsHash));
    }

    /// @notice Id of an inference that `consumer` checks synchronously at `gate` under a salt it issued.
    function pullId(address gate, address consumer, bytes32 salt) internal view returns (bytes32) {
        return keccak256(abi.encode(TAG_REQUEST_PULL, block.chainid, gate, consumer, salt));
    }
}
