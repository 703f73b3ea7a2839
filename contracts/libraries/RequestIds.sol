// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Terms } from "../interfaces/IInferenceHub.sol";
import { TAG_REQUEST_HUB, TAG_REQUEST_PULL } from "../types/Constants.sol";

/// @title  RequestIds
/// @notice How a requestId commits to everything that its requester fixed; test/vectors pins it for every language.
library RequestIds {
    /// @dev Where abi.encode puts the list of executors: behind the twelve words of Terms' head.
    uint256 private constant HEAD_BYTES = 0x180;

    /// @notice Id of a request made by `requester` to `hub` on this chain.
    function hubId(address hub, address requester, bytes32 salt, Terms calldata terms) internal view returns (bytes32) {
        return keccak256(abi.encode(TAG_REQUEST_HUB, block.chainid, hub, requester, salt, termsHash(terms)));
    }

    /// @notice Id of an inference that `consumer` checks synchronously at `gate` under a salt it issued.
    function pullId(address gate, address consumer, bytes32 salt) internal view returns (bytes32) {
        return keccak256(abi.encode(TAG_REQUEST_PULL, block.chainid, gate, consumer, salt));
    }

    /// @notice keccak256(abi.encode(terms)).
    /// @dev Calldata in the usual form holds these bytes already, one offset word short, and hashing them in place
    /// saves a thousand gas in every call. Dirty upper bits are hashed as they are: no request has such an id, because
    /// `request` decodes every term. Calldata in another form takes the long way.
    function termsHash(Terms calldata terms) internal pure returns (bytes32 hash) {
        address[] calldata executors = terms.executors;
        bool usual;
        // Memory-safe: writes above the free memory pointer only, and what lies there is not used again. In bounds:
        // reading terms.executors has checked that the list, which ends these bytes, ends within calldata.
        assembly ("memory-safe") {
            usual := eq(executors.offset, add(terms, add(HEAD_BYTES, 0x20)))
            if usual {
                let size := add(add(HEAD_BYTES, 0x20), shl(5, executors.length))
                let start := mload(0x40)
                mstore(start, 0x20)
                calldatacopy(add(start, 0x20), terms, size)
                hash := keccak256(start, add(size, 0x20))
            }
        }
        if (!usual) return keccak256(abi.encode(terms));
    }
}
